"""Gymnasium: the real parameters of environments at each reset, in their own process."""

from contextlib import closing

import numpy as np
import pytest
import spied
from gymnasium.envs.classic_control import CartPoleEnv
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

from envcfg import Cause, EnvcfgError, Tracker, load, replay
from envcfg.adapters.gymnasium_env import DIGEST, RecordedEnv
from envcfg.adapters.gymnasium_replay import DIVERGENCE, ReplayedEnv, replayed
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv

gymnasium = pytest.importorskip("gymnasium")
SLOTS = 3


def play(envs, *, steps=120, seed=0, changes=True):
    """Take random actions; with *changes*, gravity and level change. Returns the rewards and the steps of resets."""
    draws = np.random.default_rng(seed)
    by_hand = getattr((envs.metadata or {}).get("autoreset_mode"), "name", "") == "DISABLED"
    rewards, resets = [], [0]
    envs.reset(seed=7)
    for step in range(steps):
        if step % 30 == 10 and changes:
            envs.set_attr("gravity", 5.0 + step)
        if step == 50 and changes:
            envs.set_attr("level", [1, 2, 3])
        if step == 80:
            envs.reset(seed=8, options={"level": 9} if changes else None)
            resets.append(getattr(envs, "_steps", 0))
        _, reward, terminated, truncated, _ = envs.step(draws.integers(2, size=SLOTS))
        rewards.append(reward.tolist())
        over = np.logical_or(terminated, truncated)
        if over.any():
            resets.append(getattr(envs, "_steps", 0))
        if by_hand and over.any():
            envs.reset(options={"reset_mask": over})
    envs.close()
    return rewards, resets


