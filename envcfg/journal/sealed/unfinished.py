"""The locks of a journal, and the temporary file that a segment is sealed into.

If a process dies while it seals, its temporary file stays until `clear`.
"""

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO

_SUFFIX = ".partial"


def unfinished(sealed: Path) -> Path:
    """The path of the temporary file for *sealed*."""
    return sealed.with_name(sealed.name + _SUFFIX)


def claim(file: IO[bytes] | int) -> bool:
    """Lock *file* for this process until it is closed; False if another process has it, or locks are not available."""
    try:
        fcntl = import_module("fcntl")  # not available on Windows
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def release(file: int) -> None:
    """Give the lock back before *file* is closed. Otherwise it stays while a copy of the descriptor is open."""
    with suppress(ImportError, OSError):
        fcntl = import_module("fcntl")  # not available on Windows
        fcntl.flock(file, fcntl.LOCK_UN)


def is_claimed(path: Path) -> bool:
    """Whether another process has the lock of the file at *path*; False if that cannot be known."""
    try:
        fcntl = import_module("fcntl")  # not available on Windows
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (ImportError, OSError):
        return False
    return False


def clear(folder: Path, shard: str) -> None:
    """Remove the temporary files of *shard* that dead processes left.

    The files of live processes stay: another process may be sealing, after a fork or beside a restart.
    """
    for path in folder.glob(f"{shard}-*{_SUFFIX}"):
        with suppress(OSError), path.open("rb") as file:
            if claim(file):
                path.unlink()
