"""Metrics in files that training programs write, such as TensorBoard's event files and CSV files."""
