"""Runs on the W&B server and in offline folders, as a source."""
