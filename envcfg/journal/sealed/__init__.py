"""The compact form of a finished segment."""
