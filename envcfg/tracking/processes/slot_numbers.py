"""The slot numbers of a rank that are in use. The processes of a run share them in a small file."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO

_FREE, _USED = b"\0", b"\1"


class SlotNumbers:
    """Gives out the lowest free number. *first* is the number that counts as 0.

    A process that made its tracker keeps the numbers in memory until `share`. Afterwards, and in workers, they are in
    a file of one byte for each number, which each call locks.
    """

    def __init__(self, folder: Path, session: str, *, role: str, first: int = 0, is_shared: bool = False) -> None:
        self._path = folder / f".{session}.{role}-slots"
        self._first = first
        self._used = bytearray()
        self._is_shared = is_shared

    def take(self) -> int:
        """The lowest free number. It is in use from now on."""
        return self._first + self._mark(None, _USED)

    def hold(self, number: int) -> None:
        """Note that *number* is in use."""
        self._mark(number - self._first, _USED)

    def free(self, number: int) -> None:
        """Note that *number* may be given out again."""
        self._mark(number - self._first, _FREE)

    def share(self) -> None:
        """Keep the numbers in the file from now on; raises `OSError` if it cannot be written."""
        if not self._is_shared:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(self._used)
            self._is_shared = True

    def end(self) -> None:
        """Remove the file."""
        if self._is_shared:
            with suppress(OSError):  # it may be gone already
                self._path.unlink()

    def _mark(self, number: int | None, state: bytes) -> int:
        if self._is_shared:
            with suppress(OSError), self._path.open("r+b") as file:
                _lock(file)
                content = bytearray(file.read())
                found = _marked(content, number, state)
                file.seek(0)
                file.write(content)
                return found
        return _marked(self._used, number, state)  # alone, or on another machine than the file


def _marked(content: bytearray, number: int | None, state: bytes) -> int:
    """Mark a number, or the lowest free one, in *content*. Return it."""
    found = (content + _FREE).index(_FREE) if number is None else number
    content.extend(_FREE * (found + 1 - len(content)))
    content[found : found + 1] = state
    return found


def _lock(file: IO[bytes]) -> None:
    """Lock *file* until it is closed, where the system has such locks."""
    with suppress(ImportError):
        fcntl = import_module("fcntl")  # not available on Windows
        fcntl.flock(file, fcntl.LOCK_EX)
