"""Thin leaves that connect the recorder to the frameworks people train with."""
