"""The report: pages about a run or a sweep."""
