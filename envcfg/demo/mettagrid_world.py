"""Foraging on a mettagrid map. An agent that walks onto a berry gets a reward, and the berry disappears."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from mettagrid.builder import building
from mettagrid.config.action_config import ActionsConfig, ChangeVibeActionConfig, MoveActionConfig
from mettagrid.config.game_value import InventoryValue
from mettagrid.config.handler_config import Handler
from mettagrid.config.mettagrid_config import (
    AgentConfig,
    GameConfig,
    GridObjectConfig,
    InventoryConfig,
    MettaGridConfig,
)
from mettagrid.config.mutation import withdraw
from mettagrid.config.obs_config import ObsConfig
from mettagrid.config.reward_config import reward
from mettagrid.map_builder.random_map import RandomMapBuilderConfig
from mettagrid.simulator.simulator import Simulation

from envcfg import Marker
from envcfg.demo.task import Actions, Floats, Task

_VIEW: Final = 9
_TOKENS: Final = 60
_KINDS: Final = 3
"""The tags in an observation: agents, berries and walls."""


class MettagridWorld:
    """One mettagrid simulation. A task sets the map size, berries, walls, episode length and reward."""

    observation_size = _KINDS * _VIEW * _VIEW
    actions = 5

    def __init__(self, *, agents: int) -> None:
        self.agents = agents
        self._simulation: Simulation | None = None
        self._tag = 0
        self._attainable = 1.0
        self._gained = 0.0

    def configure(self, task: Task) -> MettaGridConfig:
        params = task.params
        berry = GridObjectConfig(
            name="berry",
            inventory=InventoryConfig(initial={"berry": 1}),
            on_use_handler=Handler(mutations=[withdraw({"berry": 1}, remove_when_empty=True)]),
        )
        agent = AgentConfig(
            inventory=InventoryConfig(default_limit=255),
            rewards={"berry": reward(InventoryValue(item="berry"), weight=params["reward"])},
        )
        game = GameConfig(
            num_agents=self.agents,
            max_steps=params["max_steps"],
            episode_truncates=True,
            resource_names=["berry"],
            vibe_names=["default"],
            obs=ObsConfig(width=_VIEW, height=_VIEW, num_tokens=_TOKENS),
            actions=ActionsConfig(
                move=MoveActionConfig(allowed_directions=["north", "south", "west", "east"]),
                change_vibe=ChangeVibeActionConfig(enabled=False),
            ),
            objects={"wall": building.wall, "berry": berry},
            agent=agent,
            map_builder=RandomMapBuilderConfig(
                width=params["width"],
                height=params["height"],
                border_width=1,
                agents=self.agents,
                objects={"berry": params["berries"], "wall": params["walls"]},
            ),
        )
        return MettaGridConfig(label=task.name, game=game)

    def restore(self, config: Mapping[str, Any]) -> MettaGridConfig:
        restored: MettaGridConfig = MettaGridConfig.model_validate(_recorded(config))
        return restored

    def reset(self, config: MettaGridConfig, seed: int) -> Floats:
        if self._simulation is not None:
            self._simulation.close()
        layout = config.game.map_builder
        if not isinstance(layout, RandomMapBuilderConfig):
            raise TypeError(f"expected a config from `configure`, got one with a {type(layout).__name__}")
        # the drawn map belongs to the episode, not to the task, so the adopted config does not change
        game = config.game.model_copy(update={"map_builder": layout.model_copy(update={"seed": seed})})
        self._simulation = Simulation(config.model_copy(update={"game": game}), seed=seed)
        self._tag = config.game.id_map().feature_id("tag")
        self._attainable = layout.objects["berry"] * config.game.agent.rewards["berry"].weight
        self._gained = 0.0
        return self._observations(self._simulation)

    def step(self, actions: Actions) -> tuple[Floats, Floats, bool]:
        simulation = self._simulation
        if simulation is None:
            raise RuntimeError("step() was called before reset(): call reset(config, seed) first")
        simulation._c_sim.actions()[:] = actions  # noqa: SLF001  # documented by mettagrid for many agents
        simulation.step()
        rewards = simulation._c_sim.rewards().astype(np.float32)  # noqa: SLF001
        self._gained += float(rewards.sum())
        return self._observations(simulation), rewards, simulation.is_done() or self.outcome >= 1.0

    @property
    def outcome(self) -> float:
        return min(1.0, self._gained / self._attainable)

    def _observations(self, simulation: Any) -> Floats:
        """Return one plane for each kind of object in view. A token is (position as two nibbles, feature, value)."""
        tokens = simulation._c_sim.observations()  # noqa: SLF001
        planes = np.zeros((self.agents, _KINDS, _VIEW, _VIEW), dtype=np.float32)
        agent, token = np.nonzero((tokens[..., 1] == self._tag) & (tokens[..., 0] < 0xFE))
        place, kind = tokens[agent, token, 0], tokens[agent, token, 2]
        planes[agent, kind, place >> 4, place & 0x0F] = 1.0
        return planes.reshape(self.agents, -1)


def _recorded(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the config without values that the recording left out. mettagrid has defaults for them."""
    return {
        key: _recorded(value) if isinstance(value, Mapping) else value
        for key, value in config.items()
        if not isinstance(value, Marker)
    }
