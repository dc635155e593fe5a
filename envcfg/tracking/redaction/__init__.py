"""Secrets are left out before anything is written."""
