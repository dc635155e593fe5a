"""Converts any object that a trainer uses as a config to a snapshot that can be recorded."""
