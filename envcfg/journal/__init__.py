"""The journal on disk: segments that are only appended to, then sealed, and that can be read even when damaged."""
