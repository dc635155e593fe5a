"""The keys that differ between the groups of a sweep, and not only within them."""

from collections.abc import Iterable, Iterator, Sequence

from envcfg.core.diff import Edit
from envcfg.core.variation import Variation


def between(found: Iterable[Variation], groups: Sequence[str]) -> Iterator[Edit]:
    """An edit for each variation whose values differ between groups; *groups* has the group of each config."""
    return (Edit(each.path, each.values[0], each.values[-1]) for each in found if _is_between(each, groups))


def _is_between(variation: Variation, groups: Sequence[str]) -> bool:
    held: dict[str, set[int]] = {}
    for group, position in zip(groups, variation.index, strict=True):
        held.setdefault(group, set()).add(position)
    return len({frozenset(values) for values in held.values()}) > 1
