"""Finds the run of a tracking service that belongs to a recording, by when it ran."""

from collections.abc import Mapping
from typing import Final

from envcfg.core.errors import SourceError
from envcfg.history.history import History

_SLACK: Final = 60.0
_SOME: Final = 8


def of_run(history: History, spans: Mapping[str, tuple[float, float]], where: str, typed: str) -> str:
    """The id of the only run whose time overlaps with the recording.

    *spans* has the first and the last time of each run. Raises `SourceError` if there is none, or more than one.
    """
    begun, ended = _span(history)
    found = [name for name, (first, last) in spans.items() if first <= ended + _SLACK and last >= begun - _SLACK]
    if len(found) == 1:
        return found[0]
    if not found:
        raise SourceError(f"{where} has no run of the time of {history.run}; it has {len(spans):,} others")
    some = ", ".join(f"{typed}{name}" for name in sorted(found)[:_SOME])
    raise SourceError(f"{where} has {len(found):,} runs of the time of {history.run}: give one of {some} as metrics")


def _span(history: History) -> tuple[float, float]:
    times = [adoption.record.time for adoption in (*history.adoptions[:1], *history.adoptions[-1:])]
    times += [end.time for end in history.epochs[-1:]]
    times += [span.begun for span in history.spans[:1]]
    times += [history.ending.time] if history.ending is not None else []
    return (min(times), max(times)) if times else (0.0, float("inf"))
