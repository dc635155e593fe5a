"""The truth on disk: append-only segments, written once, sealed, and read back whatever became of them."""
