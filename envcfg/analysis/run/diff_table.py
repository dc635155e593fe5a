"""The difference of two configs as rows to read: leaves under the objects that hold them."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from envcfg.analysis.run.dominant import is_number
from envcfg.analysis.wording import printable, value_texts
from envcfg.core import diff
from envcfg.core.diff import ABSENT, Absent, Edit
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Path, Tree, leaves

MAX_ROWS: Final = 400

Sign = Literal["~", "+", "-", ""]


class DiffRow(NamedTuple):
    """A leaf, or (without a sign) the place of the leaves below it."""

    depth: int
    name: str
    sign: Sign
    before: str
    after: str
    delta: str
    """Of two numbers: the difference, and how much that is of the first."""


class DiffTable(NamedTuple):
    """Two configs under their labels; `counts` are the leaves changed, added and removed."""

    before: str
    after: str
    rows: tuple[DiffRow, ...]
    counts: tuple[int, int, int]
    unchanged: int
    notes: tuple[str, ...]
    """What was left out, in words."""


def diff_table(before: Config, after: Config, *, labels: tuple[str, str] = ("before", "after")) -> DiffTable:
    """What turns *before* into *after*, in the order of their places; 1, 1.0 and true are not the same."""
    changes = [leaf for change in diff.diff(before, after) for leaf in _leaves(change)]
    signs = [_sign(change) for change in changes]
    counts = (signs.count("~"), signs.count("+"), signs.count("-"))
    left_out = len(changes) - MAX_ROWS
    return DiffTable(
        *labels,
        rows=tuple(_rows(changes[:MAX_ROWS])),
        counts=counts,
        unchanged=sum(1 for _ in leaves(before)) - counts[0] - counts[2],
        notes=(f"{left_out:,} more leaves differ",) if left_out > 0 else (),
    )


def _leaves(change: Edit) -> Iterable[Edit]:
    """A subtree that came or went, leaf by leaf; a list whose length changed is one change."""
    if isinstance(change.before, Absent) and not isinstance(change.after, Absent):
        yield from (Edit(path, ABSENT, value) for path, value in leaves(change.after, change.path))
    elif isinstance(change.after, Absent) and not isinstance(change.before, Absent):
        yield from (Edit(path, value, ABSENT) for path, value in leaves(change.before, change.path))
    else:
        yield change


def _sign(change: Edit) -> Sign:
    if isinstance(change.before, Absent):
        return "+"
    return "-" if isinstance(change.after, Absent) else "~"


def _rows(changes: Iterable[Edit]) -> Iterable[DiffRow]:
    """An object's own leaves stand together, also where deeper ones lie between them."""
    by_parent: dict[Path, list[Edit]] = {}
    for change in changes:
        by_parent.setdefault(change.path[:-1], []).append(change)
    for parent, group in by_parent.items():
        if parent:
            yield DiffRow(0, printable(dotted(parent)), "", "", "", "")
        for change in group:
            yield DiffRow(int(bool(parent)), *_leaf(change, parent))


def _leaf(change: Edit, parent: Path) -> tuple[str, Sign, str, str, str]:
    name = dotted(change.path[-1:]) if parent else dotted(change.path)
    sides = change.before, change.after
    before, after = (
        "" if isinstance(side, Absent) else text for side, text in zip(sides, value_texts(sides, 48), strict=True)
    )
    return printable(name), _sign(change), before, after, _delta(*sides)


def _delta(before: Tree | Absent, after: Tree | Absent) -> str:
    """`+4 (+33%)`; empty for what are no numbers, or numbers of two types."""
    if not (is_number(before) and is_number(after)):
        return _retyped(before, after)
    old, new = float(before), float(after)  # type: ignore[arg-type]  # they are numbers
    if old == new:
        return _retyped(before, after)
    share = f" ({(new - old) / abs(old):+.0%})" if old else ""
    return f"{new - old:+.6g}{share}"


def _retyped(before: Tree | Absent, after: Tree | Absent) -> str:
    """What a reader might not see: the same value of another type."""
    kinds = [type(side).__name__ for side in (before, after)]
    is_alike = not isinstance(before, Absent) and not isinstance(after, Absent) and kinds[0] != kinds[1]
    return f"{kinds[0]} → {kinds[1]}" if is_alike else ""
