"""A tracker in several processes: workers, forks and pickles."""
