"""Any object that a trainer calls a config -> a config as it is recorded."""
