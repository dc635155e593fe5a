"""Vector environments without environments inside: of Gymnasium, of Stable-Baselines3, and of EnvPool's protocol."""

from types import MappingProxyType, SimpleNamespace

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv
from envcfg.adapters.tensor_env import recorded_tensors
from envcfg.core.returns import pooled
from envcfg.sources.returns import returns

SLOTS = 3


class SpiedPoles(CartPoleVectorEnv):
    """Keeps a book: the gravity and the level of each slot, and the steps taken before, at each of its resets."""

    def __init__(self, **given):
        super().__init__(**given)
        self.level = np.zeros(self.num_envs, int)
        self.book = [[] for _ in range(self.num_envs)]
        self.taken = 0
        self.episodes = []
        self.gained = np.zeros(self.num_envs)

    def reset(self, **given):
        found = super().reset(**given)
        self._note(range(self.num_envs))
        self.gained[:] = 0
        return found

    def step(self, action):
        began = np.flatnonzero(self.prev_done)
        self.level[began] += 1
        self._note(began)
        found = super().step(action)
        self.taken += self.num_envs - len(began)
        self.gained += found[1]
        over = np.flatnonzero(found[2] | found[3])
        self.episodes += self.gained[over].tolist()
        self.gained[over] = 0
        return found

    def _note(self, slots):
        for slot in slots:
            self.book[slot].append((self.taken, self.gravity, self.level[slot]))


def recorded(history):
    found = {}
    for adoption in history.adoptions:
        config = history.config(adoption.record.config)
        found.setdefault(adoption.place.slot, []).append((adoption.record.step, config["gravity"], config["level"]))
    return [found[slot] for slot in sorted(found)]


def test_a_native_vector_environment_of_gymnasium_is_recorded_reset_by_reset(tmp_path):
    env = gymnasium.make_vec("CartPole-v1", SLOTS, vectorization_mode="vector_entry_point")
    assert isinstance(env.unwrapped, CartPoleVectorEnv)
    env = SpiedPoles(num_envs=SLOTS, max_episode_steps=9)
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        recorded_tensors(env, tracker, attributes=("gravity", "level"), draws=False)
        env.reset(seed=1)
        for step in range(80):
            env.step(np.full(SLOTS, step % 3 % 2))
            env.gravity = 9.8 + step // 20
    history = load(tmp_path)
    assert recorded(history) == env.book
    assert sum(history.adopted.values()) == sum(map(len, env.book))
    assert history.last_step == env.taken
    found = pooled(part for _, _, part in returns(history))
    assert (found.episodes, found.mean) == (len(env.episodes), pytest.approx(np.mean(env.episodes)))


def test_parameters_of_all_slots_alone_are_recorded_too(tmp_path):
    env = gymnasium.make_vec("CartPole-v1", SLOTS, vectorization_mode="vector_entry_point")
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        recorded_tensors(env, tracker, attributes=("gravity", "length"))
        env.reset(seed=1)
        env.unwrapped.gravity = 5.0
        env.reset(seed=2)
    history = load(tmp_path)
    gravities = [history.config(a.record.config)["gravity"] for a in history.adoptions]
    assert gravities == [9.8] * SLOTS + [5.0] * SLOTS


def test_a_recorded_vector_environment_without_recorded_ones_inside_says_what_to_write(tmp_path, capfd):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        envs = RecordedVectorEnv(CartPoleVectorEnv(num_envs=2), tracker)
        envs.reset(seed=1)
        envs.reset(seed=1)
        plain = RecordedVectorEnv(gymnasium.make_vec("CartPole-v1", 2, vectorization_mode="sync"), tracker)
        plain.reset()
    native, other = capfd.readouterr().err.splitlines()
    assert native == (
        "envcfg: CartPoleVectorEnv has no environments of their own, so their configs are not recorded here: use "
        "recorded_tensors(env, tracker, attributes=...) instead"
    )
    assert other == (
        "envcfg: no recorder wraps the environments of this SyncVectorEnv, so their configs are not recorded: use "
        "RecordedVectorEnv.make(env_fns, tracker, ...), or wrap each one in RecordedEnv"
    )


