"""An environment with its own log, independent of the recorder: its real parameters at each reset."""

import json
from pathlib import Path

from gymnasium import vector
from gymnasium.envs.classic_control.cartpole import CartPoleEnv
from gymnasium.wrappers import TimeLimit

EPISODE = 12
"""Steps after which an episode ends at the latest."""


class SpiedPole(CartPoleEnv):
    """Logs its gravity, its length and the options at each reset, after they became effective."""

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
MODES = {mode.name: mode for mode in getattr(vector, "AutoresetMode", ())} or {"NEXT_STEP": None}
"""The autoreset modes; gymnasium 1.0 has only one, and no name for it."""


def vectorised(kind, mode):
    """What makes a vector environment of this kind, which resets its environments in this mode."""
    return lambda fns: kind(fns, **({} if MODES[mode] is None else {"autoreset_mode": MODES[mode]}))


class Maker:
    """Creates an environment with short episodes. It can be pickled into a worker."""

    def __init__(self, folder, slot):
        self.book = Path(folder) / f"book-{slot}.jsonl"
        self.length = 0.5 + slot / 4

    def __call__(self):
        return TimeLimit(SpiedPole(self.book, self.length), EPISODE)


def makers(folder, count):
    return [Maker(folder, slot) for slot in range(count)]


def truth(folder, count):
    """The parameters of each slot at each reset, from its own log."""
    return [
        [json.loads(line) for line in (Path(folder) / f"book-{slot}.jsonl").read_text().splitlines()]
        for slot in range(count)
    ]


def changes(resets):
    """The *resets* that changed a value."""
    return [reset for before, reset in zip([None, *resets], resets, strict=False) if reset != before]


def recorded(history, attributes=ATTRIBUTES):
    """The adoptions of each slot in the history, in any worker."""
    found = {}
    for adoption in history.adoptions:
        config = history.config(adoption.record.config)
        ran = {name: config[name] for name in attributes} | {"options": config.get("options", {})}
        found.setdefault(adoption.place.slot, []).append(ran)
    return [found[slot] for slot in sorted(found)]
