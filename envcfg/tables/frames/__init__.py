"""One data frame for each question."""
