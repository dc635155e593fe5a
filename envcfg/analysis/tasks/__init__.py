"""How tasks were used: shares, frequencies, mix and skill."""
