"""Mettagrid environments for pufferlib's workers: they are started anew, so it has to lie in a module."""

import json
from pathlib import Path

from metta import config
from mettagrid.envs.mettagrid_puffer_env import MettaGridPufferEnv
from mettagrid.simulator import Simulator
from mettagrid.simulator.interface import SimulatorEventHandler

from envcfg.adapters.mettagrid_handler import EnvConfigHandler


class Spy(SimulatorEventHandler):
    """Keeps a book of the maps that were really built, and has the next one be larger after every second episode."""

    def __init__(self, book):
        super().__init__()
        self.book, self.env, self.episodes = Path(book), None, 0

    def on_episode_start(self):
        with self.book.open("a") as book:
            book.write(json.dumps([self._sim.map_width, self._sim.config.game.max_steps]) + "\n")

    def on_episode_end(self):
        self.episodes += 1
        self.env.set_mg_config(config(8 + self.episodes // 2))


def make(tracker, slot, folder, buf=None, seed=0):
    """As pufferlib calls it in a worker."""
    spy = Spy(Path(folder) / f"book-{slot}.jsonl")
    simulator = Simulator()
    simulator.add_event_handler(EnvConfigHandler(tracker, slot=slot))
    simulator.add_event_handler(spy)
    spy.env = env = MettaGridPufferEnv(simulator, config(8), buf=buf, seed=seed)
    return env


def truth(folder, slots):
    books = (Path(folder) / f"book-{slot}.jsonl" for slot in range(slots))
    return [[tuple(json.loads(line)) for line in book.read_text().splitlines()] for book in books]
