"""How a run used its tasks: shares, frequencies, task mix and skill."""
