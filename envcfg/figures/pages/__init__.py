"""The report: a page about a run or a sweep."""
