"""Drawn by W&B itself: the panels of a workspace."""
