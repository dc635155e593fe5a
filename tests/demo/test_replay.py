"""The demo run again from its own recording: the same configs, and the same rewards."""

import logging

import numpy as np
import pytest
from demo.lever import Lever
from omegaconf import OmegaConf

from envcfg import Tracker, load, replay, sample
from envcfg.demo import train
from envcfg.demo.curricula import ScheduleCurriculum, ThresholdCurriculum
from envcfg.demo.replay import ReplayCurriculum
from envcfg.demo.slots import Slots
from envcfg.demo.task import Task
from envcfg.rerun.divergence import divergences
from envcfg.rerun.replay import DivergenceError
from envcfg.sources.folders import run_folders

STAGES = [Task("short", {"length": 3}), Task("long", {"length": 5}), Task("longer", {"length": 8})]


def play(folder, curriculum, *, world=Lever):
    """Two slots, ten epochs of nine steps each."""
    with Tracker(folder, run="r") as tracker:
        slots = Slots([world(), world()], curriculum, tracker, seed=1)
        for epoch in range(10):
            slots.begin_epoch(epoch)
            tracker.mix(curriculum.probabilities, step=slots.step, epoch=epoch)
            for _ in range(9):
                slots.act(np.array([1, epoch % 2]))
    return load(folder)


@pytest.fixture
def recorded(tmp_path):
    return play(tmp_path / "recorded", ScheduleCurriculum(STAGES, epochs=[2, 5]))


class Stiff(Lever):
    """A world that can no longer run the recorded configs."""

    def restore(self, config):
        return {**config, "length": min(5, config["length"])}


def test_a_replay_does_the_same_and_states_the_same(recorded, tmp_path):
    curriculum = ReplayCurriculum(replay(recorded, strict=True))
    again = play(tmp_path / "again", curriculum)
    assert divergences(recorded, again) == ()
    assert [mix.stated for mix in again.mixes] == [mix.stated for mix in recorded.mixes]
    assert curriculum.changes == len(recorded.changes)
    asked = [[(change.cause, change.requested_at) for change in run.changes.with_initial] for run in (again, recorded)]
    assert asked[0] == asked[1]


def test_a_replay_of_promotions_at_random_times_says_how_they_were_drawn(tmp_path):
    jittered = ThresholdCurriculum(STAGES, threshold=0.1, window=2, patience=2, jitter=2, rng=np.random.default_rng(3))
    recorded = play(tmp_path / "recorded", jittered)
    again = play(tmp_path / "again", ReplayCurriculum(replay(recorded, strict=True)))
    assert divergences(recorded, again) == ()
    causes = [change.cause for change in again.changes]
    assert causes == [change.cause for change in recorded.changes]
    assert {cause.propensity for cause in causes} == {1 / 3}


def test_the_first_divergence_is_logged_once(recorded, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        play(tmp_path / "again", ReplayCurriculum(replay(recorded)), world=Stiff)
    (said,) = [record.message for record in caplog.records if "replay" in record.message]
    assert said.endswith("length: recorded 8, found 5")


def test_a_strict_one_stops_there(recorded, tmp_path):
    with pytest.raises(DivergenceError, match="length: recorded 8, found 5"):
        play(tmp_path / "again", ReplayCurriculum(replay(recorded, strict=True)), world=Stiff)


@pytest.mark.parametrize("folder", [sample(), *run_folders(sample("sweep"))], ids=lambda folder: folder.name)
def test_worlds_are_restored_as_they_were_recorded(folder):
    history = load(folder)
    job = history.configs[history.jobs[-1].config]
    world = train.world_of(OmegaConf.create(job["env"]))
    again = replay(history, strict=True)
    for adoption in history.adoptions:
        planned = again.adopt(adoption.place.slot, at=adoption.record.step)
        again.check(planned, world.restore(planned.config))
    assert again.divergences == []
