"""Keeps exceptions of envcfg out of the training loop: failures are counted, and shown once."""

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TextIO

from envcfg.core.code import Coded, code_of
from envcfg.core.errors import EnvcfgError
from envcfg.core.record import Failure
from envcfg.tracking.redaction.secret_values import safe_text


class Guard:
    """`with guard("record"): ...` reports an `Exception` and suppresses it; with *strict* it reports and raises it."""

    def __init__(
        self,
        report: Callable[[Failure], None],
        *,
        clock: Callable[[], float],
        strict: bool = False,
        stderr: TextIO | None = None,
        text: Callable[[object], str] = safe_text,
    ) -> None:
        self._report = report
        self._clock = clock
        self.is_strict = strict
        self._stderr = stderr
        self._text = text
        self._counts: Counter[str] = Counter()
        self._shown: set[str] = set()
        self._raised: BaseException | None = None
        """The exception that was counted and raised, with *strict*. An outer guard does not count it again."""
        self.successor: Guard | None = None
        """The guard that counts instead of this one, after the tracker moved to another process."""
        self.latest: dict[str, Failure] = {}
        """The latest failure at each place, with its count."""

    def __call__(self, where: str) -> "Guarded":
        return Guarded(self.caught, where)

    def note(self, where: str, sentence: Coded) -> None:
        """Count a failure. Show the first one at each place, each message once. Report the 1st, 10th, 100th, ..."""
        if self.successor is not None:
            self.successor.note(where, sentence)
            return
        message = self._text(sentence)  # an error may quote a secret
        self._counts[where] += 1
        count = self._counts[where]
        failure = Failure(where, message, count, self._clock(), sentence.code)
        self.latest[where] = failure
        if count == 1 and message not in self._shown and not self.is_strict:
            self._show(f"envcfg: {where}: {message} (training goes on; shown once)\n")
        self._shown.add(message)
        if str(count).strip("0") == "1":
            self._report(failure)

    def raise_if_strict(self) -> None:
        """With *strict*, raise if anything failed, since the caller may have suppressed the exception."""
        if self.is_strict and self.latest:
            said = "; ".join(f"{failure.where}: {failure.message}" for failure in self.latest.values())
            raise EnvcfgError(f"not everything was recorded: {said}")

    def caught(self, where: str, error: BaseException) -> bool:
        if not isinstance(error, Exception) or error is self._raised:
            return False
        self.note(where, Coded(_sentence(error), code_of(error)))
        self._raised = error if self.is_strict else None
        return not self.is_strict

    def _show(self, line: str) -> None:
        stderr = self._stderr or sys.stderr
        with suppress(Exception):  # stderr may be closed, or on a full disk
            stderr.write(line)
            stderr.flush()


def _sentence(error: Exception) -> str:
    """The first line of an error's message; its type if it has no message, or if reading the message fails."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001  # a user's exception may raise anything
        lines = []
    if lines and not isinstance(error, LookupError):
        return lines[0]
    return ": ".join((type(error).__name__, *lines[:1]))  # the message of a KeyError is only the key


class Guarded:
    """A context manager that calls *caught* with an exception, which returns whether to suppress it."""

    def __init__(self, caught: Callable[[str, BaseException], bool], where: str) -> None:
        self._caught = caught
        self._where = where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return error is not None and self._caught(self._where, error)
