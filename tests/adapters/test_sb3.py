"""Stable-Baselines3: a real PPO whose environments change. Requests are compared with the real parameters."""

import copy
import json
import multiprocessing
import pickle

import learner
import numpy as np
import pytest
import spied

sb3 = pytest.importorskip("stable_baselines3", reason="the extra sb3")

from stable_baselines3.common.callbacks import BaseCallback, CallbackList  # noqa: E402
from stable_baselines3.common.monitor import Monitor  # noqa: E402
from stable_baselines3.common.vec_env import (  # noqa: E402
    DummyVecEnv,
    SubprocVecEnv,
    VecEnv,
    VecEnvWrapper,
    VecMonitor,
    VecNormalize,
)

from envcfg import Tracker, load, replay  # noqa: E402
from envcfg.adapters.gymnasium_env import recorded  # noqa: E402
from envcfg.adapters.gymnasium_replay import replayed  # noqa: E402
from envcfg.adapters.sb3_callback import SB3Callback  # noqa: E402

SLOTS = 3
METHODS = {"set_level": lambda level: {"level": level}}


class Schedule(BaseCallback):
    """A common curriculum: levels by step, and gravity by `set_attr`."""

    def _on_step(self):
        if self.num_timesteps == 120:
            self.training_env.env_method("set_level", 1)
        if self.num_timesteps == 240:
            self.training_env.env_method("set_level", 2, indices=[1])
        if self.num_timesteps == 360:
            self.training_env.set_attr("gravity", 20.0)
        return True


