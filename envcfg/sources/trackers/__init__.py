"""Metrics in tracking services beside W&B: MLflow and Trackio."""