class Pool:
    """EnvPool's protocol with some slots at a time: `recv` returns a batch, `send` sends one."""

    metadata = MappingProxyType({"autoreset_mode": SimpleNamespace(name="NEXT_STEP")})
    num_envs = 4

    def __init__(self):
        self.level = np.zeros(4, int)
        self.config = {"max_episode_steps": 3}
        self.lengths = np.zeros(4, int)
        self.waits = np.zeros(4, bool)
        self.book = [[] for _ in range(4)]
        self.next = [np.array([0, 2]), np.array([1, 3])]

    def async_reset(self):
        self._begin(np.arange(4))
        self.sent = [np.array([0, 1]), np.array([2, 3])]
        self.fresh = 2

    def _begin(self, slots):
        self.level[slots] += 1
        self.lengths[slots] = 0
        for slot in slots:
            self.book[slot].append(int(self.level[slot]))

    def send(self, actions, env_id):
        self.sent.append(env_id)

    def recv(self):
        slots = self.sent.pop(0)
        if self.fresh:
            self.fresh -= 1
            over = np.zeros(len(slots), bool)
        else:
            over = self._stepped(slots)
        return slots, np.ones(len(slots)), over, np.zeros(len(slots), bool), {"env_id": slots}

    def _stepped(self, slots):
        self._begin(slots[self.waits[slots]])
        stepped = ~self.waits[slots]
        self.lengths[slots[stepped]] += 1
        over = stepped & (self.lengths[slots] == 3 + slots % 2)
        self.waits[slots] = over
        return over


def test_batches_of_envpools_protocol_are_recorded_in_their_slots(tmp_path):
    pool = Pool()
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        recorded_tensors(pool, tracker, attributes=("level", "config"), draws=False)
        pool.async_reset()
        for _ in range(40):
            *_, info = pool.recv()
            pool.send(np.zeros(2), info["env_id"])
    history = load(tmp_path)
    found = {}
    for adoption in history.adoptions:
        config = history.config(adoption.record.config)
        assert config["config"] == {"max_episode_steps": 3}
        found.setdefault(adoption.place.slot, []).append(config["level"])
    assert [found[slot] for slot in range(4)] == pool.book
    assert min(map(len, pool.book)) > 3


sb3 = pytest.importorskip("stable_baselines3", reason="the extra sb3")

from stable_baselines3.common.vec_env import VecEnv, VecMonitor  # noqa: E402

from envcfg.adapters.sb3_callback import SB3Callback  # noqa: E402


class Rows(VecEnv):
    """A vector environment of one's own that keeps the parameters of all slots in arrays."""

    render_mode = None

    def __init__(self, slots):
        box = gymnasium.spaces.Box(-9, 9, (1,), np.float32)
        super().__init__(slots, box, gymnasium.spaces.Discrete(2))
        self.level, self.lengths = np.zeros(slots, int), np.zeros(slots, int)
        self.book = [[] for _ in range(slots)]
        self.taken = 0

    def reset(self):
        self._begin(np.ones(self.num_envs, bool))
        return self._seen()

    def step_async(self, actions):
        self.actions = actions

    def step_wait(self):
        self.lengths += 1
        self.taken += self.num_envs
        over = self.lengths >= 4 + np.arange(self.num_envs)
        infos = [{"terminal_observation": seen} for seen in self._seen()]
        self._begin(over)
        return self._seen(), np.ones(self.num_envs, np.float32), over, infos

    def _begin(self, slots):
        self.level[slots] += 1
        self.lengths[slots] = 0
        for slot in np.flatnonzero(slots):
            self.book[slot].append((self.taken, int(self.level[slot])))

    def _seen(self):
        return self.level[:, None].astype(np.float32) % 9

    def get_attr(self, attr_name, indices=None):
        return [getattr(self, attr_name)] * self.num_envs

    def set_attr(self, attr_name, value, indices=None):
        setattr(self, attr_name, value)

    def env_method(self, method_name, *args, indices=None, **kwargs):
        return []

    def env_is_wrapped(self, wrapper_class, indices=None):
        return [False] * self.num_envs

    def close(self):
        pass


def test_a_vector_environment_of_ones_own_under_stable_baselines_is_recorded_as_the_message_says(tmp_path, capfd):
    def trained(venv, *callbacks):
        model = sb3.PPO("MlpPolicy", VecMonitor(venv), n_steps=8, batch_size=8, n_epochs=1, seed=3, device="cpu")
        model.learn(48, callback=list(callbacks))
        return [value.tolist() for value in model.policy.parameters()]

    plain = trained(Rows(3))
    with Tracker(tmp_path / "without", run="r") as tracker:
        assert trained(Rows(3), SB3Callback(tracker)) == plain
    (said,) = capfd.readouterr().err.splitlines()
    assert said.startswith("envcfg: this Rows does not show its environments: if no recorder wraps them, only requests")
    assert "if it keeps the parameters itself, use recorded_tensors(venv, tracker, attributes=...)" in said
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        venv = recorded_tensors(Rows(3), tracker, attributes=("level",), draws=False)
        assert trained(venv, SB3Callback(tracker)) == plain
    assert "envcfg" not in capfd.readouterr().err
    found = {}
    history = load(tmp_path / "envcfg")
    for adoption in history.adoptions:
        level = history.config(adoption.record.config)["level"]
        found.setdefault(adoption.place.slot, []).append((adoption.record.step, level))
    assert [found[slot] for slot in range(3)] == venv.book
    assert history.last_step == 48
