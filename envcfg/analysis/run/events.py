"""The events of a run that are no changes: where it went back to an earlier step, and an end that was not planned."""

from collections.abc import Iterator
from typing import NamedTuple

from envcfg.history.history import History


class Event(NamedTuple):
    """Something that happened to the training at a step."""

    step: float
    text: str
    is_end: bool = False


def events(history: History, first: float, last: float) -> Iterator[Event]:
    """The events from step *first* to step *last*."""
    steps = history.abandoned.columns.step
    if steps and first <= steps[0] <= last:
        yield Event(steps[0], f"went back from step {steps[-1]:,}")
    if history.status not in ("completed", "incomplete") and last >= history.last_step:
        yield Event(history.last_step, history.status, is_end=True)
