"""Figures about the effects of changes."""
