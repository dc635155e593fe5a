"""Keeps exceptions of envcfg out of the training loop: failures are counted by cause, and each cause is shown once."""

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, TextIO, TypeAlias

from envcfg.core.code import Code, Coded, code_of
from envcfg.core.errors import EnvcfgError
from envcfg.core.record import Failure
from envcfg.tracking.redaction.secret_values import safe_text

_Cause: TypeAlias = tuple[str, Code, str]
"""What failures have in common: the place, the code, and the message without its numbers and quoted values."""
_VALUES: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[\d.,]*\d")
_MOST_CAUSES: Final = 50
"""Further causes at a place are counted together."""
_RECORD: Final = "record"
"""The place whose failures are compared with the number of all adoptions."""
_OTHERS: Final = "failures of further kinds"


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
        self._shown: set[tuple[Code, str]] = set()
        self._raised: BaseException | None = None
        """The exception that was counted and raised, with *strict*. An outer guard does not count it again."""
        self.successor: Guard | None = None
        """The guard that counts instead of this one, after the tracker moved to another process."""
        self.causes: dict[_Cause, Failure] = {}
        """The latest failure of each cause, with its count and the first message."""

    def __call__(self, where: str) -> "Guarded":
        return Guarded(self.caught, where)

    def note(self, where: str, sentence: Coded) -> None:
        """Count a failure. Show the first one of each cause. Report the 1st, 10th, 100th, ..."""
        if self.successor is not None:
            self.successor.note(where, sentence)
            return
        cause, message = self._cause(where, self._text(sentence), sentence.code)  # an error may quote a secret
        known = self.causes.get(cause)
        count = 1 if known is None else known.count + 1
        failure = Failure(where, known.message if known else message, count, self._clock(), sentence.code)
        self.causes[cause] = failure
        if known is None:
            self._show_first(where, message, cause)
        if str(count).strip("0") == "1":
            self._report(failure)

    def _cause(self, where: str, message: str, code: Code) -> tuple[_Cause, str]:
        """The cause of a failure, and its message."""
        cause = where, code, _VALUES.sub("#", message)
        if cause in self.causes or len(self.causes) < _MOST_CAUSES:
            return cause, message
        return (where, Code.UNKNOWN, _OTHERS), _OTHERS

    def _show_first(self, where: str, message: str, cause: _Cause) -> None:
        """Show a cause, unless it was shown of another place."""
        _, code, shape = cause
        if not self.is_strict and (code, shape) not in self._shown:
            self._show(f"envcfg: {where}: {message} (training goes on; shown once)\n")
        self._shown.add((code, shape))

    def show_counts(self, folder: object, kept: int) -> None:
        """Show how often each cause occurred, if any occurred more often than it was shown.

        *kept* is the number of adoptions that were counted, which no failure of `record` is among.
        """
        failed = [failure for failure in self.causes.values() if failure.count > 1]
        if failed and not self.is_strict:
            calls = kept + sum(failure.count for failure in self.causes.values() if failure.where == _RECORD)
            of = {_RECORD: f" of {calls:,}"}
            counts = ", ".join(
                f"{failure.where} {failure.count:,}{of.get(failure.where, '')} times ({failure.code})"
                for failure in failed
            )
            self._show(f"envcfg: not everything was recorded: {counts}; envcfg doctor {folder} says what to do\n")

    def raise_if_strict(self) -> None:
        """With *strict*, raise if anything failed, since the caller may have suppressed the exception."""
        if self.is_strict and self.causes:
            said = "; ".join(f"{failure.where}: {failure.message}" for failure in self.causes.values())
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
