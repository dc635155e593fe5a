"""An environment of tensors with its own log, independent of the recorder: the parameters of a slot at each reset."""

import torch


class Terrain:
    """`level` and `friction` of each slot. After some steps a slot is reset and gets other values."""

    max_episode_length = 9

    def __init__(self, slots, device="cpu"):
        self.num_envs, self.num_actions, self.device, self.cfg = slots, 2, device, {}
        self.gravity = -9.81
        self.level = torch.zeros(slots, dtype=torch.long)
        self.friction = torch.full((slots, 2), 0.5)
        self.episode_length_buf = torch.arange(slots) % self.max_episode_length
        self.book = [[] for _ in range(slots)]
        self.rewards, self.dones = [], []
        self._note(torch.ones(slots, dtype=torch.bool))

    def state(self):
        return torch.stack([self.level / 10, self.friction[:, 0], self.episode_length_buf / 10], dim=1)

    def step(self, actions):
        """Returns the values of legged_gym: observations, observations of the critic, rewards, dones, extras."""
        self.episode_length_buf = self.episode_length_buf + 1
        rewards = -((actions[:, 0] - self.friction[:, 0]) ** 2) - self.level * 0.1
        dones = self.episode_length_buf >= self.max_episode_length
        self.level = torch.where(dones, (self.level + 1) % 7, self.level)  # a known schedule
        drawn = torch.rand(self.num_envs, 2)
        self.friction = torch.where(dones[:, None], drawn, self.friction)
        self.episode_length_buf = torch.where(dones, 0, self.episode_length_buf)
        self._note(dones)
        self.rewards.append(rewards.tolist())
        self.dones.append(dones.tolist())
        return self.state(), None, rewards, dones.long(), {}

    def episodes(self):
        """The rewards of each episode that ended, by the level that it ran."""
        found = {}
        for slot in range(self.num_envs):
            levels, rewards = iter(level for level, _ in self.book[slot]), []
            level = next(levels)
            for reward, done in zip(self.rewards, self.dones, strict=True):
                rewards.append(reward[slot])
                if done[slot]:
                    found.setdefault(f"level/{level}", []).append(rewards)
                    level, rewards = next(levels), []
        return found

    def _note(self, resets):
        for slot in resets.nonzero().flatten().tolist():
            self.book[slot].append((self.level[slot].item(), self.friction[slot].tolist()))


ATTRIBUTES = ("level", "friction", "gravity")


def recorded(history):
    """The adoptions of each slot in the history."""
    found = {}
    for adoption in history.adoptions:
        config = history.config(adoption.record.config)
        assert config["gravity"] == -9.81
        found.setdefault(adoption.place.slot, []).append((config["level"], config["friction"]))
    return [found[slot] for slot in sorted(found)]
