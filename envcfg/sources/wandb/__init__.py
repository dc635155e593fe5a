"""Runs and metrics from Weights & Biases: its server, and its files."""
