"""Panels and workspaces of Weights & Biases."""
