"""Shares the current step of the trainer with the workers of a run.

A worker knows only its own steps, but its records need the step of the trainer. The step is in a small memory-mapped
file in the journal's folder. So reading and writing it takes no system call, and it survives the death of a process.
"""

import mmap
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

_FORM: Final = struct.Struct("=qq")
_NONE: Final = -1


class TrainerPosition(NamedTuple):
    """The step and the epoch that the trainer wrote last."""

    step: int
    epoch: int | None


class SharedStep:
    """One step and one epoch, written by the trainer and read by the workers of a session."""

    def __init__(self, folder: Path, session: str) -> None:
        self._path = folder / f".{session}.progress"
        self._shared: mmap.mmap | None = None

    def share(self, step: int, epoch: int | None) -> None:
        """Create the file, so that other processes can read it; raises `OSError` if that fails."""
        if self._shared is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(_form(step, epoch))
            self._shared = self._mapped()

    def write(self, step: int, epoch: int | None) -> None:
        """Write the step and epoch for the other processes; does nothing before `share`."""
        if self._shared is not None:
            self._shared[:] = _form(step, epoch)

    def read(self) -> TrainerPosition | None:
        """The latest step and epoch; None if nothing is shared, or if the trainer is on another machine."""
        if self._shared is None:
            try:
                self._shared = self._mapped()
            except (OSError, ValueError):
                return None
        step, epoch = _FORM.unpack_from(self._shared)
        return TrainerPosition(step, None if epoch == _NONE else epoch)

    def end(self) -> None:
        """Stop sharing. A process that has opened the file still reads the latest values."""
        if self._shared is not None:
            self._shared = None
            with suppress(OSError):  # it may be gone already
                self._path.unlink()

    def _mapped(self) -> mmap.mmap:
        with self._path.open("r+b") as file:
            return mmap.mmap(file.fileno(), _FORM.size)


def _form(step: int, epoch: int | None) -> bytes:
    return _FORM.pack(step, _NONE if epoch is None else epoch)
