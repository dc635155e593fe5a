"""Figures about what changes did."""
