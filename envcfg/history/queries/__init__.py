"""Questions about a recording, one file for each."""
