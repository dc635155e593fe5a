"""Lays out text for a terminal: a line breaks between words, or after a sign such as `/`, and never within a word."""

import re
from collections.abc import Sequence
from operator import gt
from typing import Final

from rich.cells import cell_len
from rich.text import Text

GAP: Final = 2
"""The blanks between two columns of a table."""
_WORD: Final = re.compile(r"\S+(?: %\S*| < \S+)?\s*|\s+")
"""A word; `95 %` and `p < 0.05` are one."""
_PIECE: Final = re.compile(r".+?(?:/|[.:-](?=[^\W\d]|\[)|\s*$)")
"""A part of a word up to a slash, or up to another sign before a letter: a number never breaks."""


def folded(text: Text, width: int, *, indent: int = 0) -> Text:
    """*text* in lines of at most *width* columns. Later lines begin with *indent* blanks. A longer word stays whole.

    A word that does not fit into a line breaks after a sign in it.
    """
    lines: list[Text] = []
    for line in text.split("\n", allow_blank=True):
        lines += _lines(line, width, indent)
    return Text("\n").join(lines)


def hanging(text: Text, width: int, indent: int) -> Text:
    """*text* folded to *width*. Its later lines begin *indent* columns further right than its first one."""
    return folded(text, width, indent=len(text.plain) - len(text.plain.lstrip(" ")) + indent)


def widths(rows: Sequence[Sequence[Text]], total: int) -> list[int] | None:
    """The width of each column, so that a row takes *total* columns at most. None if no layout is narrow enough.

    The widest columns become narrower first. A word breaks only if no layout breaks between words alone.
    """
    columns = list(zip(*rows, strict=True))
    found = [max(cell_len(line) for cell in column for line in cell.plain.split("\n")) for column in columns]
    room = total - GAP * (len(found) - 1)
    for longest in (_longest_word, _longest):
        least = [max(map(longest, column)) for column in columns]
        while sum(found) > room and any(map(gt, found, least)):
            wide = max((wide, index) for index, wide in enumerate(found) if wide > least[index])
            found[wide[1]] -= 1
    return found if sum(found) <= room else None


def _lines(text: Text, width: int, indent: int) -> list[Text]:
    if cell_len(text.plain) <= width:
        return [text]
    lines: list[Text] = []
    current = text.blank_copy()
    for word in _split(text, _WORD):
        for piece in _split(word, _PIECE) if _size(word) > width - indent else [word]:
            left = width - (indent if lines else 0)
            if current.plain.strip() and cell_len(current.plain) + _size(piece) > left:
                lines.append(current)
                current = text.blank_copy()
            current.append_text(piece)
    lines.append(current)
    for line in lines:
        line.rstrip()
    return [lines[0], *(Text.assemble(" " * indent, line) for line in lines[1:])]


def _split(text: Text, pattern: re.Pattern[str]) -> list[Text]:
    ends = [found.end() for found in pattern.finditer(text.plain)]
    return list(text.divide(ends[:-1])) if text.plain else []


def _size(text: Text) -> int:
    return cell_len(text.plain.rstrip())


def _longest_word(cell: Text) -> int:
    return max((_size(word) for line in cell.split("\n") for word in _split(line, _WORD)), default=0)


def _longest(cell: Text) -> int:
    """The width of the longest part that cannot break."""
    words = (word for line in cell.split("\n") for word in _split(line, _WORD))
    return max((_size(piece) for word in words for piece in _split(word, _PIECE)), default=0)
