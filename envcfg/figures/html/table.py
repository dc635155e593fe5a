"""A table as HTML."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from envcfg.figures.html.page import text_html


class Link(NamedTuple):
    """A number that leads to another place of the same page."""

    number: int
    place: str
    """The place: the part of the address after `#`."""


Cell: TypeAlias = str | int | float | Link | None


def table(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """An HTML table. All cells are shown as text, numbers on the right."""
    head = "".join(f'<th scope="col">{text_html(name)}</th>' for name in heads)
    lines = (f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    shown = f"<thead><tr>{head}</tr></thead>" if heads else ""
    return f"<table>{shown}<tbody>{''.join(lines)}</tbody></table>"


def _cell(value: Cell) -> str:
    match value:
        case None | str():
            lines = "<br>".join(map(text_html, (value or "").split("\n")))
            return f"<td>{lines}</td>"
        case Link():
            return f'<td class="number"><a href="#{text_html(value.place)}">{value.number:,}</a></td>'
        case int():
            return f'<td class="number">{value:,}</td>'
        case _:
            return f'<td class="number">{value:.4g}</td>'
