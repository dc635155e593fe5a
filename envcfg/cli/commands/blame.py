"""`envcfg blame RUN [KEY]`: which change last set each key."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from envcfg.analysis.documents.spreads import blame_json
from envcfg.analysis.formatting import cause_text, count_text, printable, task_text, value_text
from envcfg.analysis.spread_text import spread_text
from envcfg.cli.options import Format, Output, Rank, Role, Run, Slot, WhichRole, Worker, loaded, place
from envcfg.cli.printing import document, lines, table
from envcfg.core.path import dotted, matches
from envcfg.core.selection import unmatched_keys, warn_or_raise
from envcfg.history.queries.blame import Blame
from envcfg.history.queries.moments import MOMENTS


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
    role: Role = WhichRole.TRAIN,
    output: Output = Format.TEXT,
) -> None:
    """Print, for each key, which change last set it in a living slot, when, and why.

    Examples: [bold]envcfg blame RUN max_steps[/] · [bold]envcfg blame RUN 'rewards.*' --at epoch:40[/] ·
    [bold]envcfg blame RUN --all[/]
    """
    history, asked = loaded(run, role), place(slot, rank, worker)
    held = history.spreads(at, asked)
    blames = [found for found in history.blame(at, asked) if not keys or any(matches(found.path, key) for key in keys)]
    where = f"no config of run {history.run} at step {held.step:,}"
    unknown = unmatched_keys(keys or (), held.configs, where)
    warn_or_raise(unknown, is_anything_left=bool(blames))
    if output is Format.JSON:
        document(blame_json(history, held, blames))
        return
    shown = blames if keys or show_all else [found for found in blames if found.change]
    _print(shown)
    if len(shown) < len(blames):
        kept = count_text(len(blames) - len(shown), "key")
        lines([Text(f"... and {kept} with the value of the initial config (--all)", "dim")])
    if any(not found.spread.is_one for found in shown):
        lines([Text(f"Where slots differ: the last change in any of {count_text(held.slots, 'slot')} (or --slot N)")])


def _print(shown: Sequence[Blame]) -> None:
    """Print a line for each key. The value that a change set has a column of its own if slots differ in any key."""
    differs = not all(found.spread.is_one for found in shown)
    numbers = {"change", "step", "epoch"}
    head = ("key", "value", "before", *(("after", "slot") if differs else ()), "change", "step", "epoch")
    rows = [_row(found, differs=differs) for found in shown]
    if shown:
        table([(name, "right" if name in numbers else "left") for name in (*head, "task", "cause")], rows)


def _row(found: Blame, *, differs: bool) -> list[str | Text]:
    record, place = found.adoption.record, found.adoption.place
    is_one = found.spread.is_one
    own = ["", ""] if is_one else [value_text(found.value, 24), str(place).removeprefix("slot ")]
    return [
        printable(dotted(found.path)),
        Text(spread_text(found.spread, 40 if is_one else 24), "bold"),
        value_text(found.before, 24),
        *(own if differs else ()),
        f"{found.change:,}",
        f"{record.step:,}",
        "" if record.epoch is None else f"{record.epoch:,}",
        task_text(record.task),
        Text(cause_text(record.cause), "magenta"),
    ]
