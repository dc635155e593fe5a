"""The same run again: as it was recorded, checked against the recording, or with one change left out."""
