"""Requested against effective, request by request: what was asked for, of whom, and after how long it was in force."""

from collections.abc import Iterator
from statistics import median
from typing import Final, NamedTuple

from envcfg.analysis.wording import printable, task_text, value_text
from envcfg.core.diff import Absent
from envcfg.core.path import dotted
from envcfg.core.record import Request
from envcfg.core.tree import Path, Tree, leaves
from envcfg.history.history import History
from envcfg.history.requests import Answer, NeverEffective

LEAVES: Final = 6
"""Leaves that the text of one request lists."""


class RequestRow(NamedTuple):
    """One request, and what became of it."""

    number: int
    request: Request
    asked: tuple[tuple[Path, Tree], ...]
    """The leaves that were asked for; none where only a task was, or where the journal lost them."""
    slots: int
    """How many it was made of."""
    effective: int
    superseded: int
    """How many were asked for something else before they had it."""
    waiting: int
    """How many never had it, until the end of the recording."""
    median_lag: float | None
    """Environment steps from the request to its effect, over the slots that came to it."""
    longest_lag: int | None


def request_rows(history: History) -> tuple[RequestRow, ...]:
    """A row for each request, in order of step."""
    by_number: dict[int, list[Answer]] = {}
    for answer in history.answers:
        by_number.setdefault(answer.number, []).append(answer)
    return tuple(
        _row(history, number, asked.request, by_number.get(number, []))
        for number, asked in enumerate(history.requests, 1)
    )


def _row(history: History, number: int, request: Request, own: list[Answer]) -> RequestRow:
    config = history.configs.get(request.config, {})
    lags = [answer.lag for answer in own if answer.lag is not None]
    states = [answer.state for answer in own]
    return RequestRow(
        number=number,
        request=request,
        asked=tuple(leaves(config)) if config else (),
        slots=len(own),
        effective=len(lags),
        superseded=states.count("superseded"),
        waiting=states.count("waiting"),
        median_lag=median(lags) if lags else None,
        longest_lag=max(lags, default=None),
    )


def asked_text(row: RequestRow) -> str:
    """`gravity = 20.0, length = 1.0`, or `task easy`."""
    said = [f"{printable(dotted(path))} = {value_text(value)}" for path, value in row.asked[:LEAVES]]
    said += [f"… and {len(row.asked) - LEAVES} more"] if len(row.asked) > LEAVES else []
    return ", ".join(said) or f"task {task_text(row.request.task)}"


def became_text(row: RequestRow) -> str:
    """`effective in 3 of 4 slots, lag 120 (longest 400); 1 never`"""
    lag = "" if row.median_lag is None else f", lag {row.median_lag:,.0f} steps (longest {row.longest_lag:,})"
    rest = [f"{row.superseded} superseded"] * bool(row.superseded) + [f"{row.waiting} never"] * bool(row.waiting)
    return f"effective in {row.effective} of {row.slots} slots{lag}" + "".join(f"; {part}" for part in rest)


def never_effective_text(ghost: NeverEffective) -> str:
    """`gravity never became effective: 20.0 was asked of 4 slots from step 900 on, a slot still runs 9.8`"""
    key, values = printable(dotted(ghost.path)), ", ".join(map(value_text, ghost.values[:3]))
    more = f" and {len(ghost.values) - 3} more values" if len(ghost.values) > 3 else ""
    asked = (
        f"{key} never became effective: {values}{more} was asked of {ghost.slots} slot{'s' * (ghost.slots != 1)} "
        f"from step {ghost.first_step:,} on"
    )
    if ghost.is_unknown:
        hint = "" if ghost.meant is None else f"; did you mean {printable(dotted(ghost.meant))}?"
        return f"{asked}, and no config that ran has such a key{hint}"
    return asked if isinstance(ghost.held, Absent) else f"{asked}, a slot still runs {value_text(ghost.held)}"


def requests_said(history: History) -> Iterator[str]:
    """What is to be said of the requests of a run, a sentence each; nothing where none were recorded."""
    if not history.requests:
        return
    states = [answer.state for answer in history.answers]
    effective, never = states.count("effective"), states.count("waiting")
    yield (
        f"{len(history.requests):,} request{'s' * (len(history.requests) != 1)}, made of slots {len(states):,} times: "
        f"{effective:,} effective, {states.count('superseded'):,} superseded, {never:,} never"
    )
    yield from map(never_effective_text, history.never_effective())
    unasked = history.unrequested()
    if unasked:
        keys = ", ".join(
            f"{printable(dotted(path))} ({count:,} times)" for path, count in list(unasked.items())[:LEAVES]
        )
        more = f" and {len(unasked) - LEAVES} more keys" if len(unasked) > LEAVES else ""
        yield f"adopted and never requested: {keys}{more}"
