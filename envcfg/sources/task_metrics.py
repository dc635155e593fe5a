"""Finds metrics that look like a reward, and those of one task only, such as `reward/nav/easy`."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

_REWARDING: Final = re.compile(r"rew|\w*(?:reward|return)s?|success(?!or)\w*")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PART: Final = re.compile(r"[^/]+")
_TOKEN: Final = re.compile(r"[^\W_]+")


def names_reward(name: str) -> bool:
    """Whether a word of *name* means a reward, as in `meanReward` and `ep_rew_mean`, but not in `returned_early`."""
    return any(_REWARDING.fullmatch(word.lower()) for word in _WORD.findall(name))


def single_task_names(names: Iterable[str], tasks: Collection[str]) -> set[str]:
    """Return the names that are the reward of one task: they contain the task's whole name and a word for reward.

    Slashes always separate a task's name (`reward/nav/easy`). Other signs do so (`reward_easy`) only if another task
    has the same metric (`reward_hard`). Thus `ep_rew_mean` is not the reward of a task called `mean`.
    """
    known, found = frozenset(filter(None, tasks)), set[str]()
    stems: dict[tuple[str, str], set[str]] = {}
    for name in names:
        if any(names_reward(f"{before}/{after}") for before, after in _around(name, known, _PART)):
            found.add(name)
        for stem in _around(name, known, _TOKEN):
            stems.setdefault(stem, set()).add(name)
    shared = (alike for stem, alike in stems.items() if len(alike) > 1 and names_reward("/".join(stem)))
    return found.union(*shared)


def _around(name: str, tasks: Collection[str], unit: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield the text before and after a task's name, for each place where it consists of whole units of *name*."""
    spans = [found.span() for found in unit.finditer(name)]
    for first, (start, _) in enumerate(spans):
        for _, end in spans[first:]:
            if name[start:end] in tasks:
                yield name[:start], name[end:]
