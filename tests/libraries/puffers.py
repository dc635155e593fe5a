"""Mettagrid environments for pufferlib's workers, in a module that the workers can import."""

import metta
from mettagrid.envs.mettagrid_puffer_env import MettaGridPufferEnv
from mettagrid.simulator import Simulator

from envcfg.adapters.mettagrid_handler import MettagridHandler


class Growing(metta.Spy):
    """Makes the map larger after every second episode."""

    env, episodes = None, 0

    def on_episode_end(self):
        self.episodes += 1
        self.env.set_mg_config(metta.config(8 + self.episodes // 2))


def make(tracker, slot, folder, buf=None, seed=0):
    """Create the environment, as pufferlib does in a worker. It is recorded if there is a tracker."""
    spy = Growing(folder, slot)
    simulator = Simulator()
    if tracker is not None:
        simulator.add_event_handler(MettagridHandler(tracker, slot=slot))
    simulator.add_event_handler(spy)
    spy.env = env = MettaGridPufferEnv(simulator, metta.config(8), buf=buf, seed=seed)
    return env
