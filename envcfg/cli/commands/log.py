"""`envcfg log RUN`: print the changes of a run, and their causes."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, TypeAlias

import typer
from rich.text import Text

from envcfg.analysis.documents.answers import log_json
from envcfg.analysis.run.draw_rows import draws_sentence
from envcfg.cli.change_lines import change_lines
from envcfg.cli.options import Format, Output, Params, Rank, Role, Run, Slot, WhichRole, Worker, loaded, place
from envcfg.cli.printing import document, lines
from envcfg.core.diff import Edit
from envcfg.core.errors import SourceError
from envcfg.core.path import matches
from envcfg.core.selection import warn, warn_or_raise
from envcfg.history.adoptions import Place
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.history.queries.moments import Moment, moment
from envcfg.history.queries.selected import without_keys, without_place, without_task

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
    role: Role = WhichRole.TRAIN,
    output: Output = Format.TEXT,
) -> None:
    """Print the initial config and every change in order: when it happened, in which slots, its edits, and why.

    Examples: [bold]envcfg log RUN[/] · [bold]envcfg log RUN --param max_steps[/] ·
    [bold]envcfg log RUN --since epoch:40 --slot 3[/]
    """
    history, wanted = loaded(run, role), place(slot, rank, worker)
    _check(history, param or (), task, wanted)
    newest_first = _newest_first(history, _between(history, since, until), param)
    chosen = (entry for entry in newest_first if _is_wanted(entry[0], task, wanted))
    entries = list(islice(chosen, limit))[::-1]
    if not entries:
        warn(f"no change of run {history.run} matches all the options together, but each option matches some change")
    if output is Format.JSON:
        document(log_json(history, entries))
    else:
        lines(line for entry in entries for line in change_lines(*entry, history.phases))
        drawn = draws_sentence(history)
        lines([Text(f"{drawn}; these are no changes (envcfg draws)")] if drawn else [])


def _check(history: History, params: Sequence[str], task: str | None, wanted: Place | None) -> None:
    """Raise an error if the run has none of what was selected. Warn about each unknown key otherwise."""
    unknown = without_keys(history, params)
    warn_or_raise(unknown, is_anything_left=len(unknown) < len(set(params)))
    warn_or_raise([] if task is None else without_task(history, task), is_anything_left=False)
    warn_or_raise([] if wanted is None else without_place(history, wanted), is_anything_left=False)


def _between(history: History, since: str, until: str) -> range:
    """Return the positions of the changes and initial configs whose first adoption lies between the moments."""
    start, end = moment(history, since), moment(history, until)
    if history.adoptions:
        _check_order(history, start, end)
    entries = history.changes.with_initial
    first = bisect_left(entries, start.start, key=lambda found: found.row)
    last = bisect_left(entries, end.stop, key=lambda found: found.row)
    return range(first, last)


def _check_order(history: History, start: Moment, end: Moment) -> None:
    """Raise an error if nothing lies between the moments. Warn if the end lies after the last record."""
    if start.beyond:
        raise SourceError(start.beyond)
    if not end.stop:
        first = history.adoptions.columns.step[0]
        record = f"the first record of run {history.run} (step {first:,})"
        raise SourceError(f"--until (step {end.step:,}) is before {record}")
    if start.start >= end.stop and start.step > end.step:
        raise SourceError(f"--since (step {start.step:,}) is after --until (step {end.step:,})")
    if end.beyond:
        warn(f"{end.beyond}: all changes up to it are shown")


def _newest_first(history: History, positions: range, params: list[str] | None) -> Iterator[Entry]:
    """Yield changes with their edits, the newest first. With *params*, only edits of these keys, and their changes."""
    for position in reversed(positions):
        change = history.changes.with_initial[position]
        edits = history.edits(change)
        if params is not None:
            edits = tuple(edit for edit in edits if any(matches(edit.path, param) for param in params))
        if edits or params is None:
            yield change, edits


def _is_wanted(change: Change, task: str | None, wanted: Place | None) -> bool:
    return task in (None, change.task) and (wanted is None or wanted in change.places)
