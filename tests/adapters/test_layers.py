"""Attributes are found in every layer of an environment: in its wrappers and in the environment itself."""

import gymnasium
import pytest
import spied
from gymnasium.envs.classic_control import CartPoleEnv
from gymnasium.wrappers import RecordEpisodeStatistics, RescaleAction, TimeLimit

from envcfg import Cause, Tracker, load, replay
from envcfg.adapters.gymnasium_env import RecordedEnv
from envcfg.adapters.gymnasium_replay import ReplayedEnv


class Curriculum(gymnasium.Wrapper):
    """Keeps the config of the task in the wrapper, and raises the level at each reset."""

    def __init__(self, env):
        super().__init__(env)
        self.level = 0
        self.task = {"name": "hill", "slope": 0.5}

    @property
    def difficulty(self):
        return self.level / 10

    def reset(self, **options):
        self.level += 1
        return self.env.reset(**options)


class Outer(gymnasium.Wrapper):
    level = 99


def adopted(tmp_path, env, *, resets=1, between=lambda: None, **declared):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        env = RecordedEnv(env, tracker, spec=False, **declared)
        for _ in range(resets):
            env.reset()
            between()
    history = load(tmp_path)
    return [history.config(adoption.record.config) for adoption in history.adoptions]


def test_an_attribute_of_a_wrapper_is_recorded_with_the_wrapper_that_has_it(tmp_path):
    env = RecordEpisodeStatistics(Curriculum(TimeLimit(CartPoleEnv(), 77)))
    names = ("level", "difficulty", "task.slope", "_max_episode_steps", "gravity", "action_space.n")
    first, second = adopted(tmp_path, env, attributes=names, resets=2)
    wrapper = dict.fromkeys(names[:3], "Curriculum")
    assert first == {
        "level": 1,
        "difficulty": 0.1,
        "task.slope": 0.5,
        "_max_episode_steps": 77,
        "gravity": 9.8,
        "action_space.n": 2,
        "read_from": {**wrapper, "_max_episode_steps": "TimeLimit"},
    }
    assert (second["level"], second["difficulty"]) == (2, 0.2)


def test_of_several_layers_with_a_name_the_outermost_is_recorded_and_a_message_says_so_once(tmp_path, capfd):
    env = Outer(Curriculum(CartPoleEnv()))
    first, *_ = adopted(tmp_path, env, attributes=("level",), resets=2)
    assert first == {"level": 99, "read_from": {"level": "Outer"}}
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(
        "envcfg: attributes: Outer and Curriculum both have level, with other values; the value of Outer is recorded. "
    )


def test_a_value_that_is_set_on_a_wrapper_later_does_not_hide_the_one_that_the_environment_uses(tmp_path):
    env = TimeLimit(CartPoleEnv(), 5)
    configs = adopted(tmp_path, env, attributes=("gravity",), resets=2, between=lambda: setattr(env, "gravity", 20.0))
    assert configs == [{"gravity": 9.8}]


@pytest.mark.filterwarnings("ignore")
def test_the_space_of_a_wrapper_is_its_own(tmp_path):
    env = RescaleAction(gymnasium.make("Pendulum-v1"), -1.0, 1.0)
    (config,) = adopted(tmp_path, env, attributes=("action_space.high",))
    assert config == {"action_space.high": [1.0], "read_from": {"action_space.high": "RescaleAction"}}


def test_a_function_with_two_parameters_gets_the_wrapped_environment_too(tmp_path):
    def config(pole, wrapped):
        return {"gravity": pole.gravity, "level": wrapped.level}

    env = Curriculum(CartPoleEnv())
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        cause = lambda _, wrapped: Cause("curriculum", "level", wrapped.level, 1.0)  # noqa: E731
        RecordedEnv(env, tracker, config=config, cause=cause).reset()
    history = load(tmp_path)
    assert history.config(history.adoptions[0].record.config) == {"gravity": 9.8, "level": 1}
    assert history.adoptions[0].record.cause == Cause("curriculum", "level", 1, 1.0)


def test_a_missing_name_is_reported_once_with_the_nearest_names_of_all_layers(tmp_path, capfd):
    class Pole(CartPoleEnv):
        """A separate class, since each class is reported once."""

    adopted(tmp_path, TimeLimit(Curriculum(Pole()), 5), attributes=("dificulty", "task.slop"), resets=3)
    first, second = capfd.readouterr().err.splitlines()
    assert first.startswith("envcfg: attributes: Pole has no attribute dificulty; the nearest: difficulty")
    assert second.startswith("envcfg: attributes: Pole has no attribute task.slop")


def test_a_replay_sets_a_recorded_attribute_on_the_wrapper_that_has_it(tmp_path):
    declared = {"attributes": ("level", "gravity"), "spec": False}
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        env = RecordedEnv(Curriculum(spied.Maker(tmp_path, 0)()), tracker, **declared)
        for _ in range(3):
            env.reset()
            env.unwrapped.gravity += 1
    inner = TimeLimit(Fixed(CartPoleEnv()), 5)
    env, found = ReplayedEnv(inner, replay(tmp_path, by="episode"), **declared), []
    for _ in range(3):
        env.reset()
        found.append((inner.env.level, env.unwrapped.gravity))
    assert found == [(1, 9.8), (2, 10.8), (3, 11.8)]


class Fixed(gymnasium.Wrapper):
    level = 0


@pytest.mark.filterwarnings("ignore")
def test_the_callback_of_stable_baselines_finds_the_attributes_of_wrappers(tmp_path):
    sb3 = pytest.importorskip("stable_baselines3", reason="the extra sb3")
    from stable_baselines3.common.env_util import make_vec_env

    from envcfg.adapters.sb3_callback import SB3Callback

    venv = make_vec_env(lambda: Curriculum(TimeLimit(CartPoleEnv(), 5)), 2)
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        model = sb3.PPO("MlpPolicy", venv, n_steps=8, batch_size=8, n_epochs=1, device="cpu")
        model.learn(16, callback=SB3Callback(tracker, attributes=("level", "_max_episode_steps"), spec=False))
    history = load(tmp_path)
    configs = [history.config(a.record.config) for a in history.adoptions if a.place.slot == 0]
    assert [config["level"] for config in configs] == [1, 2]
    assert configs[0]["read_from"] == {"level": "Curriculum", "_max_episode_steps": "TimeLimit"}
