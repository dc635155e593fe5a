"""The values everything else is made of: config trees, their encoding and digest, differences, records, errors."""
