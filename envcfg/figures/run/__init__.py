"""Figures about one run."""
