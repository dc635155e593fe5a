"""Records parameters that are drawn anew at each reset, as distributions."""
