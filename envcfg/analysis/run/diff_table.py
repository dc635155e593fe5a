"""The difference of two configs or moments as rows: leaves below the objects that hold them."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from envcfg.analysis.formatting import printable, value_texts
from envcfg.analysis.spread_text import spread_text
from envcfg.core.diff import ABSENT, Absent, Edit
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Path, Tree, leaves
from envcfg.history.queries.spreads import SpreadEdit, Spreads, difference, of_config
from envcfg.history.spread import is_number

MAX_ROWS: Final = 400

Sign = Literal["~", "+", "-", ""]


class DiffRow(NamedTuple):
    """A leaf that differs, or (without a sign) the object that holds the leaves below it."""

    depth: int
    name: str
    sign: Sign
    before: str
    after: str
    delta: str
    """For two numbers: the difference, also in per cent of the first."""


class DiffTable(NamedTuple):
    """The labels of two configs and their differences. `counts` are the leaves changed, added and removed."""

    before: str
    after: str
    rows: tuple[DiffRow, ...]
    counts: tuple[int, int, int]
    unchanged: int
    notes: tuple[str, ...]
    """Sentences about what is not shown."""


def diff_table(
    before: Config | Spreads, after: Config | Spreads, *, labels: tuple[str, str] = ("before", "after")
) -> DiffTable:
    """The leaves that differ between *before* and *after*, in order of their paths. 1, 1.0 and true differ."""
    one, other = _side(before), _side(after)
    edits = [leaf for edit in difference(one, other) for leaf in _leaves(edit)]
    signs = [_sign(edit) for edit in edits]
    counts = (signs.count("~"), signs.count("+"), signs.count("-"))
    left_out = len(edits) - MAX_ROWS
    return DiffTable(
        *labels,
        rows=tuple(_rows(edits[:MAX_ROWS])),
        counts=counts,
        unchanged=len(one.values) - counts[0] - counts[2],
        notes=(f"{left_out:,} more leaves differ",) if left_out > 0 else (),
    )


def _side(side: Config | Spreads) -> Spreads:
    return side if isinstance(side, Spreads) else of_config(side)


def _leaves(edit: Edit | SpreadEdit) -> Iterable[Edit | SpreadEdit]:
    """One edit for each leaf of an added or removed subtree. A list whose length changed is one edit."""
    if isinstance(edit, SpreadEdit):
        yield edit
    elif isinstance(edit.before, Absent) and not isinstance(edit.after, Absent):
        yield from (Edit(path, ABSENT, value) for path, value in leaves(edit.after, edit.path))
    elif isinstance(edit.after, Absent) and not isinstance(edit.before, Absent):
        yield from (Edit(path, value, ABSENT) for path, value in leaves(edit.before, edit.path))
    else:
        yield edit


def _sign(edit: Edit | SpreadEdit) -> Sign:
    if isinstance(edit, SpreadEdit):
        return "~"
    if isinstance(edit.before, Absent):
        return "+"
    return "-" if isinstance(edit.after, Absent) else "~"


def _rows(edits: Iterable[Edit | SpreadEdit]) -> Iterable[DiffRow]:
    """The leaves of one object are together, even if deeper leaves are between them in the config."""
    by_parent: dict[Path, list[Edit | SpreadEdit]] = {}
    for edit in edits:
        by_parent.setdefault(edit.path[:-1], []).append(edit)
    for parent, group in by_parent.items():
        if parent:
            yield DiffRow(0, printable(dotted(parent)), "", "", "", "")
        for edit in group:
            yield DiffRow(int(bool(parent)), *_leaf(edit, parent))


def _leaf(edit: Edit | SpreadEdit, parent: Path) -> tuple[str, Sign, str, str, str]:
    name = dotted(edit.path[-1:]) if parent else dotted(edit.path)
    if isinstance(edit, SpreadEdit):
        return printable(name), _sign(edit), spread_text(edit.before, 24), spread_text(edit.after, 24), ""
    sides = edit.before, edit.after
    before, after = (
        "" if isinstance(side, Absent) else text for side, text in zip(sides, value_texts(sides, 48), strict=True)
    )
    return printable(name), _sign(edit), before, after, _delta(*sides)


def _delta(before: Tree | Absent, after: Tree | Absent) -> str:
    """`+4 (+33%)`; for values that are not numbers, or are equal, a change of type if there is one."""
    if not (is_number(before) and is_number(after)):
        return _retyped(before, after)
    old, new = float(before), float(after)  # type: ignore[arg-type]  # they are numbers
    if old == new:
        return _retyped(before, after)
    share = f" ({(new - old) / abs(old):+.0%})" if old else ""
    return f"{new - old:+.6g}{share}"


def _retyped(before: Tree | Absent, after: Tree | Absent) -> str:
    """`int → float` if the type changed; empty if not, or if a side is absent."""
    kinds = [type(side).__name__ for side in (before, after)]
    is_alike = not isinstance(before, Absent) and not isinstance(after, Absent) and kinds[0] != kinds[1]
    return f"{kinds[0]} → {kinds[1]}" if is_alike else ""
