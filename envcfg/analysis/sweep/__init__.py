"""Tables about the runs of a sweep."""
