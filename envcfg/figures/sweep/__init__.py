"""Figures about the runs of a sweep."""
