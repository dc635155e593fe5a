"""Repeats a recorded run, compares the rerun with the recording, and leaves out or alters single changes."""
