"""The clock of a run: one axis of environment steps, whatever counts them."""
