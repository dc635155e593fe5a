"""A recorded run as data, and queries on it."""
