"""Real libraries and the run clock: every case in which a first version told steps that were not true."""

import threading

import gymnasium
import numpy as np
import pytest
import spied
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_env import recorded
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv
from envcfg.history.queries.moments import moment

sb3 = pytest.importorskip("stable_baselines3", reason="the extra sb3")

from stable_baselines3.common.monitor import Monitor  # noqa: E402
from stable_baselines3.common.vec_env import DummyVecEnv  # noqa: E402

from envcfg.adapters.sb3_callback import SB3Callback  # noqa: E402

SLOTS = 4


class Levelled(gymnasium.Wrapper):
    """A cart-pole with a level, which takes effect at the next reset; it keeps a book of its own."""

    def __init__(self, clock, book, slot):
        super().__init__(gymnasium.make("CartPole-v1"))
        self.asked = self.unwrapped.level = 0
        self.clock, self.book, self.slot = clock, book, slot

    def reset(self, **options):
        self.unwrapped.level = self.asked
        self.book.append((self.clock[0], self.slot, self.asked))
        return self.env.reset(**options)


def makers(clock, book):
    return [lambda slot=slot: Levelled(clock, book, slot) for slot in range(SLOTS)]


def first_adoptions(book):
    """Where each slot truly began to run each level, by the program's own count."""
    found = {}
    for step, slot, level in book:
        found.setdefault((slot, level), step)
    return found


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP], ids=lambda mode: mode.name)
def test_resets_lie_between_the_steps_that_the_program_tells(tmp_path, mode):
    clock, book, rng = [0], [], np.random.default_rng(1)
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        envs = RecordedVectorEnv.make(
            makers(clock, book),
            tracker,
            using=lambda fns: SyncVectorEnv(fns, autoreset_mode=mode),
            attributes=["level"],
        )
        envs.reset(seed=1)
        for epoch in range(10):
            if epoch == 5:
                for env in envs.envs:
                    env.set_wrapper_attr("asked", 1)
                tracker.request({"level": 1}, step=clock[0])
            for _ in range(200):
                clock[0] += SLOTS
                envs.step(rng.integers(2, size=SLOTS))
            tracker.end_epoch(step=clock[0], epoch=epoch)
        envs.close()
    history = load(tmp_path)
    truth = first_adoptions(book)
    found = {
        (adoption.place.slot, history.config(adoption.record.config)["level"]): adoption.record.step
        for adoption in history.adoptions
    }
    assert found.keys() == truth.keys()
    assert all(4000 < step < 4800 for (_, level), step in found.items() if level)
    assert all(abs(found[key] - truth[key]) <= 2 * SLOTS for key in truth)
    (change,) = history.changes
    assert change.requested_at == 4000
    assert {answer.state for answer in history.answers} == {"effective"}
    assert all(answer.lag > 0 for answer in history.answers)


class Stage(gymnasium.Wrapper):
    def __init__(self, level):
        super().__init__(gymnasium.make("CartPole-v1"))
        self.unwrapped.level = level


def learned(tracker, levels, *, callback=None, reset=True, model=None):
    """Each level is a call of `learn` with an environment made anew, as curricula are often written."""
    for level in levels:
        venv = DummyVecEnv([lambda level=level: Monitor(Stage(level))] * 2)
        if model is None:
            model = sb3.PPO("MlpPolicy", venv, n_steps=32, batch_size=32, n_epochs=1, seed=1, device="cpu")
        else:
            model.set_env(venv)
        model.learn(128, callback=callback or SB3Callback(tracker, attributes=["level"]), reset_num_timesteps=reset)
    return model


def levels_of(history):
    return [(change.step, history.config(change.config)["level"]) for change in history.changes.with_initial]


def test_several_calls_of_learn_are_phases_one_behind_the_other(tmp_path, capsys):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        learned(tracker, [0, 1, 2])
    history = load(tmp_path)
    assert levels_of(history) == [(0, 0), (128, 1), (256, 2)]
    assert [(p.number, p.name, p.step, p.phase_step) for p in history.phases] == [
        (0, "learn", 0, 0),
        (1, "learn", 128, 0),
        (2, "learn", 256, 0),
    ]
    assert [end.epoch for end in history.epochs] == list(range(6))
    assert [end.step for end in history.epochs] == list(range(64, 385, 64))
    assert "went back" not in capsys.readouterr().err


