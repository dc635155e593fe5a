"""The spread of a parameter over slots as text for people."""

from typing import Final

from envcfg.analysis.formatting import count_text, task_text, value_text, value_texts
from envcfg.core.diff import Edit
from envcfg.history.queries.spreads import SpreadEdit
from envcfg.history.spread import Spread, is_gap

SHOWN: Final = 4
"""The most values that are named with their shares."""


def spread_text(spread: Spread, length: int = 24) -> str:
    """`20` if all slots agree; else `10..40, median 20, in 64 slots` or `a (5 of 8), b (3 of 8)`.

    In a range of steps, the shares are those of the time: `a (62 %), b (38 %), in 8 slots`.
    """
    if spread.is_one:
        return value_text(spread.value, length)
    return quantiles_text(spread) if spread.has_quantiles else shares_text(spread, length)


def tasks_text(spread: Spread) -> str:
    """`nav/hard in 8 slots`, or `nav/easy (3 of 8), nav/hard (5 of 8)`"""
    names = tuple(task_text(value if isinstance(value, str) else None) for value in spread.values)
    said = spread_text(Spread(names, spread.weights, spread.slots), 40)
    return f"{said} in {count_text(spread.slots, 'slot')}" if spread.is_one else said


def sides_text(edit: Edit | SpreadEdit) -> tuple[str, str]:
    """The texts before and after an edit, which differ if the values do."""
    if isinstance(edit, Edit):
        before, after = value_texts([edit.before, edit.after])
        return before, after
    return spread_text(edit.before, 60), spread_text(edit.after, 60)


def quantiles_text(spread: Spread) -> str:
    """`10..40, median 20, in 64 slots`; `in 60 of 64 slots` if the others have no number."""
    low, median, high = (value_text(spread.quantile(share) or 0) for share in (0.0, 0.5, 1.0))
    gaps = sum(share for value, share in zip(spread.values, spread.shares, strict=True) if is_gap(value))
    there = f"{round((1 - gaps) * spread.slots):,} of " if gaps else ""
    return f"{low}..{high}, median {median}, in {there}{count_text(spread.slots, 'slot')}"


def shares_text(spread: Spread, length: int = 24) -> str:
    """`a (5 of 8), b (3 of 8)`, the most frequent values first."""
    order = sorted(range(len(spread.values)), key=lambda place: -spread.weights[place])
    texts = value_texts(spread.values, length)
    is_moment = sum(spread.weights) == spread.slots
    shown = order if len(order) <= SHOWN + 1 else order[:SHOWN]
    said = [f"{texts[place]} ({_share(spread, [place], is_moment=is_moment)})" for place in shown]
    if len(shown) < len(order):
        others = order[len(shown) :]
        said.append(f"{len(others):,} other values ({_share(spread, others, is_moment=is_moment)})")
    return ", ".join(said) + ("" if is_moment else f", in {count_text(spread.slots, 'slot')}")


def _share(spread: Spread, places: list[int], *, is_moment: bool) -> str:
    weight = sum(spread.weights[place] for place in places)
    return f"{weight:,} of {spread.slots:,}" if is_moment else f"{weight / sum(spread.weights):.0%}".replace("%", " %")
