"""The clock of a run: one axis of environment steps, for every way of counting them."""
