"""Answers as JSON and CSV documents."""
