"""Joins the histories of a run that was resumed in other folders."""

from array import array
from bisect import bisect_left
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, chain
from math import inf

from envcfg.core.errors import SourceError
from envcfg.history.adoptions import Adoptions, Place, ordered
from envcfg.history.answers import explain
from envcfg.history.history import History
from envcfg.history.lives import Life
from envcfg.history.recording import Evaluation, Span
from envcfg.journal.columns import Columns
from envcfg.journal.sessions import ended_at, mixes_before, stands
from envcfg.sources.slot_lives import End, FoundLife, lives


def join(parts: Sequence[History]) -> History:
    """Join the histories of a run whose sessions are in several folders.

    The order of *parts* does not matter. The result has the name of the last part. If a part begins at a step that an
    earlier part had passed, the earlier part's later records are abandoned: they are kept, but not counted. Raises
    `SourceError` for no parts.

    Example: `join([load("runs/a"), load("runs/b")])`
    """
    if not parts:
        raise SourceError("there is nothing to join: pass at least one history")
    if len(parts) == 1:
        return parts[0]
    order = in_order(parts)
    last, starts, ends = order[-1], list(map(start, order)), _ends(order)
    cuts = [bisect_left(part.adoptions.columns.step, end) for part, end in zip(order, ends, strict=True)]
    train = _joined([Evaluation(part.adoptions, tuple(part.lives)) for part in order], starts, ends)
    evaluation = _joined([part.evaluation or Evaluation(Adoptions.of(()), ()) for part in order], starts, ends)
    requests = tuple(
        asked
        for part, end in zip(order, ends, strict=True)
        for asked in part.requests
        if stands(asked.request, end, [part.adoptions.columns])
    )
    configs = ChainMap(*(dict(part.configs) for part in reversed(order)))
    explain(train.adoptions, requests, configs)
    return replace(
        last,
        id=order[0].id,
        notes=tuple(chain.from_iterable(part.notes for part in order)),
        adoptions=train.adoptions,
        told_lives=train.lives,
        evaluation=evaluation if evaluation.adoptions else None,
        abandoned=_concatenated(
            [(part.abandoned, range(len(part.abandoned))) for part in order]
            + [(part.adoptions, range(cut, len(part.adoptions))) for part, cut in zip(order, cuts, strict=True)]
        ),
        configs=configs,
        requests=requests,
        mixes=tuple(
            mix
            for part, end in zip(order, ends, strict=True)
            for mix in mixes_before(part.mixes, end, ended_at(end, part.epochs, [part.adoptions.columns]))
        ),
        drawn=tuple(
            said
            for part, end in zip(order, ends, strict=True)
            for said in part.drawn
            if said.since < end and stands(said, end, [part.adoptions.columns])
        ),
        epochs=tuple(said for part, end in zip(order, ends, strict=True) for said in part.epochs if said.step <= end),
        phases=tuple(said for part, end in zip(order, ends, strict=True) for said in part.phases if said.step < end),
        spans=tuple(
            Span(span.begun, min(span.end, end)) for part, end in zip(order, ends, strict=True) for span in part.spans
        ),
        jobs=tuple(chain.from_iterable(part.jobs for part in order)),
        links=tuple(chain.from_iterable(part.links for part in order)),
        failures=tuple(chain.from_iterable(part.failures for part in order)),
        sessions=sum(part.sessions for part in order),
        losses=tuple(chain.from_iterable(part.losses for part in order)),
        logs=tuple(dict.fromkeys(chain.from_iterable(part.logs for part in order))),
        metrics=tuple(dict.fromkeys(chain.from_iterable(part.metrics for part in order))),
    )


def resumed(parts: Sequence[History]) -> list[list[History]]:
    """Group the journals of one W&B run: each with those that it resumed in another folder."""
    found: list[list[History]] = []
    for part in parts:
        before = next((group for group in reversed(found) if _resumes(part, group)), None)
        if before is None:
            found.append([part])
        else:
            before.append(part)
    return found


def _resumes(part: History, before: Sequence[History]) -> bool:
    """Whether a journal goes on with *before*, from another process and from a later step."""
    folders = {link.folder for link in part.links} - {None}
    is_beside = any(link.mode == "shared" or link.folder in folders for one in before for link in one.links)
    return not is_beside and start(part) > min(map(start, before))


def in_order(parts: Sequence[History]) -> list[History]:
    """Return *parts* in the order in which they ran, by their clocks.

    A part that begins later than another one has resumed something. So it is not the first, whatever its clock says.
    """
    by_clock = sorted(parts, key=_begun)
    first = min(by_clock, key=start)
    return [first, *(part for part in by_clock if part is not first)]


def start(part: History) -> float:
    """The first step of a history; infinity if it has none."""
    return inf if part.first_step is None else part.first_step


def _begun(part: History) -> float:
    return part.jobs[0].time if part.jobs else min(part.adoptions.columns.time, default=0.0) / 1000


def _ends(order: Sequence[History]) -> list[float]:
    """Return, for each part, the step at which a later part began. Records from this step on are abandoned."""
    ends: list[float] = []
    later = float("inf")
    for part in reversed(order):
        ends.append(later)
        later = min(later, start(part))
    return ends[::-1]


def _joined(parts: Sequence[Evaluation], starts: Sequence[float], ends: Sequence[float]) -> Evaluation:
    """Join the adoptions and the lives of several parts. Each counts up to its own end."""
    cuts = [bisect_left(part.adoptions.columns.step, end) for part, end in zip(parts, ends, strict=True)]
    pieces = [(part.adoptions, range(cut)) for part, cut in zip(parts, cuts, strict=True)]
    offsets = [0, *accumulate(cuts)]
    found = [
        FoundLife(life.place, str(number), offsets[number] + life.first, life.role, _end(life, cut), life.is_silent)
        for number, (part, cut) in enumerate(zip(parts, cuts, strict=True))
        for life in part.lives
        if life.first < cut
    ]
    sessions = {life.place.rank: [str(number) for number in range(len(parts))] for life in found}
    adoptions, positions = _ordered(pieces, [life.row for life in found])
    begun = {str(number): int(step) for number, step in enumerate(starts) if step != inf}
    return Evaluation(adoptions, lives(found, adoptions, positions, sessions, begun))


def _end(life: Life, cut: int) -> End | None:
    """The end of a life, if it is before the end of its part."""
    if life.ended is None or life.reason is None or life.stop > cut:
        return None
    return End(life.ended, inf, life.reason)


def _concatenated(pieces: Sequence[tuple[Adoptions, range]]) -> Adoptions:
    return _ordered(pieces, ())[0]


def _ordered(pieces: Sequence[tuple[Adoptions, range]], sought: Sequence[int]) -> tuple[Adoptions, Mapping[int, int]]:
    columns, place, places = Columns(), array("i"), dict[Place, int]()
    for adoptions, rows in pieces:
        positions = [places.setdefault(known, len(places)) for known in adoptions.places]
        columns.extend(adoptions.columns, rows)
        place.extend(positions[adoptions.place[row]] for row in rows)
    return ordered(columns, place, tuple(places), sought)
