"""Which metrics look like a reward, and which of these speak of one task only, such as `reward/nav/easy`."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

_REWARDING: Final = re.compile(r"rew|\w*(?:reward|return)s?|success(?!or)\w*")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PART: Final = re.compile(r"[^/]+")
_TOKEN: Final = re.compile(r"[^\W_]+")


def is_rewarding(name: str) -> bool:
    """Whether a word of *name* speaks of rewards: `meanReward` and `ep_rew_mean` do, `returned_early` does not."""
    return any(_REWARDING.fullmatch(word.lower()) for word in _WORD.findall(name))


def of_single_tasks(names: Iterable[str], tasks: Collection[str]) -> set[str]:
    """Those of *names* that are a reward of one task: its name stands in them whole, beside what looks like a reward.

    A name stands whole between slashes (`reward/nav/easy`). Between other signs (`reward_easy`) it does where another
    task has the same metric (`reward_hard`): `ep_rew_mean` belongs to no task called `mean`.
    """
    known, found = frozenset(filter(None, tasks)), set[str]()
    stems: dict[tuple[str, str], set[str]] = {}
    for name in names:
        if any(is_rewarding(f"{before}/{after}") for before, after in _around(name, known, _PART)):
            found.add(name)
        for stem in _around(name, known, _TOKEN):
            stems.setdefault(stem, set()).add(name)
    shared = (alike for stem, alike in stems.items() if len(alike) > 1 and is_rewarding("/".join(stem)))
    return found.union(*shared)


def _around(name: str, tasks: Collection[str], unit: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """What stands before and after a task's name, for each place where it is made of whole units of *name*."""
    spans = [found.span() for found in unit.finditer(name)]
    for first, (start, _) in enumerate(spans):
        for _, end in spans[first:]:
            if name[start:end] in tasks:
                yield name[:start], name[end:]
