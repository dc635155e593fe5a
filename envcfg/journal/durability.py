"""Lets what was written survive a power cut, on a thread of its own: the disk may take long to answer."""

import os
import threading
from contextlib import suppress
from pathlib import Path

sync_file = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class BackgroundSync:
    """Syncs an open file and its folder. A call while the one before still runs does nothing."""

    def __init__(self) -> None:
        self.thread: threading.Thread | None = None
        self._error: OSError | None = None
        self._copy: int | None = None
        """The descriptor that the thread syncs. The file may be closed meanwhile."""

    def start(self, file: int, folder: Path) -> None:
        """Begin to sync the open *file* and its *folder*. Raises the `OSError` of the sync before, if it failed."""
        if self.thread is not None and self.thread.is_alive():
            return
        error, self._error = self._error, None
        self._copy = os.dup(file)
        self.thread = threading.Thread(target=self._sync, args=(self._copy, folder), name="envcfg-sync", daemon=True)
        self.thread.start()
        if error is not None:
            raise error

    def _sync(self, file: int, folder: Path) -> None:
        try:
            sync_file(file)
            sync_folder(folder)
        except OSError as error:
            self._error = error
        finally:
            self._copy = None
            os.close(file)

    def disown(self) -> None:
        """In a forked child, which has no such thread: close its descriptor, or it keeps the lock of the segment."""
        copy, self._copy, self.thread = self._copy, None, None
        if copy is not None:
            with suppress(OSError):
                os.close(copy)


def sync_folder(folder: Path) -> None:
    """Let the names of new files survive a power cut. Does nothing where a folder cannot be synced, as on Windows."""
    with suppress(PermissionError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
