"""The display of a history: as one line, as a table in a terminal, and as HTML without JavaScript in a notebook."""

from datetime import UTC, datetime
from html import escape
from typing import Final

from rich.table import Table
from rich.text import Text

from envcfg.history.queries.coverage import Coverage, coverage
from envcfg.history.recording import Recording

WIDTH: Final = 360
"""The width of the sparkline in pixels. Changes on the same pixel are drawn as one."""
HEIGHT: Final = 28


def line(history: Recording) -> str:
    """`<History 'run': completed, steps 0 to 81,920, 4 changes, 5 configs, 5 tasks>`"""
    found = coverage(history)
    return f"<History {history.run!r}: {found.status}, {_steps(found)}, {', '.join(_counts(history))}>"


def html(history: Recording) -> str:
    """A small table with a sparkline of the changes. It uses the colours of the page."""
    found = coverage(history)
    cells = "".join(
        f'<tr><th scope="row" style="text-align:left;font-weight:normal;opacity:.65">{name}</th>'
        f'<td style="text-align:left">{escape(text)}</td></tr>'
        for name, text in rows(history, found)
    )
    return (
        f'<div><strong>{escape(history.run)}</strong><table style="margin:.3em 0">{cells}</table>'
        f"{_sparkline(history, found)}</div>"
    )


def table(history: Recording) -> Table:
    """The same table for a terminal."""
    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text("Run", "dim"), Text(repr(history.run)[1:-1], "bold"))
    for name, text in rows(history, coverage(history)):
        grid.add_row(Text(name, "dim"), Text(repr(text)[1:-1]))
    return grid


def rows(history: Recording, found: Coverage) -> list[tuple[str, str]]:
    """The lines of the table, each with its name."""
    return [
        ("Status", found.status),
        ("Curriculum", history.curriculum or "not recorded"),
        ("Recorded", f"{_steps(found)}, {_epochs(found)}, {_times(found)}"),
        ("From", f"{_many(found.slots, 'slot')} of {_many(found.ranks, 'rank')}, {_many(found.sessions, 'session')}"),
        ("Contains", ", ".join(_counts(history))),
        *[("Missing", missing) for missing in _missing(found)],
    ]


def _counts(history: Recording) -> list[str]:
    configs = {value.config for value in history.adoptions.columns.adopted.values}
    return [
        _many(len(history.changes), "change"),
        _many(len(configs), "config"),
        _many(len(history.adopted), "task"),
    ]


def _steps(found: Coverage) -> str:
    return "nothing recorded" if found.first_step is None else f"steps {found.first_step:,} to {found.last_step:,}"


def _epochs(found: Coverage) -> str:
    return "no epochs" if found.first_epoch is None else f"epochs {found.first_epoch:,} to {found.last_epoch:,}"


def _times(found: Coverage) -> str:
    if found.first_time is None or found.last_time is None:
        return "no times"
    start, end = (datetime.fromtimestamp(time, UTC) for time in (found.first_time, found.last_time))
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"


def _missing(found: Coverage) -> list[str]:
    missing: list[str] = list(found.losses)
    missing += [f"{_many(found.lost_configs, 'config')} could not be read"] if found.lost_configs else []
    return missing + ([f"{_many(found.failures, 'kind')} of failure while recording"] if found.failures else [])


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _sparkline(history: Recording, found: Coverage) -> str:
    """A line with a tick at the step of each change."""
    if found.first_step is None or found.last_step is None:
        return ""
    span = (found.last_step - found.first_step) or 1
    numbers, steps = history.changes.numbers, history.adoptions.columns.step
    pixels = {
        round((step - found.first_step) / span * (WIDTH - 2)) + 1
        for number, step in zip(numbers, steps, strict=True)
        if number > 0
    }
    ticks = "".join(f"M{x} 4V{HEIGHT - 4}" for x in sorted(pixels))
    label = f"{_many(len(history.changes), 'change')} from step {found.first_step:,} to {found.last_step:,}"
    return (
        f'<svg role="img" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none" '
        f'stroke="currentColor"><title>{label}</title>'
        f'<path d="M1 {HEIGHT - 4}H{WIDTH - 1}" opacity=".4"/><path d="{ticks}" opacity=".8"/></svg>'
    )