@pytest.mark.parametrize("mode", spied.MODES)
@pytest.mark.parametrize("kind", [SyncVectorEnv, AsyncVectorEnv])
def test_the_history_equals_the_environments_own_log_reset_by_reset(kind, mode, tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        envs = RecordedVectorEnv.make(
            spied.makers(tmp_path, SLOTS),
            tracker,
            using=spied.vectorised(kind, mode),
            attributes=spied.ATTRIBUTES,
        )
        _, resets = play(envs)
    history = load(tmp_path)
    truth = spied.truth(tmp_path, SLOTS)
    assert {adoption.record.step for adoption in history.adoptions} <= set(resets)
    assert spied.recorded(history) == [spied.changes(resets) for resets in truth]
    assert sum(history.adopted.values()) == sum(map(len, truth))
    assert {place.slot for place in history.adoptions.rows} == set(range(SLOTS))
    assert {place.worker for place in history.adoptions.rows} == {0}  # a worker is no part of a slot's identity
    shards = {path.name.rpartition("-")[0] for path in history.folder.glob("*.json.gz")}
    assert len(shards) == (1 if kind is SyncVectorEnv else 1 + SLOTS)


@pytest.mark.needs("demo")
@pytest.mark.parametrize("kind", [SyncVectorEnv, AsyncVectorEnv])
def test_a_recorded_training_is_bit_for_bit_the_same_and_its_history_is_correct(kind, tmp_path):
    import learner  # it needs PyTorch, which this adapter does not

    def train(envs):
        def schedule(update):
            envs.set_attr("gravity", 5.0 + 3 * update)
            envs.set_attr("level", [update // 2, 0, update])

        with closing(envs):
            return learner.learn(envs, 2, between=schedule)

    for name in ("plain", "on"):
        (tmp_path / name).mkdir()
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        makers = spied.makers(tmp_path / "on", SLOTS)
        on = train(RecordedVectorEnv.make(makers, tracker, using=kind, attributes=spied.ATTRIBUTES))
    assert on == train(kind(spied.makers(tmp_path / "plain", SLOTS)))
    truth = spied.truth(tmp_path / "on", SLOTS)
    assert truth == spied.truth(tmp_path / "plain", SLOTS)
    assert spied.recorded(load(tmp_path)) == [spied.changes(resets) for resets in truth]
    assert min(len(spied.changes(resets)) for resets in truth) > 3


def test_steps_count_all_slots_and_a_reset_is_not_a_step(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        envs = RecordedVectorEnv.make(spied.makers(tmp_path, SLOTS), tracker, attributes=spied.ATTRIBUTES)
        stepped = []
        for env in envs.unwrapped.envs:
            pole, step = env.unwrapped, env.unwrapped.step
            pole.step = lambda action, step=step: (stepped.append(1), step(action))[1]
        play(envs)
        assert envs._steps == len(stepped)


def play_alone(env, *, episodes=4):
    rewards = []
    for episode in range(episodes):
        env.unwrapped.gravity = 9.8 + episode // 2
        env.reset(seed=episode, options={"level": episode} if episode else None)
        over = False
        while not over:
            _, reward, terminated, truncated, _ = env.step(episode % 2)
            rewards.append(reward)
            over = terminated or truncated
    return rewards


def test_an_environment_alone_counts_its_own_steps_and_episodes(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        env = RecordedEnv(spied.Maker(tmp_path, 0)(), tracker, attributes=spied.ATTRIBUTES)
        rewards = play_alone(env)
    history = load(tmp_path)
    assert spied.recorded(history) == spied.truth(tmp_path, 1)
    columns = history.adoptions.columns
    assert columns.episode.tolist() == [0, 1, 2, 3]
    assert columns.step[0] == 0
    assert columns.step[-1] < len(rewards)


def test_exactly_the_declared_parts_are_recorded(tmp_path):
    def adopted(**declared):
        with Tracker(tmp_path / str(len(list(tmp_path.iterdir()))), run="r") as tracker:
            env = gymnasium.make("CartPole-v1", sutton_barto_reward=True)
            env = RecordedEnv(env, tracker, **declared)
            _, info = env.reset(options={"low": -0.01})
        history = load(tracker.folder)
        record = history.adoptions[0].record
        assert info[DIGEST] == record.config
        return history.config(record.config), record.task

    spec = {"id": "CartPole-v1", "kwargs": {"sutton_barto_reward": True}, "max_episode_steps": 500}
    assert adopted() == ({"spec": spec, "options": {"low": -0.01}}, None)
    assert adopted(attributes=("gravity", "action_space.n"), spec=False, options=False) == (
        {"gravity": 9.8, "action_space.n": 2},
        None,
    )
    made = adopted(config=lambda pole: {"g": pole.gravity}, task=lambda config: f"g={config['g']}")
    assert made == ({"g": 9.8}, "g=9.8")
    ineffective, _ = adopted(attributes=("gravitas",), spec=False, options=False, task="t")
    assert ineffective["gravitas"].kind == "unreadable"


def test_a_missing_attribute_is_reported_once_with_the_nearest_names(tmp_path, capfd):
    class Pole(CartPoleEnv):
        """A separate class, since each class is reported once."""

    with Tracker(tmp_path / "envcfg") as tracker:
        env = RecordedEnv(Pole(), tracker, attributes=("gravty", "gravity", "action_space.m"), spec=False)
        for _ in range(3):
            env.reset()
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0].startswith("envcfg: attributes: Pole has no attribute gravty; the nearest: gravity")
    assert said[1].startswith("envcfg: attributes: Pole has no attribute action_space.m")


@pytest.mark.parametrize("stated", [Cause("schedule"), lambda pole: Cause("curriculum", "g", pole.gravity, 9.0)])
def test_the_cause_is_declared_or_returned_by_the_environment(stated, tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        RecordedEnv(gymnasium.make("CartPole-v1"), tracker, cause=stated).reset()
    cause = load(tmp_path).adoptions[0].record.cause
    assert cause == (stated if isinstance(stated, Cause) else Cause("curriculum", "g", 9.8, 9.0))


def test_a_failing_declared_function_does_not_stop_the_training(tmp_path):
    def fails(_):
        raise ZeroDivisionError("so")

    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        env = gymnasium.make("CartPole-v1")
        RecordedEnv(env, tracker, config=fails, task=fails, cause=fails).reset()
        type(env.unwrapped).broken = property(fails)
        RecordedEnv(env, tracker, attributes=("broken",), spec=False).reset()
        del type(env.unwrapped).broken
    history = load(tmp_path)
    configs = [history.config(adoption.record.config) for adoption in history.adoptions]
    assert [next(iter(config.values())).value for config in configs] == ["ZeroDivisionError: so"] * 2
    assert history.adoptions[0].record.task == "(unreadable)"


def test_contradictory_arguments_raise_an_error():
    env = gymnasium.make("CartPole-v1")
    with pytest.raises(EnvcfgError, match=r"attributes='gravity': expected names, such as \('gravity',\)"):
        RecordedEnv(env, attributes="gravity")
    with pytest.raises(EnvcfgError, match="leave out attributes="):
        RecordedEnv(env, attributes=("gravity",), config=dict)


def test_without_a_tracker_nothing_is_added(tmp_path):
    env = RecordedEnv(spied.Maker(tmp_path, 0)(), attributes=spied.ATTRIBUTES)
    assert env.reset()[1] == {}


def test_an_attribute_is_read_below_a_wrapper_that_hides_it(tmp_path, capsys):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        envs = RecordedVectorEnv.make(spied.makers(tmp_path, 2), tracker, attributes=("gravity",))
        envs.reset(seed=1)
        for env in envs.unwrapped.envs:
            env.set_wrapper_attr = lambda name, value, env=env: env.__dict__.__setitem__(name, value)
        envs.set_attr("gravity", 20.0)
        for _ in range(120):
            envs.step(np.array([0, 1]))
    (ineffective,) = load(tmp_path).never_effective()
    assert ".".join(ineffective.path) == "gravity"
    assert "gravity" in capsys.readouterr().err


def test_a_recorded_environment_is_replayed_episode_by_episode(tmp_path):
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
    with Tracker(tmp_path / "first" / "envcfg", run="r") as tracker:
        first = play_alone(RecordedEnv(spied.Maker(tmp_path / "first", 0)(), tracker, attributes=spied.ATTRIBUTES))
    sequence = replay(tmp_path / "first", by="episode", strict=True)
    env = ReplayedEnv(spied.Maker(tmp_path / "again", 0)(), sequence, attributes=spied.ATTRIBUTES)
    rewards = []
    for episode in range(4):
        env.reset(seed=episode)
        over = False
        while not over:
            _, reward, terminated, truncated, _ = env.step(episode % 2)
            rewards.append(reward)
            over = terminated or truncated
    assert rewards == first
    assert spied.truth(tmp_path / "again", 1) == spied.truth(tmp_path / "first", 1)


@pytest.mark.parametrize("kind", [SyncVectorEnv, AsyncVectorEnv])
def test_a_recorded_vector_environment_is_replayed_slot_by_slot_without_its_curriculum(kind, tmp_path):
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
    with Tracker(tmp_path / "first" / "envcfg", run="r") as tracker:
        makers = spied.makers(tmp_path / "first", SLOTS)
        first, _ = play(RecordedVectorEnv.make(makers, tracker, using=kind, attributes=spied.ATTRIBUTES))
    sequence = replay(tmp_path / "first", by="episode", strict=True)
    makers = spied.makers(tmp_path / "again", SLOTS)
    again, _ = play(kind(replayed(makers, sequence, attributes=spied.ATTRIBUTES)), changes=False)
    assert again == first
    books = [spied.truth(tmp_path / name, SLOTS) for name in ("first", "again")]
    assert books[0] == books[1]
    assert len(spied.changes(books[0][0])) > 4


def test_a_replay_by_step_gets_the_step_from_a_function(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        for step, gravity in ((0, 9.8), (40, 5.0)):
            tracker.record({"gravity": gravity}, step=step, slot=1)
    env = ReplayedEnv(
        spied.Maker(tmp_path, 1)(),
        replay(tmp_path, strict=True),
        slot=1,
        at=iter((0, 39, 40, 90)).__next__,
        attributes=("gravity",),
        spec=False,
    )
    ran = [(env.reset(), env.unwrapped.gravity)[1] for _ in range(4)]
    assert ran == [9.8, 9.8, 5.0, 5.0]
    with pytest.raises(EnvcfgError, match='give at=, which returns the step, or replay it by="episode"'):
        ReplayedEnv(env, replay(tmp_path))


def test_a_parameter_that_is_not_an_attribute_is_applied_by_a_function(tmp_path):
    level = lambda pole: {"level": pole.level}  # noqa: E731
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        RecordedEnv(spied.Maker(tmp_path, 0)(), tracker, config=level).reset(options={"level": 4})
    env = spied.Maker(tmp_path, 0)()
    sequence = replay(tmp_path, by="episode")
    again = ReplayedEnv(env, sequence, config=level, apply=lambda pole, config: pole.set_level(config["level"]))
    assert DIVERGENCE not in again.reset()[1]
    assert env.unwrapped.level == 4
    _, info = ReplayedEnv(spied.Maker(tmp_path, 0)(), sequence, config=level).reset()
    assert info == {DIVERGENCE: "slot 0, step 0: level: recorded 4, found 0"}


def test_another_environment_than_the_recorded_one_is_a_divergence(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        RecordedEnv(gymnasium.make("CartPole-v1"), tracker).reset()
    sequence = replay(tmp_path, by="episode")
    ReplayedEnv(gymnasium.make("Acrobot-v1"), sequence).reset()
    assert str(sequence.divergences[0]) == "slot 0, step 0: spec.id: recorded CartPole-v1, found Acrobot-v1"
