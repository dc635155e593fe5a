"""Proximal policy optimisation (Schulman et al. 2017, arXiv 1707.06347) in its simplest form."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from envcfg.demo.slots import Slots
from envcfg.demo.task import Floats


@dataclass(frozen=True)
class Settings:
    """The parameters of the algorithm. `rollout` is the number of steps of each slot in an epoch."""

    rollout: int
    passes: int
    minibatches: int
    learning_rate: float
    gamma: float
    gae_lambda: float
    clip: float
    entropy: float
    hidden: int


class Policy(nn.Module):
    """Two shared layers, with one output for the actions and one for the value."""

    def __init__(self, inputs: int, actions: int, hidden: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh())
        self.action = nn.Linear(hidden, actions)
        self.value = nn.Linear(hidden, 1)
        nn.init.orthogonal_(self.action.weight, 0.01)
        nn.init.zeros_(self.action.bias)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log-probabilities of the actions, and the values."""
        body = self.body(observations)
        return torch.log_softmax(self.action(body), dim=-1), self.value(body).squeeze(-1)


@dataclass
class Batch:
    """A rollout, flattened over time and agents."""

    observations: Tensor
    actions: Tensor
    log_probs: Tensor
    advantages: Tensor
    returns: Tensor


class PPO:
    """Collects rollouts from slots and improves a policy with them. *generator* makes every random choice."""

    def __init__(self, slots: Slots, policy: Policy, settings: Settings, generator: torch.Generator) -> None:
        self._slots = slots
        self._policy = policy
        self._settings = settings
        self._generator = generator
        self._optimizer = torch.optim.Adam(policy.parameters(), lr=settings.learning_rate, eps=1e-5)

    def epoch(self) -> dict[str, float]:
        """Collect one rollout and update the policy with it. Return the mean losses of the last pass."""
        return self._improve(self._collect())

    def _collect(self) -> Batch:
        observations, actions, log_probs, values, rewards, ends = [], [], [], [], [], []
        for _ in range(self._settings.rollout):
            observed = torch.from_numpy(self._slots.observations)
            with torch.no_grad():
                log_prob, value = self._policy(observed)
            action = torch.multinomial(log_prob.exp(), 1, generator=self._generator).squeeze(-1)
            reward, end = self._slots.act(action.numpy())
            observations.append(observed)
            actions.append(action)
            log_probs.append(log_prob.gather(1, action[:, None]).squeeze(-1))
            values.append(value.numpy())
            rewards.append(reward)
            ends.append(end)
        with torch.no_grad():
            last = self._policy(torch.from_numpy(self._slots.observations))[1].numpy()
        held = np.stack(values)
        gains = advantages(
            np.stack(rewards), held, np.stack(ends), last, gamma=self._settings.gamma, lam=self._settings.gae_lambda
        )
        flat = torch.from_numpy(gains).flatten()
        return Batch(
            torch.cat(observations),
            torch.cat(actions),
            torch.cat(log_probs),
            flat,
            flat + torch.from_numpy(held).flatten(),
        )

    def _improve(self, batch: Batch) -> dict[str, float]:
        losses: list[tuple[float, float, float]] = []
        for _ in range(self._settings.passes):
            order = torch.randperm(len(batch.actions), generator=self._generator)
            losses = [self._update(batch, part) for part in order.chunk(self._settings.minibatches)]
        policy, value, entropy = np.mean(losses, axis=0)
        return {"loss/policy": float(policy), "loss/value": float(value), "loss/entropy": float(entropy)}

    def _update(self, batch: Batch, part: Tensor) -> tuple[float, float, float]:
        settings = self._settings
        log_probs, values = self._policy(batch.observations[part])
        chosen = log_probs.gather(1, batch.actions[part][:, None]).squeeze(-1)
        ratio = (chosen - batch.log_probs[part]).exp()
        gains = batch.advantages[part]
        gains = (gains - gains.mean()) / (gains.std() + 1e-8)
        clipped = ratio.clamp(1 - settings.clip, 1 + settings.clip)
        policy_loss = -torch.minimum(ratio * gains, clipped * gains).mean()
        value_loss = (values - batch.returns[part]).square().mean()
        entropy = -(log_probs.exp() * log_probs).sum(-1).mean()
        loss = policy_loss + 0.5 * value_loss - settings.entropy * entropy
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._policy.parameters(), 0.5)
        self._optimizer.step()
        return policy_loss.item(), value_loss.item(), entropy.item()


def advantages(rewards: Floats, values: Floats, ends: Floats, last: Floats, *, gamma: float, lam: float) -> Floats:
    """Return generalised advantage estimates (Schulman et al. 2015, arXiv 1506.02438).

    All arrays have the shape (time, agents), and *last* has (agents,). `ends[t]` is 1 if the episode ended with step t.
    Later rewards then do not count.
    """
    gains = np.zeros_like(rewards)
    ahead = np.zeros_like(last)
    following = last
    for t in reversed(range(len(rewards))):
        alive = 1.0 - ends[t]
        ahead = rewards[t] + gamma * following * alive - values[t] + gamma * lam * alive * ahead
        gains[t], following = ahead, values[t]
    return gains
