"""Environments of PettingZoo with logs of their own: the real parameters of all agents at each reset."""

import gymnasium
import numpy as np
from pettingzoo import AECEnv, ParallelEnv

AGENTS = ("one", "other")
SEEN, ACTIONS = gymnasium.spaces.Box(0, 99, (1,), np.float32), gymnasium.spaces.Discrete(2)
EPISODE = 5
ATTRIBUTES = ("speed", "wind")
BOOKS = []
"""The books of all environments that were copied or made, in the order in which they were reset first."""


class Parameters:
    """A speed for each agent, and a wind for all, both moved at each reset."""

    metadata = {"name": "pair", "render_modes": []}  # noqa: RUF012
    render_mode = None
    possible_agents = list(AGENTS)  # noqa: RUF012
    episodes = 0
    book = None

    def observation_space(self, agent):
        return SEEN

    def action_space(self, agent):
        return ACTIONS

    def begin(self):
        if self.book is None:
            self.book = []
            BOOKS.append(self.book)
        self.agents, self.steps = list(AGENTS), 0
        self.speed = {agent: self.episodes // 2 + number for number, agent in enumerate(AGENTS)}
        self.wind = self.episodes / 4
        self.episodes += 1
        self.book.append({"speed": dict(self.speed), "wind": self.wind})

    def of_each(self, value):
        return dict.fromkeys(self.agents, value)


class Pair(Parameters, ParallelEnv):
    """Both agents act together."""

    def reset(self, seed=None, options=None):
        self.begin()
        return self.of_each(np.zeros(1, np.float32)), self.of_each({})

    def step(self, actions):
        self.steps += 1
        rewards = {agent: float(self.speed[agent]) for agent in actions}
        taken = self.of_each(np.full(1, self.steps, np.float32)), rewards, self.of_each(False)
        taken = *taken, self.of_each(self.steps == EPISODE), self.of_each({})
        self.agents = [] if self.steps == EPISODE else self.agents
        return taken


class Turns(Parameters, AECEnv):
    """The agents act in turn."""

    def reset(self, seed=None, options=None):
        self.begin()
        self.rewards, self._cumulative_rewards = self.of_each(0.0), self.of_each(0.0)
        self.terminations, self.truncations, self.infos = self.of_each(False), self.of_each(False), self.of_each({})
        self.agent_selection = AGENTS[0]

    def observe(self, agent):
        return np.full(1, self.steps, np.float32)

    def step(self, action):
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self._cumulative_rewards[agent] = 0.0
        self.steps += 1
        self.rewards = {each: float(self.speed[each]) * (each == agent) for each in self.agents}
        if self.steps == 2 * EPISODE:
            self.truncations = self.of_each(True)
        self.agent_selection = AGENTS[(AGENTS.index(agent) + 1) % 2]
        self._accumulate_rewards()


def recorded(history):
    """The adoptions of each slot in the history."""
    found = {}
    for adoption in history.adoptions:
        config = history.config(adoption.record.config)
        found.setdefault(adoption.place.slot, []).append({name: config[name] for name in ATTRIBUTES})
    return [found[slot] for slot in sorted(found)]
