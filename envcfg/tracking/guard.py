"""Training survives us: what fails in here is counted, shown once, and kept from the training loop."""

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TextIO

from envcfg.core.code import Coded, code_of
from envcfg.core.errors import EnvcfgError
from envcfg.core.record import Failure
from envcfg.tracking.redaction.secret_values import written


class Guard:
    """`with guard("record"): ...` swallows and reports an `Exception`; with *strict* it reports and lets it out."""

    def __init__(
        self,
        report: Callable[[Failure], None],
        *,
        clock: Callable[[], float],
        strict: bool = False,
        stderr: TextIO | None = None,
        text: Callable[[object], str] = written,
    ) -> None:
        self._report = report
        self._clock = clock
        self.is_strict = strict
        self._stderr = stderr
        self._text = text
        self._counts: Counter[str] = Counter()
        self._shown: set[str] = set()
        self._let_out: BaseException | None = None
        """What was counted and raised, with *strict*: a guard around this one does not count it again."""
        self.successor: Guard | None = None
        """Who counts instead, once the process is another one."""
        self.latest: dict[str, Failure] = {}
        """The latest failure at each place, with how often it failed there."""

    def __call__(self, where: str) -> "Guarded":
        return Guarded(self.caught, where)

    def note(self, where: str, sentence: Coded) -> None:
        """Count a failure; show the first at each place, a message once, and report the 1st, 10th, 100th..."""
        if self.successor is not None:
            self.successor.note(where, sentence)
            return
        message = self._text(sentence)  # an error may quote what it fell over
        self._counts[where] += 1
        count = self._counts[where]
        failure = Failure(where, message, count, self._clock(), sentence.code)
        self.latest[where] = failure
        if count == 1 and message not in self._shown and not self.is_strict:
            self._show(f"envcfg: {where}: {message} (training goes on; shown once)\n")
        self._shown.add(message)
        if str(count).strip("0") == "1":
            self._report(failure)

    def insist(self) -> None:
        """With *strict*, raise for what failed and was let out: whoever called may have swallowed it."""
        if self.is_strict and self.latest:
            said = "; ".join(f"{failure.where}: {failure.message}" for failure in self.latest.values())
            raise EnvcfgError(f"not everything was recorded: {said}")

    def caught(self, where: str, error: BaseException) -> bool:
        if not isinstance(error, Exception) or error is self._let_out:
            return False
        self.note(where, Coded(_sentence(error), code_of(error)))
        self._let_out = error if self.is_strict else None
        return not self.is_strict

    def _show(self, line: str) -> None:
        stderr = self._stderr or sys.stderr
        with suppress(Exception):  # it is closed, or on the disk that is full
            stderr.write(line)
            stderr.flush()


def _sentence(error: Exception) -> str:
    """The first line of what an error says, or what it is: its own text may be what fails."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001  # somebody else's
        lines = []
    if lines and not isinstance(error, LookupError):
        return lines[0]
    return ": ".join((type(error).__name__, *lines[:1]))  # a bare key says nothing


class Guarded:
    """Asks *caught* about what was raised inside of it: whether it stops here."""

    def __init__(self, caught: Callable[[str, BaseException], bool], where: str) -> None:
        self._caught = caught
        self._where = where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return error is not None and self._caught(self._where, error)
