"""Tables about one run."""
