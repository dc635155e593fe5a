"""`envcfg log RUN`: what changed when, and why."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, TypeAlias

import typer

from envcfg.analysis.documents import log_json
from envcfg.cli.change_lines import change_lines
from envcfg.cli.options import Format, Output, Params, Rank, Run, Slot, Worker, place
from envcfg.cli.printing import document, lines
from envcfg.core.diff import Change
from envcfg.core.path import matches
from envcfg.history.adoptions import Place
from envcfg.history.history import History
from envcfg.history.moments import moment
from envcfg.history.sources import load
from envcfg.history.transactions import Transaction

Entry: TypeAlias = tuple[Transaction, tuple[Change, ...]]


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
    rank: Rank = 0,
    worker: Worker = 0,
    output: Output = Format.TEXT,
) -> None:
    """Print every change in order: when it came, in which slots, what it changed, and why.

    Examples: [bold]envcfg log RUN[/] · [bold]envcfg log RUN --param max_steps[/] ·
    [bold]envcfg log RUN --since epoch:40 --slot 3[/]
    """
    history = load(run)
    newest_first = _newest_first(history, _between(history, since, until), param)
    wanted = place(slot, rank, worker)
    chosen = (entry for entry in newest_first if _is_wanted(entry[0], task, wanted))
    entries = list(islice(chosen, limit))[::-1]
    if output is Format.JSON:
        document(log_json(history, entries))
    else:
        lines(line for entry in entries for line in change_lines(*entry))


def _between(history: History, since: str, until: str) -> range:
    """Positions of the transactions whose first adoption lies between the moments."""
    first = bisect_left(history.transactions, moment(history, since).start, key=lambda found: found.row)
    last = bisect_left(history.transactions, moment(history, until).stop, key=lambda found: found.row)
    return range(first, last)


def _newest_first(history: History, positions: range, params: list[str] | None) -> Iterator[Entry]:
    """Changes with their leaves; where *params* are given, those leaves only, and changes that touch one."""
    for position in reversed(positions):
        transaction = history.transactions[position]
        changes = history.changes(transaction)
        if params is not None:
            changes = tuple(change for change in changes if any(matches(change.path, param) for param in params))
        if changes or params is None:
            yield transaction, changes


def _is_wanted(transaction: Transaction, task: str | None, wanted: Place | None) -> bool:
    return task in (None, transaction.task) and (wanted is None or wanted in transaction.places)
