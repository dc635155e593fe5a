"""`envcfg watch RUN`: print the changes of a running job when they happen, and the current config."""

import sys
import time
from collections.abc import Iterator
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from envcfg.analysis.formatting import changes_text, printable, time_text
from envcfg.analysis.spread_text import tasks_text
from envcfg.cli.change_lines import change_lines
from envcfg.cli.options import Run
from envcfg.cli.printing import lines
from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.sources.follow import follow
from envcfg.sources.load import load

FEW: Final = 10
"""The most changes that are printed after one reading."""


def watch(
    run: Run,
    *,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.01, help="How long to wait between two readings.")
    ] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Read once, then stop.")] = False,
) -> None:
    """Follow a running job: print its changes when they happen, until the job ends. Ctrl-C stops watching.

    Examples: [bold]envcfg watch outputs/2026-11-23/14-00-00[/] · [bold]envcfg watch RUN --once[/]
    """
    console, known = Console(stderr=True, highlight=False), 0
    status = console.status("")
    try:
        for history in follow(load(run), lambda: time.sleep(every)):
            entries = history.changes.with_initial
            if len(entries) > known:
                status.stop()  # it erases its line, so that it is not mixed with the lines of the changes
            lines(_new_changes(history, known))
            sys.stdout.flush()
            known = len(entries)
            if once:
                break
            if console.is_terminal:
                status.update(_current_state(history))
                status.start()
    finally:
        status.stop()
    lines([_current_state(history)])


def _new_changes(history: History, known: int) -> Iterator[Text]:
    """Return lines for the initial configs and changes after the first *known* ones."""
    entries = history.changes.with_initial
    first = max(known, len(entries) - FEW)
    if first > known:
        yield Text(f"... {changes_text(entries[known:first])} (envcfg log)", "dim")
    for change in entries[first:]:
        yield from change_lines(change, history.edits(change))


def _current_state(history: History) -> Text:
    """`run staged, completed: step 1,114, epoch 11, nav/last in 3 slots, last record at 2026-11-23 14:05:10`"""
    found = history.coverage
    words = [f"step {history.last_step:,}", *([] if found.last_epoch is None else [f"epoch {found.last_epoch:,}"])]
    try:
        words.append(tasks_text(history.spreads("last").tasks))
    except SourceError:
        words.append("nothing adopted yet")
    if found.last_time is not None:
        words.append(f"last record at {time_text(found.last_time)}")
    status = "running or killed" if history.status == "cut off" else history.status
    return Text.assemble((f"run {printable(history.run)}", "bold"), f", {status}: {', '.join(words)}")
