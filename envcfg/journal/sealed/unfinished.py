"""The file that a segment is sealed into: a process that dies meanwhile leaves it, and nobody else ever asks for it."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO

_SUFFIX = ".partial"


def unfinished(sealed: Path) -> Path:
    """Where *sealed* is written before it has its name."""
    return sealed.with_name(sealed.name + _SUFFIX)


def claim(file: IO[bytes]) -> bool:
    """Keep *file* for this process as long as it is open, or lives; False where another has it, or nothing can tell."""
    try:
        fcntl = import_module("fcntl")  # not on Windows
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def clear(folder: Path, shard: str) -> None:
    """Remove what dead processes left of *shard*; one that lives may be sealing, after a fork or beside a restart."""
    for path in folder.glob(f"{shard}-*{_SUFFIX}"):
        with suppress(OSError), path.open("rb") as file:
            if claim(file):
                path.unlink()
