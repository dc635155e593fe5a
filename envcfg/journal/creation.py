"""Creates the file of the next segment of a shard, and closes it."""

import os
from pathlib import Path

from envcfg.journal.folder import Segment, next_number
from envcfg.journal.sealed.unfinished import claim, release

_BINARY: int = getattr(os, "O_BINARY", 0)  # without it, Windows writes each newline as two bytes


def created(folder: Path, shard: str, number: int) -> tuple[int, int, Path]:
    """Create a segment that no other process has; returns its descriptor, its number and its path.

    *number* is the first number to try. If it is 0, the folder is listed for it, which takes long if many processes
    write there. Raises `OSError` if the file cannot be created.
    """
    number = number or next_number(folder, shard)
    while True:
        path = Segment(shard, number, is_sealed=False).path(folder)
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BINARY, 0o644)
        except FileExistsError:
            number += 1
            continue
        if Segment(shard, number, is_sealed=True).path(folder).exists():  # another process wrote and sealed it
            os.close(file)
            path.unlink()
            number += 1
            continue
        claim(file)  # so that another session sees that this one lives
        return file, number, path


def closed(file: int) -> None:
    """Close a segment, so that another session sees that this one has ended, also while a sync still uses a copy."""
    release(file)
    os.close(file)
