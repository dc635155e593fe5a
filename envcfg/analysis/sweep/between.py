"""The keys that differ between the groups of a sweep, and not only within them."""

from collections.abc import Iterable, Iterator, Sequence

from envcfg.analysis.sweep.environments import EnvVariation
from envcfg.core.diff import Absent, Edit
from envcfg.core.tree import Tree
from envcfg.core.variation import Variation


def between(found: Iterable[Variation | EnvVariation], groups: Sequence[str]) -> Iterator[Edit]:
    """An edit for each variation whose values differ between groups; *groups* has the group of each config."""
    return (Edit(each.path, *_ends(each)) for each in found if _is_between(each, groups))


def _ends(variation: Variation | EnvVariation) -> tuple[Tree | Absent, Tree | Absent]:
    """The first and the last value; the most frequent value of slots that differ."""
    if isinstance(variation, EnvVariation):
        return variation.values[0].value, variation.values[-1].value
    return variation.values[0], variation.values[-1]


def _is_between(variation: Variation | EnvVariation, groups: Sequence[str]) -> bool:
    held: dict[str, set[int]] = {}
    for group, position in zip(groups, variation.index, strict=True):
        held.setdefault(group, set()).add(position)
    return len({frozenset(values) for values in held.values()}) > 1
