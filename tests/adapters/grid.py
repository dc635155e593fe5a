"""Combinations of vector environments, autoreset modes and wrappers, each with books of its own and a small learner."""

import random
from functools import partial

import numpy as np
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import batch_space
from gymnasium.wrappers import ClipReward, OrderEnforcing, TimeLimit
from gymnasium.wrappers.vector import RecordEpisodeStatistics as VectorStatistics

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv
from envcfg.adapters.tensor_env import recorded_tensors
from envcfg.testing import SpyEnv, assert_books, books, spies

SLOTS = 3
KINDS = {
    "sync": SyncVectorEnv,
    **{f"async {method}": partial(AsyncVectorEnv, context=method) for method in ("fork", "forkserver", "spawn")},
    "native": None,
}
WRAPPERS = ("none", "inside", "outside", "both")


class Limited:
    """Makes a spy in three wrappers. It can be pickled into a worker."""

    def __init__(self, make):
        self.make = make

    def __call__(self):
        return ClipReward(TimeLimit(OrderEnforcing(self.make()), 6), -1.0, 1.0)


class Natives(VectorEnv):
    """The environments of the makers in one object, whose parameters are arrays. Its books are theirs."""

    def __init__(self, makers, autoreset_mode):
        self.envs_inside = [make() for make in makers]
        self.num_envs, self.mode = len(makers), autoreset_mode
        self.metadata = {"autoreset_mode": autoreset_mode}
        self.single_observation_space = SpyEnv.observation_space
        self.single_action_space = SpyEnv.action_space
        self.observation_space = batch_space(SpyEnv.observation_space, self.num_envs)
        self.action_space = batch_space(SpyEnv.action_space, self.num_envs)
        self.over = np.zeros(self.num_envs, bool)

    @property
    def level(self):
        return np.array([env.unwrapped.level for env in self.envs_inside])

    @property
    def gravity(self):
        return np.array([env.unwrapped.gravity for env in self.envs_inside])

    def reset(self, *, seed=None, options=None):
        mask = (options or {}).get("reset_mask", np.ones(self.num_envs, bool))
        self.over &= ~mask
        for slot in np.flatnonzero(mask):
            self.envs_inside[slot].reset(seed=None if seed is None else seed + int(slot))
        return self._seen(), {}

    def step(self, actions):
        rewards, over = np.zeros(self.num_envs), np.zeros(self.num_envs, bool)
        for slot, env in enumerate(self.envs_inside):
            if self.mode is AutoresetMode.NEXT_STEP and self.over[slot]:
                env.reset()
                continue
            _, rewards[slot], terminated, truncated, _ = env.step(actions[slot])
            over[slot] = terminated or truncated
            if self.mode is AutoresetMode.SAME_STEP and over[slot]:
                env.reset()
        self.over = over
        return self._seen(), rewards, np.zeros(self.num_envs, bool), over.copy(), {}

    def set_all(self, gravity):
        for env in self.envs_inside:
            env.unwrapped.gravity = gravity

    def _seen(self):
        return np.stack([env.unwrapped._seen() for env in self.envs_inside])


def learned(envs, mode, raise_gravity, steps=60):
    """The weights of a small learner, and the state of the generators. It depends on each observation and reward."""
    random.seed(3)
    draws = np.random.default_rng(3)
    weights = np.zeros(3)
    seen, _ = envs.reset(seed=7)
    for step in range(steps):
        actions = (seen @ weights + draws.normal(size=SLOTS) > 0).astype(np.int64)
        seen, rewards, terminated, truncated, _ = envs.step(actions)
        weights += 0.01 * np.asarray(rewards, float) @ np.asarray(seen, float)
        over = np.logical_or(terminated, truncated)
        if mode is AutoresetMode.DISABLED and over.any():
            seen, _ = envs.reset(options={"reset_mask": over})
        if step % 20 == 10:
            raise_gravity(9.0 + step)
        if step == 35:
            seen, _ = envs.reset(seed=9)
    envs.close()
    return weights.tolist(), repr(draws.bit_generator.state), random.getstate()


def run(kind, mode, wrappers, folder, tracker=None):
    """What was learned in one combination, with a recorder if there is a *tracker*."""
    makers = spies(folder, SLOTS)
    makers = [Limited(make) for make in makers] if wrappers in ("inside", "both") else makers
    if kind == "native":
        envs = Natives(makers, mode)
        ask = envs.set_all
        if tracker is not None:
            recorded_tensors(envs, tracker, attributes=SpyEnv.parameters, draws=False)
    else:
        using = partial(KINDS[kind], autoreset_mode=mode)
        given = {"using": using, "attributes": SpyEnv.parameters}
        envs = using(makers) if tracker is None else RecordedVectorEnv.make(makers, tracker, **given)
        ask = partial(envs.set_attr, "gravity")
    around = VectorStatistics(envs) if wrappers in ("outside", "both") else envs
    return learned(around, mode, ask)


def check(kind, mode, wrappers, folder):
    """Assert that one combination learns the same with a recorder, and that the recording equals the books."""
    mode = AutoresetMode[mode]
    with Tracker(folder / "envcfg", run="r", strict=True) as tracker:
        on = run(kind, mode, wrappers, folder / "on", tracker)
    assert on == run(kind, mode, wrappers, folder / "off")
    assert books(folder / "on") == books(folder / "off")
    assert min(map(len, books(folder / "on"))) > 5
    history = load(folder)
    assert_books(history, folder / "on")
    assert (history.status, history.failures, history.losses) == ("completed", (), ())
