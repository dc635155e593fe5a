"""The report as plain text, in the form of the legacy report. Scripts parse it.

It counts the initial config as its change 1, as the legacy report does. Everywhere else, its number is 0.
"""

from collections.abc import Iterator
from typing import Final

from envcfg.analysis.formatting import printable, task_text, value_text
from envcfg.analysis.run.summary import Summary

FEW: Final = 20
"""The most lines of a list that are printed without `--all`."""


def plain(summary: Summary, *, show_all: bool = False) -> str:
    """Return the report. Each list is cut after `FEW` lines, unless *show_all*."""
    most = None if show_all else FEW
    return (
        "\n".join([*_totals(summary), *_tasks(summary, most), *_changes(summary, most), *_samples(summary, most)])
        + "\n"
    )


def _totals(summary: Summary) -> Iterator[str]:
    yield "=== Environment Configuration Analysis ==="
    yield f"Total configurations logged: {summary.adoptions}"
    yield f"Unique tasks: {len(summary.tasks)}"
    yield f"Unique configurations: {summary.configs}"


def _tasks(summary: Summary, most: int | None) -> Iterator[str]:
    yield from ("", "=== Task Frequencies ===")
    yield from _cut([f"  {task_text(task)}: {count} times" for task, count in summary.tasks.items()], most)


def _changes(summary: Summary, most: int | None) -> Iterator[str]:
    yield from ("", "=== Configuration Changes ===", f"Total configuration changes: {len(summary.rows)}")
    for number, row in enumerate(summary.rows[:most], 1):
        when = row.change
        epoch = "?" if when.epoch is None else when.epoch
        yield f"  Change {number}: Epoch {epoch}, Step {when.step}, Task: {task_text(when.task)}"
    yield from _more(len(summary.rows), most)


def _samples(summary: Summary, most: int | None) -> Iterator[str]:
    yield from ("", "=== Sample Key Parameters ===")
    blocks = [
        "\n".join(
            [f"  {printable(name)}:", *(f"    {printable(key)}: {value_text(value)}" for key, value in values.items())]
        )
        for name, values in summary.samples.items()
    ]
    yield from _cut(blocks, most)


def _cut(lines: list[str], most: int | None) -> Iterator[str]:
    yield from lines[:most]
    yield from _more(len(lines), most)


def _more(count: int, most: int | None) -> Iterator[str]:
    if most is not None and count > most:
        yield f"  ... and {count - most} more (--all)"
