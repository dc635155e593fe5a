"""The basic values: config trees, their encoding and digest, edits, records and errors."""