def test_a_learn_that_goes_on_counts_its_epochs_and_episodes_on(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        learned(tracker, [0, 1, 2], reset=False)
    history = load(tmp_path)
    assert levels_of(history) == [(0, 0), (128, 1), (256, 2)]
    assert [end.epoch for end in history.epochs] == list(range(6))
    assert 64 <= moment(history, "epoch:1").step <= 128
    episodes = [a.record.episode for a in history.adoptions if a.place.slot == 0]
    assert episodes == sorted(set(episodes))
    assert history.config(history.adoptions[-1].record.config)["level"] == 2


def test_a_model_that_was_saved_and_loaded_goes_on_in_a_resumed_run(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        learned(tracker, [0]).save(tmp_path / "model")
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        model = sb3.PPO.load(tmp_path / "model", device="cpu")
        learned(tracker, [1], model=model, reset=False)
    history = load(tmp_path)
    assert [(end.epoch, end.step) for end in history.epochs] == [(0, 64), (1, 128), (2, 192), (3, 256)]
    assert not history.abandoned
    with Tracker(tmp_path / "envcfg", run="r") as tracker:  # `learn` with its default counts anew
        learned(tracker, [2], model=sb3.PPO.load(tmp_path / "model", device="cpu"))
    history = load(tmp_path)
    assert [end.epoch for end in history.epochs] == list(range(6))
    assert not history.abandoned
    assert [phase.name for phase in history.phases] == ["learn", "learn"]


def test_two_models_in_threads_are_told_once_and_the_clock_is_that_of_the_first(tmp_path, capsys):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        first, second = SB3Callback(tracker, attributes=["level"]), SB3Callback(tracker, attributes=["level"])
        begun, over = threading.Event(), threading.Event()
        step = first._on_rollout_end

        def meanwhile():
            begun.set()
            over.wait(60)
            step()

        first._on_rollout_end = meanwhile
        thread = threading.Thread(target=learned, args=(tracker, [0]), kwargs={"callback": first})
        thread.start()
        begun.wait(60)
        learned(tracker, [7], callback=second)
        over.set()
        thread.join()
    assert capsys.readouterr().err.count("another model trains on the same tracker at the same time") == 1
    history = load(tmp_path)
    assert [end.step for end in history.epochs] == [64, 128]
    assert {failure.code for failure in history.failures} == {"two_clocks"}


def test_recorded_environments_under_a_library_without_an_adapter_count_their_own_steps(tmp_path, capsys):
    clock, book = [0], []
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        envs = SyncVectorEnv(
            recorded(makers(clock, book), tracker, attributes=["level"], task=lambda c: str(c["level"]))
        )
        envs.reset(seed=1)
        for step in range(400):
            if step == 200:
                for env in envs.envs:
                    env.set_wrapper_attr("asked", 1)
            clock[0] += SLOTS
            envs.step(np.ones(SLOTS, int))
        envs.close()
    history = load(tmp_path)
    truth = first_adoptions(book)
    found = {(a.place.slot, history.config(a.record.config)["level"]): a.record.step for a in history.adoptions}
    assert found.keys() == truth.keys()
    drift = 0.15 * 400 * SLOTS  # a slot that is reset instead of stepping counts less, nine times in a hundred here
    assert all(abs(found[key] - truth[key]) <= drift for key in truth)
    assert capsys.readouterr().err == ""


def test_a_vector_environment_made_anew_for_each_stage_goes_on(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        for level in range(3):
            fns = [lambda level=level: Stage(level)] * 2
            envs = RecordedVectorEnv.make(fns, tracker, attributes=["level"])
            envs.reset(seed=level)
            for _ in range(50):
                envs.step(np.ones(2, int))
            envs.close()
    history = load(tmp_path)
    assert [level for _, level in levels_of(history)] == [0, 1, 2]
    steps = [step for step, _ in levels_of(history)]
    assert steps == sorted(steps)
    assert steps[1] > 80
    assert [phase.name for phase in history.phases] == ["vector environment"] * 2


def test_an_adapter_that_counts_abandons_nothing_after_a_resume(tmp_path):
    for seed in range(2):
        with Tracker(tmp_path / "envcfg", run="r") as tracker:
            envs = RecordedVectorEnv.make(spied.makers(tmp_path, 3), tracker, attributes=spied.ATTRIBUTES)
            envs.reset(seed=seed)
            for step in range(120):
                if step % 30 == 10:
                    envs.set_attr("gravity", 5.0 + step)
                envs.step(np.full(3, step % 2))
            envs.close()
    history = load(tmp_path)
    assert not history.abandoned
    truth = spied.truth(tmp_path, 3)
    assert spied.recorded(history) == [spied.changes(resets) for resets in truth]
