"""Prints lines and tables. A terminal gets colours and folded lines; a pipe gets plain, unfolded lines."""

import json
import sys
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from envcfg.cli.layout import GAP, folded, hanging, widths

_WIDE: Final = 1_000_000
"""The width of a pipe in columns, so that no line is folded."""

MOST_LINES: Final = 3
"""A cell that becomes taller by this many lines is too tall for a table."""

Column = tuple[str, JustifyMethod]


def document(answer: Any) -> None:
    """Print *answer* as JSON."""
    sys.stdout.write(json.dumps(answer, indent=1, allow_nan=False) + "\n")


def lines(texts: Iterable[Text], *, indent: int = 2, is_code: bool = False) -> None:
    """Print each text on its own line, as soon as it is available. On a terminal, a long one is folded between words.

    Its later lines begin *indent* columns further right. *is_code* leaves the folding to the terminal, so that the
    lines can be copied.
    """
    console = Console(highlight=False)
    for text in texts:
        if console.is_terminal:
            console.print(text if is_code else hanging(text, console.width, indent), soft_wrap=True)
        else:
            sys.stdout.write(f"{text.plain}\n")


def table(columns: Sequence[Column], rows: Iterable[Sequence[str | Text]]) -> None:
    """Print aligned rows below a header. A terminal that is too narrow for them gets a block of lines for each row.

    A terminal gets no column that is empty in all rows; a program that reads a pipe gets all columns.
    """
    console = Console(highlight=False)
    cells = [[Text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    if not console.is_terminal:
        _plain(columns, cells)
        return
    filled = [any(row[place].plain for row in cells) or not cells for place in range(len(columns))]
    shown = [list(compress(row, filled)) for row in cells]
    console.print(grid(list(compress(columns, filled)), shown, console.width))


def grid(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int) -> RenderableType:
    """The rows as a table of at most *width* columns, or as blocks of lines if the table would be too tall."""
    heads = [Text(name, "dim") for name, _ in columns]
    found = widths([heads, *rows], width)
    folds = [] if found is None else [list(map(folded, row, found)) for row in [heads, *rows]]
    is_tall = any(
        added >= MOST_LINES for row, out in zip(rows, folds[1:], strict=False) for added in map(_added, row, out)
    )
    if found is None or is_tall:
        return Group(*(hanging(line, width, 2) for row in rows for line in _block(columns, row)))
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for (_, justify), head, wide in zip(columns, folds[0], found, strict=True):
        table.add_column(head, justify=justify, width=wide, no_wrap=True)
    for row in folds[1:]:
        table.add_row(*row)
    return table


def _added(cell: Text, fold: Text) -> int:
    """The number of lines by which a cell became taller."""
    return fold.plain.count("\n") - cell.plain.count("\n")


def _block(columns: Sequence[Column], row: Sequence[Text]) -> list[Text]:
    """The first cell as a title, and below it one line with the others that have a value."""
    said = [
        Text.assemble((f"{name} ", "dim"), Text(" ").join(cell.split("\n")))
        for (name, _), cell in zip(columns[1:], row[1:], strict=True)
        if cell.plain
    ]
    return [row[0], Text.assemble("  ", Text(" · ").join(said))]


def _plain(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    aligned = Table(box=None, pad_edge=False, show_header=False)
    for _, justify in columns:
        aligned.add_column(justify=justify, no_wrap=True)
    for row in [[Text(name) for name, _ in columns], *rows]:
        aligned.add_row(*row)
    wide = Console(width=_WIDE, highlight=False)
    with wide.capture() as capture:
        wide.print(aligned)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
