"""`envcfg log RUN`: what changed when, and why."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, TypeAlias

import typer

from envcfg.analysis.documents.answers import log_json
from envcfg.cli.change_lines import change_lines
from envcfg.cli.options import Format, Output, Params, Rank, Run, Slot, Worker, place
from envcfg.cli.printing import document, lines
from envcfg.core.diff import Edit
from envcfg.core.errors import SourceError
from envcfg.core.path import matches
from envcfg.core.selection import judged, told
from envcfg.history.adoptions import Place
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.history.queries.moments import Moment, moment
from envcfg.history.queries.selected import without_keys, without_place, without_task
from envcfg.sources.load import load

Entry: TypeAlias = tuple[Change, tuple[Edit, ...]]


def log(
    run: Run,
    *,
    since: Annotated[str, typer.Option(metavar="MOMENT", help="Only changes from this moment on.")] = "first",
    until: Annotated[str, typer.Option(metavar="MOMENT", help="Only changes up to this moment.")] = "last",
    param: Params = None,
    task: Annotated[str | None, typer.Option(metavar="NAME", help="Only changes to this task.")] = None,
    limit: Annotated[
        int | None, typer.Option("-n", "--limit", metavar="N", min=1, help="Only the last N changes.")
    ] = None,
    slot: Slot = None,
    rank: Rank = None,
    worker: Worker = None,
    output: Output = Format.TEXT,
) -> None:
    """Print every change in order: when it came, in which slots, what it changed, and why.

    Examples: [bold]envcfg log RUN[/] · [bold]envcfg log RUN --param max_steps[/] ·
    [bold]envcfg log RUN --since epoch:40 --slot 3[/]
    """
    history, wanted = load(run), place(slot, rank, worker)
    _check(history, param or (), task, wanted)
    newest_first = _newest_first(history, _between(history, since, until), param)
    chosen = (entry for entry in newest_first if _is_wanted(entry[0], task, wanted))
    entries = list(islice(chosen, limit))[::-1]
    if not entries:
        told(f"no change of run {history.run} passes all that was selected; what was selected exists")
    if output is Format.JSON:
        document(log_json(history, entries))
    else:
        lines(line for entry in entries for line in change_lines(*entry))


def _check(history: History, params: Sequence[str], task: str | None, wanted: Place | None) -> None:
    """Refuse what the run does not have; of several keys, warn of those."""
    unknown = without_keys(history, params)
    judged(unknown, is_anything_left=len(unknown) < len(set(params)))
    judged([] if task is None else without_task(history, task), is_anything_left=False)
    judged([] if wanted is None else without_place(history, wanted), is_anything_left=False)


def _between(history: History, since: str, until: str) -> range:
    """Positions of the transactions whose first adoption lies between the moments."""
    start, end = moment(history, since), moment(history, until)
    if history.adoptions:
        _check_order(history, start, end)
    first = bisect_left(history.changes, start.start, key=lambda found: found.row)
    last = bisect_left(history.changes, end.stop, key=lambda found: found.row)
    return range(first, last)


def _check_order(history: History, start: Moment, end: Moment) -> None:
    """Refuse two moments with nothing between them; a run that goes on is shown up to its last record."""
    if start.beyond:
        raise SourceError(start.beyond)
    if not end.stop:
        first = history.adoptions.columns.step[0]
        raise SourceError(f"--until is before the first record of run {history.run}, which is of step {first:,}")
    if start.start >= end.stop and start.step > end.step:
        raise SourceError(f"--since, step {start.step:,}, lies after --until, step {end.step:,}")
    if end.beyond:
        told(f"{end.beyond}: the changes up to there are shown")


def _newest_first(history: History, positions: range, params: list[str] | None) -> Iterator[Entry]:
    """Changes with their leaves; where *params* are given, those leaves only, and changes that touch one."""
    for position in reversed(positions):
        transaction = history.changes[position]
        changes = history.edits(transaction)
        if params is not None:
            changes = tuple(change for change in changes if any(matches(change.path, param) for param in params))
        if changes or params is None:
            yield transaction, changes


def _is_wanted(transaction: Change, task: str | None, wanted: Place | None) -> bool:
    return task in (None, transaction.task) and (wanted is None or wanted in transaction.places)
