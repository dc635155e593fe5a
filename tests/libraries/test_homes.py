"""Trainers without an adapter of their own, through the recipes of `docs/adapters.md`: same training, and the books."""

import random

import gymnasium
import numpy as np
import pytest
import torch

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_env import RecordedEnv, recorded
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv
from envcfg.adapters.tensor_env import recorded_tensors
from envcfg.testing import SpyEnv, assert_books, books, spies

pytestmark = pytest.mark.filterwarnings("ignore")
SLOTS = 2
PARAMETERS = SpyEnv.parameters


def seeded():
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002  # libraries draw from this one
    torch.manual_seed(3)


def check(train, folder):
    """Train without and with a recorder; *train* gets functions that make environments, and the tracker or None."""
    seeded()
    off = train(spies(folder / "off", SLOTS), None)
    seeded()
    with Tracker(folder / "envcfg", run="r", strict=True) as tracker:
        on = train(spies(folder / "on", SLOTS), tracker)
    assert len(off) > 0
    assert all(torch.equal(one, other) for one, other in zip(off, on, strict=True))
    assert books(folder / "off") == books(folder / "on")
    assert min(map(len, books(folder / "on"))) > 3
    assert_books(load(folder), folder / "on")


def values(module):
    return [value.detach().clone() for value in module.state_dict().values()]


def test_tianshou(tmp_path):
    from tianshou.algorithm import DQN
    from tianshou.algorithm.modelfree.dqn import DiscreteQLearningPolicy
    from tianshou.algorithm.optim import AdamOptimizerFactory
    from tianshou.data import Collector, VectorReplayBuffer
    from tianshou.env import DummyVectorEnv
    from tianshou.trainer import OffPolicyTrainerParams
    from tianshou.utils.net.common import Net

    def train(makers, tracker):
        makers = makers if tracker is None else recorded(makers, tracker, attributes=PARAMETERS)
        envs = DummyVectorEnv(makers)
        envs.seed(3)
        net = Net(state_shape=(3,), action_shape=2, hidden_sizes=[8])
        policy = DiscreteQLearningPolicy(model=net, action_space=SpyEnv.action_space, eps_training=0.3)
        algorithm = DQN(policy=policy, optim=AdamOptimizerFactory(lr=1e-3))
        collector = Collector(algorithm, envs, VectorReplayBuffer(200, SLOTS), exploration_noise=True)

        def said(_, step):
            if tracker is not None:
                tracker.set_step(step=step)

        algorithm.run_training(
            OffPolicyTrainerParams(
                training_collector=collector,
                max_epochs=2,
                epoch_num_steps=60,
                collection_step_num_env_steps=20,
                batch_size=16,
                training_fn=said,
                verbose=False,
                show_progress=False,
            )
        )
        return values(net)

    check(train, tmp_path)
    assert load(tmp_path).last_step == 100


def test_skrl(tmp_path):
    from skrl.agents.torch.dqn import DQN
    from skrl.envs.wrappers.torch import wrap_env
    from skrl.memories.torch import RandomMemory
    from skrl.models.torch import DeterministicMixin, Model
    from skrl.trainers.torch import SequentialTrainer

    class Q(DeterministicMixin, Model):
        def __init__(self, env):
            spaces = {"observation_space": env.observation_space, "action_space": env.action_space, "device": "cpu"}
            Model.__init__(self, **spaces)
            DeterministicMixin.__init__(self)
            self.net = torch.nn.Linear(3, 2)

        def compute(self, inputs, role):
            return self.net(inputs["observations"]), {}

    def train(makers, tracker):
        using = gymnasium.vector.SyncVectorEnv
        plain = tracker is None
        envs = using(makers) if plain else RecordedVectorEnv.make(makers, tracker, using=using, attributes=PARAMETERS)
        env = wrap_env(envs, wrapper="gymnasium", verbose=False)
        models = {"q_network": Q(env), "target_q_network": Q(env)}
        memory = RandomMemory(memory_size=100, num_envs=SLOTS, device="cpu")
        spaces = {"observation_space": env.observation_space, "action_space": env.action_space, "device": "cpu"}
        cfg = {"batch_size": 8, "experiment": {"write_interval": 0, "checkpoint_interval": 0}}
        agent = DQN(models=models, memory=memory, cfg=cfg, **spaces)
        seeded()  # its environments are reset with a seed of their own
        SequentialTrainer(
            env=env, agents=agent, cfg={"timesteps": 60, "disable_progressbar": True, "headless": True}
        ).train()
        return values(models["q_network"])

    check(train, tmp_path)


