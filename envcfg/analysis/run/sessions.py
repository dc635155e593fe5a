"""Sentences about the sessions of a run: restarts with other overrides, and other runs in the same folder."""

from collections.abc import Iterator, Sequence
from typing import Final

from envcfg.analysis.formatting import printable
from envcfg.core.record import Job
from envcfg.history.history import History
from envcfg.history.recording import OtherRun

_SOME: Final = 4
"""The most overrides that a sentence names."""


def restart_sentences(history: History) -> Iterator[str]:
    """A sentence for each session that has other overrides than the one before."""
    for number, (before, after) in enumerate(zip(history.jobs, history.jobs[1:], strict=False), start=2):
        if set(before.overrides) != set(after.overrides):
            yield f"Start {number:,} had other overrides than the one before: {_difference(before, after)}."


def other_sentences(history: History) -> Iterator[str]:
    """A sentence for each other run in the folder; those that wrote at the same time first."""
    for other in sorted(history.others, key=lambda other: not other.is_concurrent):
        yield two_writers_text(history, other) if other.is_concurrent else beside_text(other)


def two_writers_text(history: History, other: OtherRun) -> str:
    ours = history.jobs[-1].overrides if history.jobs else ()
    return (
        f"Two writers at once: this run ({_listed(ours)}) and {printable(other.where)} "
        f"({_listed(other.overrides)}) were recorded at the same time; neither counts in the other."
    )


def beside_text(other: OtherRun) -> str:
    return f"Another run was recorded beside this one: {printable(other.where)} ({_listed(other.overrides)})."


def _difference(before: Job, after: Job) -> str:
    new = [text for text in after.overrides if text not in before.overrides]
    gone = [text for text in before.overrides if text not in after.overrides]
    return f"{_listed(new)} instead of {_listed(gone)}"


def _listed(overrides: Sequence[str]) -> str:
    more = f" and {len(overrides) - _SOME:,} more" if len(overrides) > _SOME else ""
    return f"{printable(' '.join(overrides[:_SOME]))}{more}" if overrides else "no overrides"
