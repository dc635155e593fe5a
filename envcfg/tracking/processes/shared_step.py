"""How far a run is: told by the process that trains, known in every process that its environments live in.

A worker sees only its own steps; its records are to say the trainer's. They lie in a small memory-mapped file
beside the journal, so that telling and reading them costs no system call and survives whichever process dies.
"""

import mmap
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

_FORM: Final = struct.Struct("=qq")
_NONE: Final = -1


class Reached(NamedTuple):
    """What the trainer told last."""

    step: int
    epoch: int | None


class SharedStep:
    """One step and one epoch that the processes of a session share, once the one that trains has shared them."""

    def __init__(self, folder: Path, session: str) -> None:
        self._path = folder / f".{session}.progress"
        self._shared: mmap.mmap | None = None

    def share(self, step: int, epoch: int | None) -> None:
        """From now on other processes can read what is told; raises `OSError` where no file can be made."""
        if self._shared is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(_form(step, epoch))
            self._shared = self._mapped()

    def tell(self, step: int, epoch: int | None) -> None:
        """Have every process of the session know; costs nothing as long as nothing is shared."""
        if self._shared is not None:
            self._shared[:] = _form(step, epoch)

    def read(self) -> Reached | None:
        """What was told last; None where nothing is shared, or the trainer is on another machine."""
        if self._shared is None:
            try:
                self._shared = self._mapped()
            except (OSError, ValueError):
                return None
        step, epoch = _FORM.unpack_from(self._shared)
        return Reached(step, None if epoch == _NONE else epoch)

    def end(self) -> None:
        """The run is over for the process that told; whoever reads on finds what was told last."""
        if self._shared is not None:
            self._shared = None
            with suppress(OSError):  # nobody reads it any more
                self._path.unlink()

    def _mapped(self) -> mmap.mmap:
        with self._path.open("r+b") as file:
            return mmap.mmap(file.fileno(), _FORM.size)


def _form(step: int, epoch: int | None) -> bytes:
    return _FORM.pack(step, _NONE if epoch is None else epoch)
