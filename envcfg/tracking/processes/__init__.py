"""Support for a tracker in several processes: workers, forks and pickles."""
