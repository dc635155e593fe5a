"""Queries on a recording, one file for each."""
