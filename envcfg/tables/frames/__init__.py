"""One module for each data frame."""
