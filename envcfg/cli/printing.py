"""Prints lines and tables. A terminal gets colours and folded lines; a pipe gets plain, unfolded lines."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

_WIDE: Final = 1_000_000
"""The width of a pipe in columns, so that no line is folded."""


def document(answer: Any) -> None:
    """Print *answer* as JSON."""
    sys.stdout.write(json.dumps(answer, indent=1, allow_nan=False) + "\n")


def lines(texts: Iterable[Text]) -> None:
    """Print each text on its own line, as soon as it is available."""
    console = Console(highlight=False)
    for text in texts:
        if console.is_terminal:
            console.print(text, soft_wrap=True)
        else:
            sys.stdout.write(f"{text.plain}\n")


def table(columns: Sequence[tuple[str, JustifyMethod]], rows: Iterable[Sequence[str | Text]]) -> None:
    """Print aligned rows below a header."""
    console = Console(highlight=False)
    grid = Table(box=SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, header_style="dim")
    for name, justify in columns:
        grid.add_column(name, justify=justify, overflow="fold", no_wrap=not console.is_terminal)
    for row in rows:
        grid.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    if console.is_terminal:
        console.print(grid)
        return
    wide = Console(width=_WIDE, highlight=False)
    with wide.capture() as capture:
        wide.print(grid)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
