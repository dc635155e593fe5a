"""Runs several worlds together. Each slot adopts the curriculum's task at its next reset, and records it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from envcfg import Recorder
from envcfg.demo.curricula import Curriculum
from envcfg.demo.task import Actions, Assignment, Floats, Task, World


@dataclass
class Episodes:
    """The episodes that ended since the last call of `take_episodes`: their outcomes by task, and their returns."""

    outcomes: dict[str, list[float]] = field(default_factory=dict)
    returns: list[float] = field(default_factory=list)

    @property
    def rewards(self) -> list[float]:
        """The outcomes of all tasks."""
        return [outcome for outcomes in self.outcomes.values() for outcome in outcomes]


class Slots:
    """Steps *worlds* together. `step` counts environment steps of all slots."""

    def __init__(self, worlds: Sequence[World], curriculum: Curriculum, tracker: Recorder, *, seed: int) -> None:
        self.step = 0
        self.epoch = 0
        self._worlds = tuple(worlds)
        self._curriculum = curriculum
        self._tracker = tracker
        self._seeds = np.random.default_rng(seed)
        self._tasks: dict[int, Task] = {}
        self._configs: dict[str, object] = {}
        self._returns = [0.0] * len(worlds)
        self._episodes = Episodes()
        self._observations = [self._reset(slot) for slot in range(len(worlds))]

    @property
    def observations(self) -> Floats:
        """(slots * agents, observation_size)"""
        return np.concatenate(self._observations)

    def begin_epoch(self, epoch: int) -> None:
        """Let the curriculum decide, and record what it asks of all slots."""
        self.epoch = epoch
        decided = self._curriculum.decide(self.step, epoch)
        if decided is not None:
            config = self._config(self._worlds[0], decided)
            self._tracker.request(config, step=self.step, epoch=epoch, task=decided.task.name, cause=decided.cause)

    def act(self, actions: Actions) -> tuple[Floats, Floats]:
        """Step every slot. Return rewards and ends (1.0 if an episode ended), both of shape (slots * agents,)."""
        rewards, ends = [], []
        for slot, (world, chosen) in enumerate(zip(self._worlds, np.split(actions, len(self._worlds)), strict=True)):
            observation, reward, is_over = world.step(chosen)
            self.step += 1
            self._returns[slot] += float(reward.sum())
            if is_over:
                self._end(slot)
                observation = self._reset(slot)
            self._observations[slot] = observation
            rewards.append(reward)
            ends.append(np.full(world.agents, is_over, dtype=np.float32))
        return np.concatenate(rewards), np.concatenate(ends)

    def take_episodes(self) -> Episodes:
        """Return the episodes that ended since the last call."""
        episodes, self._episodes = self._episodes, Episodes()
        return episodes

    def _end(self, slot: int) -> None:
        task, outcome = self._tasks[slot], self._worlds[slot].outcome
        self._episodes.outcomes.setdefault(task.name, []).append(outcome)
        self._episodes.returns.append(self._returns[slot])
        self._returns[slot] = 0.0
        self._curriculum.finished(task, outcome)

    def _reset(self, slot: int) -> Floats:
        assignment = self._curriculum.assign(slot, self.step)
        world = self._worlds[slot]
        config = self._config(world, assignment)
        observation = world.reset(config, seed=int(self._seeds.integers(2**31)))
        assignment.check(config)
        self._tasks[slot] = assignment.task
        self._record(slot, config, assignment)
        return observation

    def _config(self, world: World, assignment: Assignment) -> object:
        """Return the config of a task. It is made once and never changes."""
        if assignment.config is not None:
            return world.restore(assignment.config)
        name = assignment.task.name
        if name not in self._configs:
            self._configs[name] = world.configure(assignment.task)
        return self._configs[name]

    def _record(self, slot: int, config: object, assignment: Assignment) -> None:
        """Record the adopted config. A training loop needs only this call."""
        self._tracker.record(
            config,
            step=self.step,
            epoch=self.epoch,
            task=assignment.task.name,
            slot=slot,
            requested_at=assignment.requested_at,
            cause=assignment.cause,
            version=0 if assignment.config is None else None,  # the same object is the same config
        )