def test_torchrl_without_its_trainer(tmp_path):
    from torchrl.envs import GymWrapper, SerialEnv

    def train(makers, tracker):
        makers = makers if tracker is None else recorded(makers, tracker, attributes=PARAMETERS)
        envs = SerialEnv(SLOTS, [lambda make=make: GymWrapper(make()) for make in makers])
        envs.set_seed(3)
        actor = torch.nn.Linear(3, 2)
        optimizer = torch.optim.SGD(actor.parameters(), lr=0.01)
        data = envs.reset()
        for step in range(40):
            scores = actor(data["observation"])
            data["action"] = torch.nn.functional.one_hot(scores.argmax(-1), 2)
            data = envs.step(data)
            loss = (scores.sum(-1) * data["next", "reward"].squeeze(-1)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            data = envs.step_mdp(data) if hasattr(envs, "step_mdp") else data["next"].clone()
            if data["done"].any():
                data = envs.reset(data)
            if tracker is not None:
                tracker.set_step(step=SLOTS * (step + 1))
        envs.close()
        return values(actor)

    check(train, tmp_path)


def test_agilerl(tmp_path):
    agilerl = pytest.importorskip("agilerl.algorithms")

    def train(makers, tracker):
        plain = tracker is None
        envs = (
            gymnasium.vector.SyncVectorEnv(makers)
            if plain
            else RecordedVectorEnv.make(makers, tracker, attributes=PARAMETERS)
        )
        seeded()
        agent = agilerl.DQN(SpyEnv.observation_space, SpyEnv.action_space, batch_size=8)
        seen, _ = envs.reset(seed=3)
        for _ in range(40):
            actions = agent.get_action(seen, epsilon=0.2)
            actions = actions[0] if isinstance(actions, tuple) else actions
            seen, *_ = envs.step(np.asarray(actions))
        envs.close()
        return values(agent.actor)

    check(train, tmp_path)


def test_envpool_is_recorded_with_its_config_and_each_reset(tmp_path):
    envpool = pytest.importorskip("envpool")
    with Tracker(tmp_path, run="r", strict=True) as tracker:
        envs = envpool.make_gymnasium("CartPole-v1", num_envs=4, seed=3, max_episode_steps=20)
        recorded_tensors(envs, tracker, attributes=("config",))
        envs.reset()
        ended = resets = 0
        for _ in range(100):
            _, _, terminated, truncated, _ = envs.step(np.zeros(4, int))
            resets += ended
            ended = int((terminated | truncated).sum())
    history = load(tmp_path)
    config = history.config(history.adoptions[0].record.config)["config"]
    assert config["max_episode_steps"] == 20
    assert sum(history.adopted.values()) == 4 + resets
    assert history.last_step == 400 - resets


@pytest.mark.parametrize(
    ("name", "module", "attributes"),
    [
        ("MiniGrid-DoorKey-6x6-v0", "minigrid", ("max_steps", "grid.width")),
        ("highway-fast-v0", "highway_env", ("config",)),
    ],
)
def test_environments_of_others_are_recorded_below_their_wrappers(tmp_path, name, module, attributes):
    pytest.importorskip(module)
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env

    from envcfg.adapters.sb3_callback import SB3Callback

    book = []

    class Booked(gymnasium.Wrapper):
        """Writes down what the environment runs with, and moves a parameter at each reset."""

        def reset(self, **given):
            inner = self.unwrapped
            if module == "minigrid":
                inner.max_steps = 20 + len(book)
            else:
                inner.config["vehicles_count"] = 3 + len(book)
            found = self.env.reset(**given)
            book.append(inner.max_steps if module == "minigrid" else inner.config["vehicles_count"])
            return found

    def make():
        __import__(module)
        env = gymnasium.make(name)
        return Booked(gymnasium.wrappers.FlattenObservation(env) if module == "highway_env" else env)

    policy = "MultiInputPolicy" if module == "minigrid" else "MlpPolicy"
    if module == "minigrid":
        from minigrid.wrappers import FlatObsWrapper

        policy, make = "MlpPolicy", lambda make=make: FlatObsWrapper(make())
    with Tracker(tmp_path, run="r", strict=True) as tracker:
        model = PPO(policy, make_vec_env(make, 1, seed=3), n_steps=40, batch_size=40, n_epochs=1, device="cpu")
        model.learn(80, callback=SB3Callback(tracker, attributes=attributes, spec=False))
    history = load(tmp_path)
    configs = [history.config(adoption.record.config) for adoption in history.adoptions]
    found = [config["max_steps"] if module == "minigrid" else config["config"]["vehicles_count"] for config in configs]
    assert found == book[-len(found) :]
    assert sum(history.adopted.values()) == len(found) >= 3


def test_the_sb3_zoo_trains_the_same_and_is_recorded(tmp_path):
    import spied_program

    pytest.importorskip("rl_zoo3")
    command = ["-m", "rl_zoo3.train", "--algo", "ppo", "--env", "Spy-v0", "--gym-packages", "spy_ids", "-n", "128"]
    command += ["--seed", "3", "--eval-freq", "-1", "-f", "logs", "--device", "cpu", "--conf-file", "zoo.yml"]
    settings = tmp_path / "zoo.yml"
    settings.write_text("Spy-v0: {n_timesteps: 128, policy: MlpPolicy, n_steps: 64, batch_size: 64}\n")
    command[-1] = str(settings)
    found, history = spied_program.compared(tmp_path / "runs", command)
    found.pop("weights")  # they stand in a zip file with times
    assert not any(found.values()), found
    assert history.failures == ()


def evaluated(make, tracker, number):
    """What an evaluation in another process does."""
    env = make() if tracker is None else RecordedEnv(make(), tracker, role="eval", attributes=PARAMETERS)
    total = 0.0
    for episode in range(3):
        env.reset(seed=number + episode)
        over = False
        while not over:
            _, reward, terminated, truncated, _ = env.step(1)
            total += reward
            over = terminated or truncated
    env.close()
    return total


@pytest.mark.parametrize("pool", ["ThreadPoolExecutor", "ProcessPoolExecutor"])
def test_evaluations_in_concurrent_futures_are_recorded_apart(tmp_path, pool):
    import concurrent.futures

    executor = getattr(concurrent.futures, pool)
    makers = spies(tmp_path / "on", 3)
    with executor(2) as workers:
        plain = list(workers.map(evaluated, spies(tmp_path / "off", 3), [None] * 3, range(3)))
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker, executor(2) as workers:
        assert list(workers.map(evaluated, makers, [tracker] * 3, range(3))) == plain
    history = load(tmp_path)
    assert (len(history.adoptions), history.failures) == (0, ())
    levels = sorted(
        history.of_role("eval").config(one.record.config)["level"] for one in history.of_role("eval").adoptions
    )
    assert levels == sorted(level for book in books(tmp_path / "on") for level in {row["level"] for row in book})
