"""A policy gradient on any vector environment: a real training that depends on each random draw and reward."""

import random
from typing import NamedTuple

import numpy as np
import torch

SEED = 3


class Learned(NamedTuple):
    """The result of a training, to be compared bit for bit."""

    weights: list
    rewards: list
    streams: list
    """Where the random generators of Python, numpy and torch have come to."""


def seeded():
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002  # libraries draw from this one
    torch.manual_seed(SEED)


def streams():
    return [random.getstate(), [repr(part) for part in np.random.get_state()], torch.get_rng_state().tolist()]  # noqa: NPY002


def learn(envs, actions, *, updates=6, steps=20, between=None):
    """Train on *envs*, which reset and step like Gymnasium vector environments; *between* is called before updates."""
    seeded()
    seen, _ = envs.reset(seed=SEED)
    actor = torch.nn.Linear(_flat(seen).shape[1], actions)
    optimizer = torch.optim.Adam(actor.parameters(), lr=0.01)
    every = []
    for update in range(updates):
        if between is not None:
            between(update)
        losses, rewards = [], []
        for _ in range(steps):
            policy = torch.distributions.Categorical(logits=actor(_flat(seen)))
            drawn = policy.sample()
            seen, reward, *_ = envs.step(drawn.numpy().astype(envs.action_space.dtype))
            losses.append(policy.log_prob(drawn))
            rewards.append(torch.as_tensor(np.array(reward), dtype=torch.float32))
        optimizer.zero_grad()
        gained = torch.stack(rewards).sum(0)
        (-torch.stack(losses).sum(0) * (gained - gained.mean())).mean().backward()
        optimizer.step()
        every += [reward.tolist() for reward in rewards]
    return Learned([value.tolist() for value in actor.parameters()], every, streams())


def _flat(seen):
    array = np.array(seen, dtype=np.float32)
    return torch.from_numpy(array.reshape(len(array), -1))
