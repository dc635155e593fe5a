"""An environment that keeps its own book, which no recorder sees: what it really ran with at each reset."""

import json
from pathlib import Path

from gymnasium.envs.classic_control.cartpole import CartPoleEnv
from gymnasium.wrappers import TimeLimit

EPISODE = 12
"""Steps after which an episode ends at the latest."""


class SpiedPole(CartPoleEnv):
    """Writes a line at each reset: its gravity, its length and the options, after they have become effective."""

    def __init__(self, book, length=0.5):
        super().__init__()
        self.length = length
        self.level = 0
        self._book = Path(book)

    def reset(self, *, seed=None, options=None):
        self.level = (options or {}).get("level", self.level)
        with self._book.open("a") as book:
            ran = {"gravity": self.gravity, "length": self.length, "level": self.level, "options": options or {}}
            book.write(json.dumps(ran) + "\n")
        return super().reset(seed=seed)

    def set_level(self, level):
        self.level = level


ATTRIBUTES = ("gravity", "length", "level")


class Maker:
    """What makes one, short-lived; it can be pickled into a worker."""

    def __init__(self, folder, slot):
        self.book = Path(folder) / f"book-{slot}.jsonl"
        self.length = 0.5 + slot / 4

    def __call__(self):
        return TimeLimit(SpiedPole(self.book, self.length), EPISODE)


def makers(folder, count):
    return [Maker(folder, slot) for slot in range(count)]


def truth(folder, count):
    """What each slot ran with at each reset, by its own book."""
    return [
        [json.loads(line) for line in (Path(folder) / f"book-{slot}.jsonl").read_text().splitlines()]
        for slot in range(count)
    ]


def changes(resets):
    """Those of *resets* that changed anything."""
    return [reset for before, reset in zip([None, *resets], resets, strict=False) if reset != before]


def recorded(history, attributes=ATTRIBUTES):
    """What each slot adopted, by the history, in whichever worker it lived."""
    found = {}
    for adoption in history.adoptions:
        config = history.config(adoption.record.config)
        ran = {name: config[name] for name in attributes} | {"options": config.get("options", {})}
        found.setdefault(adoption.place.slot, []).append(ran)
    return [found[slot] for slot in sorted(found)]