class Rewards(BaseCallback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def _on_step(self):
        self.seen.append(self.locals["rewards"].tolist())
        return True


def train(venv, *callbacks, steps=600, curriculum=True):
    rewards, schedule = Rewards(), [Schedule()] if curriculum else []
    model = sb3.PPO("MlpPolicy", venv, n_steps=50, batch_size=50, n_epochs=1, seed=3, device="cpu")
    model.learn(steps, callback=CallbackList([rewards, *schedule, *callbacks]))
    weights = [value.detach().numpy() for value in model.policy.parameters()]
    venv.close()
    return rewards.seen, weights


def makers(folder, *, monitored=False):
    folder.mkdir(parents=True, exist_ok=True)
    return [_monitored(maker) if monitored else maker for maker in spied.makers(folder, SLOTS)]


def _monitored(maker):
    return lambda: Monitor(maker())


@pytest.mark.parametrize(
    "around", [lambda venv: venv, lambda venv: VecNormalize(VecMonitor(venv))], ids=["bare", "wrapped"]
)
def test_dummy_environments_are_read_below_their_wrappers_at_every_reset(around, tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        train(around(DummyVecEnv(makers(tmp_path))), SB3Callback(tracker, attributes=spied.ATTRIBUTES))
    history, truth = load(tmp_path), spied.truth(tmp_path, SLOTS)
    assert spied.recorded(history) == [spied.changes(resets) for resets in truth]
    assert sum(history.adopted.values()) == sum(map(len, truth))


def test_recorded_subprocess_environments_record_at_the_steps_of_the_trainer(tmp_path, capsys):
    with Tracker(tmp_path / "sub" / "envcfg", run="r") as tracker:
        fns = recorded(makers(tmp_path / "sub"), tracker, attributes=spied.ATTRIBUTES)
        multiprocessing.set_forkserver_preload(["stable_baselines3"])  # once, and not in each environment
        venv = SubprocVecEnv(fns, start_method="forkserver")
        train(venv, SB3Callback(tracker, attributes=spied.ATTRIBUTES, methods=METHODS))
    history, truth = load(tmp_path / "sub"), spied.truth(tmp_path / "sub", SLOTS)
    assert spied.recorded(history) == [spied.changes(resets) for resets in truth]
    assert sum(history.adopted.values()) == sum(map(len, truth))
    assert "the request gravity=20.0 of step 360 is not effective yet" in capsys.readouterr().err
    with Tracker(tmp_path / "one" / "envcfg", run="r") as tracker:
        train(DummyVecEnv(makers(tmp_path / "one")), SB3Callback(tracker, attributes=spied.ATTRIBUTES))
    assert when(history) == when(load(tmp_path / "one"))


def when(history):
    """The step and slot of each adoption."""
    return sorted((adoption.record.step, adoption.place.slot) for adoption in history.adoptions)


def test_subprocess_environments_without_recorders_are_reported(tmp_path, capsys):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        venv = SubprocVecEnv(makers(tmp_path)[:1], start_method="fork")
        model = sb3.PPO("MlpPolicy", venv, n_steps=8, batch_size=8, n_epochs=1, device="cpu")
        model.learn(8, callback=SB3Callback(tracker))
        venv.close()
    assert "this SubprocVecEnv run in other processes, and no recorder wraps them" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [DummyVecEnv, SubprocVecEnv])
def test_a_recorded_training_is_replayed_without_its_curriculum(kind, tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        venv = DummyVecEnv(makers(tmp_path / "first"))
        first, weights = train(venv, SB3Callback(tracker, attributes=spied.ATTRIBUTES))
    sequence = replay(tmp_path, by="episode", strict=True)
    venv = kind(replayed(makers(tmp_path / "again"), sequence, attributes=spied.ATTRIBUTES))
    again, same = train(venv, curriculum=False)
    assert spied.truth(tmp_path / "again", SLOTS) == spied.truth(tmp_path / "first", SLOTS)
    assert again == first
    assert all(np.array_equal(one, other) for one, other in zip(weights, same, strict=True))


def test_set_attr_on_a_wrapped_environment_never_becomes_effective_and_a_warning_names_the_key(tmp_path, capsys):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        venv = DummyVecEnv(makers(tmp_path))
        train(venv, SB3Callback(tracker, attributes=spied.ATTRIBUTES, methods=METHODS))
        assert venv.get_attr("gravity") == [20.0] * SLOTS
    (ineffective,) = load(tmp_path).never_effective()
    assert ineffective.path == ("gravity",)
    assert ineffective.slots == SLOTS
    assert "gravity" in capsys.readouterr().err


def test_the_request_of_a_method_becomes_effective_later_in_its_slots(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        train(DummyVecEnv(makers(tmp_path)), SB3Callback(tracker, attributes=spied.ATTRIBUTES, methods=METHODS))
    history = load(tmp_path)
    asked = [(requested.request.step, history.config(requested.request.config)) for requested in history.requests]
    assert asked == [(120, {"level": 1}), (240, {"level": 2}), (360, {"gravity": 20.0})]
    assert history.requests[1].request.slots == (1,)
    answers = history.answers
    assert [len([answer for answer in answers if answer.number == number]) for number in (1, 2, 3)] == [SLOTS, 1, SLOTS]


def test_options_are_requested_for_each_slot(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        venv = DummyVecEnv(makers(tmp_path))
        callback = SB3Callback(tracker, attributes=spied.ATTRIBUTES)
        sb3.PPO("MlpPolicy", venv, n_steps=50, batch_size=50, n_epochs=1, device="cpu").learn(
            60, callback=_Options(callback)
        )
    requests = [requested.request for requested in load(tmp_path).requests]
    assert [request.slots for request in requests] == [(0,), (2,)]


class _Options(CallbackList):
    def __init__(self, callback):
        super().__init__([callback])

    def _on_step(self):
        if self.num_timesteps == 30:
            self.training_env.set_options([{"level": 5}, {}, {"level": 6}])
        return super()._on_step()


def test_a_recorded_training_is_bit_for_bit_the_same_and_the_environment_is_restored(tmp_path):
    plain, weights = train(DummyVecEnv(makers(tmp_path / "plain")))
    streams = learner.streams()
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        venv = DummyVecEnv(makers(tmp_path / "on"))
        rewards, same = train(venv, SB3Callback(tracker, attributes=spied.ATTRIBUTES, methods=METHODS))
    assert rewards == plain
    assert learner.streams() == streams
    assert all(np.array_equal(one, other) for one, other in zip(weights, same, strict=True))
    assert not {"step_async", "step_wait", "set_attr", "set_options", "env_method"} & vars(venv).keys()
    assert not any("reset" in vars(env) for env in venv.envs)


def test_epochs_are_rollouts_and_rewards_are_known_by_task(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        task = lambda config: f"level/{config['level']}"  # noqa: E731
        callback = SB3Callback(tracker, attributes=spied.ATTRIBUTES, task=task)
        train(DummyVecEnv(makers(tmp_path, monitored=True)), callback)
    history = load(tmp_path)
    assert history.last_epoch == 3
    assert set(history.adopted) == {"level/0", "level/1", "level/2"}
    played = {task: count for mix in history.mixes for task, (count, *_) in (mix.rewards or {}).items()}
    assert set(played) == {"level/0", "level/1", "level/2"}
    lines = [json.loads(line) for line in (tmp_path / "book-0.jsonl").read_text().splitlines()]
    assert len(lines) > 10


def test_an_off_policy_algorithm_has_epochs_of_a_thousand_steps(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        venv = DummyVecEnv(makers(tmp_path)[:1])
        model = sb3.DQN("MlpPolicy", venv, learning_starts=2500, buffer_size=100, device="cpu")
        model.learn(2400, callback=SB3Callback(tracker, attributes=spied.ATTRIBUTES))
    assert load(tmp_path).last_epoch == 2


class Foreign(VecEnvWrapper):
    """A wrapper around a vector environment of another library, like SuperSuit's."""

    def __init__(self, venv):
        self.venv = Inside(venv)
        VecEnv.__init__(self, venv.num_envs, venv.observation_space, venv.action_space)

    def reset(self):
        return self.venv.reset()

    def step_wait(self):
        return self.venv.step_wait()

    def get_attr(self, attr_name, indices=None):
        return [None] * self.num_envs

    def getattr_depth_check(self, name, already_found):
        return None

    def getattr_recursive(self, name):
        raise AttributeError(name)


class Inside:
    """A vector environment without `set_attr`, `env_is_wrapped` or `envs`. It is the `unwrapped` of its wrapper."""

    def __init__(self, venv):
        self.reset, self.step_async, self.step_wait, self.close = (
            venv.reset,
            venv.step_async,
            venv.step_wait,
            venv.close,
        )
        self.num_envs, self.observation_space, self.action_space = (
            venv.num_envs,
            venv.observation_space,
            venv.action_space,
        )
        self.seed = venv.seed
        self.unwrapped = self


def test_a_foreign_vector_environment_trains_as_before_and_a_message_says_what_is_missing(tmp_path, capsys):
    def run(name, *callbacks):
        return train(Foreign(DummyVecEnv(makers(tmp_path / name))), *callbacks, steps=150, curriculum=False)

    plain, weights = run("plain")
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        on, same = run("on", SB3Callback(tracker, attributes=spied.ATTRIBUTES))
    assert on == plain
    assert all(np.array_equal(one, other) for one, other in zip(weights, same, strict=True))
    history = load(tmp_path)
    assert (history.failures, history.last_epoch, len(history.adoptions)) == ((), 0, 0)
    said = capsys.readouterr().err
    assert "envcfg: this Foreign does not show its environments: if no recorder wraps them" in said
    assert said.count("envcfg: ") == 1


class Acting(BaseCallback):
    """A callback that calls a function at one step."""

    def __init__(self, act, at=75):
        super().__init__()
        self.act, self.at = act, at

    def _on_step(self):
        if self.num_timesteps == self.at:
            self.act(self.training_env)
        return True


def test_resets_outside_of_a_step_are_recorded(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        again = Acting(lambda venv: venv.env_method("reset", indices=[1], options={"level": 7}))
        venv = DummyVecEnv(makers(tmp_path))
        train(venv, again, SB3Callback(tracker, attributes=spied.ATTRIBUTES), curriculum=False)
    history, truth = load(tmp_path), spied.truth(tmp_path, SLOTS)
    assert spied.recorded(history) == [spied.changes(resets) for resets in truth]
    assert sum(history.adopted.values()) == sum(map(len, truth))
    assert [adoption.record.step for adoption in history.adoptions if adoption.record.slot == 1][:2] == [0, 75]


def test_the_hooks_of_an_aborted_training_do_not_record_in_the_next_one(tmp_path):
    def cut_off(_):
        raise KeyboardInterrupt

    venv = DummyVecEnv(makers(tmp_path))
    model = sb3.PPO("MlpPolicy", venv, n_steps=50, batch_size=50, n_epochs=1, seed=3, device="cpu")
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        with pytest.raises(KeyboardInterrupt):
            model.learn(150, callback=[SB3Callback(tracker, attributes=spied.ATTRIBUTES), Acting(cut_off)])
        model.learn(150, callback=SB3Callback(tracker, attributes=spied.ATTRIBUTES))
    heard_by_both = SLOTS  # the resets with which the next one begins
    assert sum(load(tmp_path).adopted.values()) == sum(map(len, spied.truth(tmp_path, SLOTS))) + heard_by_both
    assert not any("reset" in vars(env) for env in venv.envs)


def test_copied_or_saved_objects_of_a_training_contain_nothing_of_envcfg(tmp_path):
    def keep(venv):
        copied = copy.deepcopy(venv.venv.envs[0])
        copied.reset()
        copied.close()
        venv.save(tmp_path / "normalize.pkl")
        pickle.dumps(venv.venv.envs[1])

    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        venv = VecNormalize(DummyVecEnv(makers(tmp_path)))
        callback = SB3Callback(tracker, attributes=spied.ATTRIBUTES)
        train(venv, callback, Acting(keep), steps=150, curriculum=False)
    copies = 1
    assert sum(load(tmp_path).adopted.values()) == sum(map(len, spied.truth(tmp_path, SLOTS))) - copies


def test_our_failure_is_counted_and_the_training_is_the_same(tmp_path, capsys):
    class Broken(SB3Callback):
        def _set_step(self, step):
            raise KeyError("no such thing")

    plain, _ = train(DummyVecEnv(makers(tmp_path / "plain")), steps=150)
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        on, _ = train(DummyVecEnv(makers(tmp_path / "on")), Broken(tracker), steps=150)
    assert on == plain
    failures = load(tmp_path).failures
    assert {failure.where for failure in failures} == {"SB3Callback"}
    assert max(failure.count for failure in failures) > 40
    assert capsys.readouterr().err.count("envcfg: SB3Callback: KeyError: 'no such thing'") == 1
    strict = Tracker(tmp_path / "strict", run="r", strict=True)
    with pytest.raises(KeyError, match="no such thing"):
        train(DummyVecEnv(makers(tmp_path / "third")), Broken(strict), steps=150)


def test_environments_that_only_ars_sees_are_reported(tmp_path, capsys):
    contrib = pytest.importorskip("sb3_contrib", reason="sb3-contrib")
    from sb3_contrib.common.vec_env import AsyncEval

    model = contrib.ARS("LinearPolicy", DummyVecEnv(makers(tmp_path)[:1]), n_delta=1, device="cpu")
    aside = AsyncEval([lambda: DummyVecEnv(makers(tmp_path)[1:2])], model.policy, start_method="fork")
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        model.learn(20, callback=SB3Callback(tracker), async_eval=aside)
    assert load(tmp_path).failures == ()
    assert "async_eval runs its own environments in other processes" in capsys.readouterr().err


def test_without_a_tracker_the_callback_does_nothing(tmp_path):
    plain, _ = train(DummyVecEnv(makers(tmp_path / "plain")), steps=150)
    on, _ = train(DummyVecEnv(makers(tmp_path / "on")), SB3Callback(attributes=("gravity",)), steps=150)
    assert on == plain
