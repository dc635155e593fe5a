"""A recorded run, read back from wherever it lies."""
