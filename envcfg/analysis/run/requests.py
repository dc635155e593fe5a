"""Requested and effective: for each request, its values, its slots, and when it became effective."""

from collections.abc import Iterator
from statistics import median
from typing import Final, NamedTuple

from envcfg.analysis.formatting import count_text, printable, task_text, value_text, value_texts
from envcfg.core.diff import Absent, same
from envcfg.core.path import dotted
from envcfg.core.record import Request
from envcfg.core.tree import Path, Tree, leaves
from envcfg.history.answers import Answer
from envcfg.history.history import History
from envcfg.history.queries.requests import NeverEffective

LEAVES: Final = 6
"""The most leaves that the text of one request lists."""


class RequestRow(NamedTuple):
    """One request and its result."""

    number: int
    request: Request
    asked: tuple[tuple[Path, Tree], ...]
    """The requested leaves; empty if only a task was requested, or if the journal lost them."""
    slots: int
    """The number of slots that it asked."""
    effective: int
    superseded: int
    """The number of slots that got another request before this one was effective."""
    waiting: int
    """The number of slots in which it was not effective when the recording ended."""
    median_lag: float | None
    """Environment steps from the request until it was effective, over the slots in which it was."""
    longest_lag: int | None


def answers_of(history: History) -> dict[int, list[Answer]]:
    """The answers of all slots, by the number of the request."""
    by_number: dict[int, list[Answer]] = {}
    for answer in history.answers:
        by_number.setdefault(answer.number, []).append(answer)
    return by_number


def request_rows(history: History) -> tuple[RequestRow, ...]:
    """A row for each request, in order of step."""
    by_number = answers_of(history)
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
    """`effective in 3 of 4 slots, lag 120 steps (longest 400); 1 not yet`"""
    lag = "" if row.median_lag is None else f", lag {row.median_lag:,.0f} steps (longest {row.longest_lag:,})"
    rest = [f"{row.superseded} superseded"] * bool(row.superseded) + [f"{row.waiting} not yet"] * bool(row.waiting)
    return f"effective in {row.effective} of {row.slots} slots{lag}" + "".join(f"; {part}" for part in rest)


def answer_text(answer: Answer) -> str:
    """`slot 3: asked at step 300, effective at step 324, lag 24`"""
    place = answer.place
    where = f"rank {place.rank}, " * bool(place.rank) + f"worker {place.worker}, " * bool(place.worker)
    asked = f"{where}slot {place.slot}: asked at step {answer.requested_at:,}"
    if answer.effective_at is not None:
        return f"{asked}, effective at step {answer.effective_at:,}, lag {answer.lag:,}"
    return f"{asked}, {'not effective yet' if answer.state == 'waiting' else answer.state}"


def never_effective_text(ineffective: NeverEffective) -> str:
    """`gravity is not effective yet: 20.0 requested in 4 slots from step 900 on; at the end a slot used 9.8`"""
    slots = count_text(ineffective.slots, "slot")
    key, values = printable(dotted(ineffective.path)), ", ".join(value_texts(ineffective.values[:3]))
    more = f" and {len(ineffective.values) - 3} more values" if len(ineffective.values) > 3 else ""
    since = f"from step {ineffective.first_step:,} on"
    asked = f"{key} is not effective yet: {values}{more} requested in {slots} {since}"
    if ineffective.is_unknown:
        hint = "" if ineffective.meant is None else f"; did you mean {printable(dotted(ineffective.meant))}?"
        return f"{asked}; no config of the run has this key{hint}"
    if isinstance(ineffective.held, Absent):
        return asked
    if not isinstance(ineffective.before, Absent) and not same(ineffective.before, ineffective.held):
        return f"{asked}; it became {value_text(ineffective.held)} in a slot, and not what was asked"
    return f"{asked}; at the end a slot used {value_text(ineffective.held)}"


def request_sentences(history: History) -> Iterator[str]:
    """Sentences about the requests of a run; none if there were no requests."""
    if not history.requests:
        return
    states = [answer.state for answer in history.answers]
    effective, never = states.count("effective"), states.count("waiting")
    yield (
        f"{len(history.requests):,} request{'s' * (len(history.requests) != 1)} ({len(states):,} counted by slot): "
        f"{effective:,} effective, {states.count('superseded'):,} superseded, {never:,} not effective yet"
    )
    yield from map(never_effective_text, history.never_effective())
    said = unrequested_text(history)
    if said:
        yield said


def unrequested_text(history: History) -> str:
    """`adopted and never requested: length (3 times)`; empty if everything was requested, or nothing was."""
    unasked = history.unrequested()
    if not unasked:
        return ""
    shown = list(unasked.items())[:LEAVES]
    keys = ", ".join(f"{printable(dotted(path))} ({count_text(count, 'time')})" for path, count in shown)
    more = f" and {len(unasked) - LEAVES} more keys" if len(unasked) > LEAVES else ""
    return f"adopted and never requested: {keys}{more}"
