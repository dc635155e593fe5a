"""Removes secrets before anything is written."""
