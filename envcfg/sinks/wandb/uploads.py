"""A worker thread for uploads, which may block."""

import threading
from collections.abc import Callable


class Uploads:
    """Runs one upload at a time, never on the training thread."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []
        self._error: Exception | None = None
        self._condition = threading.Condition()
        self._is_running = False

    def submit(self, upload: Callable[[], None], *, replaces: bool = True) -> None:
        """Add an upload, and start a thread if none is running. With *replaces*, waiting uploads are not made."""
        with self._condition:
            self._waiting = [upload] if replaces else [*self._waiting, upload]
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._work, name="envcfg-uploads", daemon=True).start()

    def wait(self, timeout: float) -> bool:
        """Wait at most *timeout* seconds for all uploads. Return whether they have ended."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._is_running, timeout)

    @property
    def has_failed(self) -> bool:
        """Whether an upload failed and its error was not raised yet."""
        with self._condition:
            return self._error is not None

    def raise_error(self) -> None:
        """Raise the error of an upload that failed since the last call, if there is one."""
        with self._condition:
            error, self._error = self._error, None
        if error is not None:
            raise error

    def _work(self) -> None:
        while True:
            with self._condition:
                if not self._waiting:
                    self._is_running = False
                    self._condition.notify_all()
                    return
                upload = self._waiting.pop(0)
            try:
                upload()
            except Exception as error:  # noqa: BLE001  # the guard of the training thread counts and shows it
                with self._condition:
                    self._error = error
