"""RLlib: a real PPO whose environments live in actors."""

import json
import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import spied

from envcfg import Tracker, load

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import ray
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.rllib.env.multi_agent_env import MultiAgentEnv

    from envcfg.adapters.rllib_callback import rllib_callbacks


class Growing(spied.SpiedPole):
    """An environment whose gravity grows at every second reset."""

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


def train(folder, *callback):
    """The final weights and the start of each episode, which depend on each random draw and reward."""
    folder.mkdir()
    config = (
        PPOConfig()
        .environment(Growing, env_config={"folder": str(folder)})
        .env_runners(num_env_runners=1, num_envs_per_env_runner=2, rollout_fragment_length=40)
        .training(train_batch_size_per_learner=80, minibatch_size=40, num_epochs=1)
        .debugging(seed=3)
        .callbacks(*callback)
    )
    algorithm = config.build_algo()
    returns = [algorithm.train()["env_runners"].get("episode_return_mean") for _ in range(3)]
    weights = {name: value.tolist() for name, value in algorithm.get_module().state_dict().items()}
    algorithm.stop()
    return weights, returns


def books(folder):
    return sorted(
        (
            [json.loads(line)["gravity"] for line in path.read_text().splitlines()]
            for path in folder.glob("book-1-*.jsonl")
        ),
        key=str,
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("cluster")
def test_a_recorded_training_is_bit_for_bit_the_same_and_its_history_equals_the_actors_logs(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        on = train(tmp_path / "on", rllib_callbacks(tracker, attributes=("gravity", "length")))
    assert on == train(tmp_path / "plain", None)
    history = load(tmp_path)
    assert books(tmp_path / "on") == books(tmp_path / "plain")
    truth = [spied.changes(book) for book in books(tmp_path / "on")]
    adopted = {}
    for adoption in history.adoptions:
        adopted.setdefault(adoption.place, []).append(history.config(adoption.record.config)["gravity"])
    assert sorted(adopted.values(), key=str) == sorted(truth, key=str)
    assert {(place.worker, place.slot) for place in adopted} == {(0, 0), (0, 1)}
    assert min(map(len, truth)) > 3
    assert history.last_epoch == 3


class Pair(MultiAgentEnv):
    """Two agents, each with a speed that grows at every second reset."""

    possible_agents = agents = ("one", "other")

    def __init__(self, settings):
        super().__init__()
        self.observation_spaces = dict.fromkeys(self.possible_agents, gymnasium.spaces.Box(0, 9, (1,), np.float32))
        self.action_spaces = dict.fromkeys(self.possible_agents, gymnasium.spaces.Discrete(2))
        self.book = Path(settings["folder"]) / f"book-{settings.worker_index}-{id(self)}.jsonl"
        self.resets = self.steps = 0

    def reset(self, *, seed=None, options=None):
        self.resets, self.steps = self.resets + 1, 0
        self.speed = {"one": self.resets // 2, "other": self.resets // 2 + 1}
        with self.book.open("a") as book:
            book.write(json.dumps({"gravity": self.speed}) + "\n")
        return self.of_each(np.zeros(1, np.float32)), self.of_each({})

    def step(self, actions):
        self.steps += 1
        over = {"__all__": self.steps == 6, **self.of_each(self.steps == 6)}
        seen = self.of_each(np.full(1, self.steps, np.float32))
        return seen, self.of_each(1.0), over, {"__all__": False}, self.of_each({})

    def of_each(self, value):
        return dict.fromkeys(self.possible_agents, value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("cluster")
def test_an_environment_of_several_agents_is_one_slot_with_a_key_for_each_agent(tmp_path):
    (tmp_path / "on").mkdir()
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        config = (
            PPOConfig()
            .environment(Pair, env_config={"folder": str(tmp_path / "on")})
            .env_runners(num_env_runners=1, num_envs_per_env_runner=2, rollout_fragment_length=20)
            .training(train_batch_size_per_learner=40, minibatch_size=20, num_epochs=1)
            .multi_agent(policies={"p"}, policy_mapping_fn=lambda *_, **__: "p")
            .callbacks(rllib_callbacks(tracker, attributes=("speed",), spec=False))
        )
        algorithm = config.build_algo()
        algorithm.train()
        algorithm.stop()
    history = load(tmp_path)
    adopted = {}
    for adoption in history.adoptions:
        adopted.setdefault(adoption.place.slot, []).append(history.config(adoption.record.config)["speed"])
    truth = [spied.changes(book) for book in books(tmp_path / "on")]
    assert [adopted[slot] for slot in sorted(adopted)] == truth
    assert len(truth) == 2
    assert min(map(len, truth)) > 2


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("cluster")
def test_each_environment_of_each_runner_has_a_slot_of_its_own_also_for_an_evaluation(tmp_path):
    books = tmp_path / "books"
    books.mkdir()
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        algorithm = (
            PPOConfig()
            .environment(Growing, env_config={"folder": str(books)})
            .env_runners(
                num_env_runners=2, num_envs_per_env_runner=2, rollout_fragment_length=20, num_cpus_per_env_runner=0
            )
            .training(train_batch_size_per_learner=80, minibatch_size=40, num_epochs=1)
            .evaluation(evaluation_num_env_runners=1, evaluation_interval=1, evaluation_duration=4)
            .callbacks(rllib_callbacks(tracker, attributes=("gravity",)))
            .build_algo()
        )
        algorithm.train()
        algorithm.train()
        algorithm.stop()
    history = load(tmp_path)
    assert sorted((place.worker, place.slot) for place in history.adoptions.places) == [(0, slot) for slot in range(4)]
    evaluated = history.of_role("eval").adoptions.places
    assert {place.slot for place in evaluated} <= {0, 1}
    assert len(evaluated) >= 1
    assert not history.failures
