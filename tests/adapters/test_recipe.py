"""The recipe of `docs/adapters.md` for a script that is not changed."""

import re
import subprocess
import sys
from pathlib import Path

from envcfg import load

PAGE = Path(__file__).parents[2] / "docs" / "adapters.md"
PPO = """
import argparse
import gymnasium as gym
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--env-id")
parser.add_argument("--num-envs", type=int)
args = parser.parse_args()

def make_env(env_id):
    return lambda: gym.wrappers.RecordEpisodeStatistics(gym.make(env_id))

envs = gym.vector.SyncVectorEnv([make_env(args.env_id) for _ in range(args.num_envs)])
torch.manual_seed(1)
actor = torch.nn.Linear(4, 2)
optimizer = torch.optim.Adam(actor.parameters(), lr=0.01)
seen, _ = envs.reset(seed=1)
for iteration in range(6):
    if iteration == 3:
        envs.call("set_wrapper_attr", "gravity", 20.0)
    gained = 0.0
    for step in range(20):
        policy = torch.distributions.Categorical(logits=actor(torch.as_tensor(seen)))
        action = policy.sample()
        seen, reward, *_ = envs.step(action.numpy())
        gained = gained + (policy.log_prob(action) * torch.as_tensor(reward)).sum()
    optimizer.zero_grad()
    (-gained).backward()
    optimizer.step()
print([value.tolist() for value in actor.parameters()], torch.get_rng_state().sum().item())
envs.close()
"""


def test_an_unchanged_script_is_recorded(tmp_path):
    (recipe,) = re.findall(r"```python\n# recorded.py\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "recorded.py").write_text(recipe)
    (tmp_path / "ppo.py").write_text(PPO)

    def ppo(env):
        command = [sys.executable, "ppo.py", "--env-id", env, "--num-envs", "4"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert ppo("recorded:Recorded-v0") == ppo("CartPole-v1")
    history = load(tmp_path / "runs" / "7")
    assert history.status == "completed"
    assert {place.slot for place in history.adoptions.rows} == {0, 1, 2, 3}
    steps = [change.step for change in history.changes]
    assert len(history.changes) >= 1
    assert all(240 < step <= 480 for step in steps)  # after the call, which comes after 60 steps of 4 environments
    assert history.at("last")["gravity"] == 20.0
