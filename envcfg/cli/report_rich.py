"""The same report for a terminal, with tables, colours, edits and causes."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from envcfg.analysis.formatting import cause_text, edit_text, printable, task_text, value_text
from envcfg.analysis.run.summary import ChangeRow, Summary
from envcfg.cli.printing import Column, grid
from envcfg.cli.report_plain import FEW

_EDITS = 6
_BAR = 24


def show(console: Console, summary: Summary, *, show_all: bool = False) -> None:
    """Print the report. Each list is cut after `FEW` rows, unless *show_all*."""
    most = None if show_all else FEW
    width = console.width
    console.print(
        _totals(summary),
        _tasks(summary, most),
        _changes(summary, most, width),
        _samples(summary, most, width),
        sep="\n",
    )


def _totals(summary: Summary) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    rows = (
        ("Total configurations logged", f"{summary.adoptions:,}"),
        ("Unique tasks", f"{len(summary.tasks):,}"),
        ("Unique configurations", f"{summary.configs:,}"),
        ("Curriculum", printable(summary.curriculum or "not recorded")),
        ("Reached", f"step {summary.last_step:,}, epoch {_epoch(summary.last_epoch)}"),
    )
    for name, value in rows:
        table.add_row(Text(name, "dim"), Text(value, "bold"))
    return Group(_heading("Environment Configuration Analysis"), table)


def _tasks(summary: Summary, most: int | None) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    highest = max(summary.tasks.values(), default=1)
    for task, count in list(summary.tasks.items())[:most]:
        bar = Text("█" * max(1, round(_BAR * count / highest)), "cyan")
        table.add_row(Text(task_text(task)), Text(f"{count:,} times", justify="right"), bar)
    return Group(_heading("Task Frequencies"), table, _more(len(summary.tasks), most))


def _changes(summary: Summary, most: int | None, width: int) -> RenderableType:
    columns: Sequence[Column] = (
        *((name, "right") for name in ("#", "Epoch", "Step")),
        ("Task", "left"),
        ("Slots", "right"),
        ("What changed, and why", "left"),
    )
    table = grid(columns, list(map(_change, summary.rows[:most])), width)
    total = Text(f"Total configuration changes: {summary.changes:,} (Slots: how many adopted each one)")
    return Group(_heading("Configuration Changes"), total, table, _more(len(summary.rows), most))


def _change(row: ChangeRow) -> list[Text]:
    when = row.change
    numbers = [Text(f"{when.number:,}"), Text(_epoch(when.epoch)), Text(f"{when.step:,}")]
    return [*numbers, Text(task_text(when.task), "bold"), Text(f"{len(when.places):,}"), _edits(row)]


def _epoch(epoch: int | None) -> str:
    return "?" if epoch is None else f"{epoch:,}"


def _edits(row: ChangeRow) -> Text:
    lines = [Text(edit_text(edit)) for edit in row.edits[:_EDITS]]
    if len(row.edits) > _EDITS:
        lines.append(Text(f"… and {len(row.edits) - _EDITS:,} more", "dim"))
    if len(row.change.variants) > 1:
        lines.append(Text(f"in {row.change.places[0]}; the other slots were given values of their own", "dim"))
    cause = cause_text(row.change.cause)
    if row.change.is_initial:
        cause = "initial config" if cause in ("", "initial") else f"initial config · {cause}"
    return Text("\n").join([*([Text(cause, "magenta")] if cause else []), *lines])


def _samples(summary: Summary, most: int | None, width: int) -> RenderableType:
    samples = dict(list(summary.samples.items())[: 5 if most else None])
    names = list(dict.fromkeys(name for values in samples.values() for name in values))
    columns: list[Column] = [("", "left")]
    for sample in samples:
        task, _, epoch = sample.rpartition("_epoch_")
        columns.append((f"{printable(task)}\nepoch {epoch}", "right"))
    rows = [
        [name, *(value_text(values[name]) if name in values else "" for values in samples.values())] for name in names
    ]
    table = grid(columns, [[Text(printable(cell)) for cell in row] for row in rows], width)
    return Group(_heading("Sample Key Parameters"), table, _more(len(summary.samples), 5 if most else None))


def _heading(text: str) -> RenderableType:
    return Rule(Text(text, "bold"), align="left", style="dim")


def _more(count: int, most: int | None) -> Text:
    return Text(f"... and {count - most:,} more (--all)" if most is not None and count > most else "", "dim")
