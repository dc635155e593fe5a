"""Weights & Biases as a source: its server, its logs on a disk, its artifacts."""
