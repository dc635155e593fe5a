"""`envcfg blame RUN [KEY]`: which change last set each key."""

from typing import Annotated

import typer
from rich.text import Text

from envcfg.analysis.documents.answers import blame_json
from envcfg.analysis.formatting import cause_text, count_text, printable, task_text, value_text
from envcfg.cli.options import Format, Output, Rank, Run, Slot, Worker, place
from envcfg.cli.printing import document, lines, table
from envcfg.core.path import dotted, matches
from envcfg.core.selection import unmatched_keys, warn_or_raise
from envcfg.history.queries.blame import Blame
from envcfg.history.queries.moments import MOMENTS
from envcfg.sources.load import load


def blame(
    run: Run,
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY]...", help="Dotted keys, or globs. By default the keys that changed."),
    ] = None,
    *,
    show_all: Annotated[bool, typer.Option("--all", help="Print also the keys that never changed.")] = False,
    at: Annotated[str, typer.Option(metavar="MOMENT", help=f"Ask about the config in force then: {MOMENTS}.")] = "last",
    slot: Slot = None,
    rank: Rank = None,
    worker: Worker = None,
    output: Output = Format.TEXT,
) -> None:
    """Print, for each key of a config, which change set its value, when, and why.

    Examples: [bold]envcfg blame RUN max_steps[/] · [bold]envcfg blame RUN 'rewards.*' --at epoch:40[/] ·
    [bold]envcfg blame RUN --all[/]
    """
    history = load(run)
    held = history.in_force(at, place(slot, rank, worker))
    blames = [
        found
        for found in history.blame(at, place(slot, rank, worker))
        if not keys or any(matches(found.path, key) for key in keys)
    ]
    where = f"no config of run {history.run} at step {held.step:,}"
    unknown = unmatched_keys(keys or (), [history.config(held.config)], where)
    warn_or_raise(unknown, is_anything_left=bool(blames))
    if output is Format.JSON:
        document(blame_json(history, held, blames))
        return
    head = ("key", "value", "before", "change", "step", "epoch", "task", "cause")
    numbers = {"change", "step", "epoch"}
    shown = blames if keys or show_all else [found for found in blames if found.change]
    if shown:
        table([(name, "right" if name in numbers else "left") for name in head], map(_row, shown))
    if len(shown) < len(blames):
        kept = count_text(len(blames) - len(shown), "key")
        lines([Text(f"... and {kept} with the value of the initial config (--all)", "dim")])


def _row(found: Blame) -> list[str | Text]:
    record = found.adoption.record
    return [
        printable(dotted(found.path)),
        Text(value_text(found.value, 40), "bold"),
        value_text(found.before, 24),
        f"{found.change:,}",
        f"{record.step:,}",
        "" if record.epoch is None else f"{record.epoch:,}",
        task_text(record.task),
        Text(cause_text(record.cause), "magenta"),
    ]
