"""What waits to be sent to a service. A worker thread sends it, because a service may answer late or not at all."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from envcfg.core.errors import EnvcfgError
from envcfg.sinks.wandb.uploads import Uploads

Item = TypeVar("Item")


class Outbox(Generic[Item]):
    """Sends items in order, never on the training thread. All that wait are sent together.

    Items that could not be sent are sent again with the next ones, if they are not too many.
    """

    def __init__(self, send: Callable[[list[Item]], None], *, most: int = 10_000) -> None:
        self._send = send
        self._most = most
        self._waiting: list[Item] = []
        self._lock = threading.Lock()
        self._uploads = Uploads()

    def add(self, item: Item) -> None:
        with self._lock:
            self._waiting.append(item)
            del self._waiting[: -self._most]
        self._uploads.submit(self._send_all)
        self._uploads.raise_error()

    def close(self, last: Callable[[], None], *, patience: float, what: str) -> None:
        """Send what waits, then do *last*. Raises `EnvcfgError` if this takes more than *patience* seconds."""

        def send_last() -> None:
            self._send_all()
            last()

        self._uploads.submit(send_last)
        if not self._uploads.wait(patience):
            raise EnvcfgError(f"{what} did not take everything within {patience:g} s; the journal is complete")
        self._uploads.raise_error()

    def _send_all(self) -> None:
        with self._lock:
            items, self._waiting = self._waiting, []
        if not items:
            return
        try:
            self._send(items)
        except Exception:
            with self._lock:
                self._waiting[:0] = items
            raise
