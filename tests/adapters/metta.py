"""Small mettagrid configs, and a handler that logs the maps that were really built."""

import json
from pathlib import Path

from mettagrid.simulator.interface import SimulatorEventHandler

from envcfg.demo.mettagrid_world import MettagridWorld
from envcfg.demo.task import Task

STEPS = 8


def config(size):
    """A small map of *size*, always the same, with short episodes."""
    params = {"width": size, "height": size, "berries": 3, "walls": 0, "max_steps": STEPS, "reward": 1.0}
    made = MettagridWorld(agents=1).configure(Task(f"size/{size}", params))
    made.game.map_builder.seed = size
    return made


class Spy(SimulatorEventHandler):
    """Logs the size of each map that was built, and the time limit."""

    def __init__(self, folder, slot):
        super().__init__()
        self.book = _book(folder, slot)

    def on_episode_start(self):
        with self.book.open("a") as book:
            book.write(json.dumps([self._sim.map_width, self._sim.config.game.max_steps]) + "\n")


class Booked(SimulatorEventHandler):
    """Sums up what the agents earn at each step, and how many steps they take."""

    def __init__(self):
        super().__init__()
        self.episodes = []

    def on_episode_start(self):
        self.rewards, self.steps = 0.0, 0

    def on_step(self):
        self.rewards += float(self._sim._c_sim.rewards().sum())
        self.steps += 1

        if self.steps == STEPS:
            self.episodes.append((self._sim.config.label, self.rewards / self._sim.num_agents, self.steps))


def truth(folder, slots):
    return [[tuple(json.loads(line)) for line in _book(folder, slot).read_text().splitlines()] for slot in range(slots)]


def adopted(history, slots):
    """The same, from the history."""
    found = [[] for _ in range(slots)]
    for adoption in history.adoptions:
        game = history.config(adoption.record.config)["game"]
        found[adoption.place.slot].append((game["map_builder"]["width"], game["max_steps"]))
    return found


def _book(folder, slot):
    return Path(folder) / f"book-{slot}.jsonl"
