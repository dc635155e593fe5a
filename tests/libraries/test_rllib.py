"""RLlib: a real PPO whose environments live in actors."""

import json
import warnings

import pytest
import spied

from envcfg import Tracker, load

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import ray
    from ray.rllib.algorithms.ppo import PPOConfig

    from envcfg.adapters.rllib_callback import callbacks


class Growing(spied.SpiedPole):
    """Its gravity grows at every second reset, whoever asks."""

    def __init__(self, settings):
        folder = settings["folder"]
        super().__init__(f"{folder}/book-{settings.worker_index}-{id(self)}.jsonl")
        self.resets = self.steps = 0

    def reset(self, *, seed=None, options=None):
        self.resets, self.steps = self.resets + 1, 0
        self.gravity = 9.0 + self.resets // 2
        return super().reset(seed=seed, options=options)

    def step(self, action):
        observation, reward, terminated, _, info = super().step(action)
        self.steps += 1
        return observation, reward, terminated, self.steps >= spied.EPISODE, info


@pytest.fixture
def cluster(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "tests/adapters")
    ray.init(num_cpus=2, include_dashboard=False, runtime_env={"env_vars": {"PYTHONWARNINGS": "ignore"}})
    yield
    ray.shutdown()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("cluster")
def test_the_history_is_what_the_environments_saw_in_their_actors(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        config = (
            PPOConfig()
            .environment(Growing, env_config={"folder": str(tmp_path)})
            .env_runners(num_env_runners=1, num_envs_per_env_runner=2, rollout_fragment_length=40)
            .training(train_batch_size_per_learner=80, minibatch_size=40, num_epochs=1)
            .callbacks(callbacks(tracker, attributes=("gravity", "length")))
        )
        algorithm = config.build_algo()
        for _ in range(3):
            algorithm.train()
        algorithm.stop()
    history = load(tmp_path)
    books = [path.read_text().splitlines() for path in sorted(tmp_path.glob("book-1-*.jsonl"))]
    truth = [spied.changes([json.loads(line)["gravity"] for line in book]) for book in books]
    adopted = {}
    for adoption in history.adoptions:
        adopted.setdefault(adoption.place, []).append(history.config(adoption.record.config)["gravity"])
    assert sorted(adopted.values()) == sorted(truth)
    assert {(place.worker, place.slot) for place in adopted} == {(1, 0), (1, 1)}
    assert min(map(len, truth)) > 3
    assert history.last_epoch == 3
