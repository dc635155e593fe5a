"""The demo run again from its own recording: the same configs, and the same rewards."""

import logging

import numpy as np
import pytest
from demo.lever import Lever
from omegaconf import OmegaConf

from envcfg import Tracker, load, replay, sample
from envcfg.demo import train
from envcfg.demo.curricula import ScheduleCurriculum
from envcfg.demo.replay import ReplayCurriculum
from envcfg.demo.slots import Slots
from envcfg.demo.task import Task
from envcfg.history.sources import run_folders
from envcfg.rerun.divergence import divergences
from envcfg.rerun.replay import DivergenceError

STAGES = [Task("short", {"length": 3}), Task("long", {"length": 5}), Task("longer", {"length": 8})]


def play(folder, curriculum, *, world=Lever):
    """Two slots, ten epochs of nine steps each."""
    with Tracker(folder, run="r") as tracker:
        slots = Slots([world(), world()], curriculum, tracker, seed=1)
        for epoch in range(10):
            slots.epoch = epoch
            tracker.mix(curriculum.probabilities, step=slots.step, epoch=epoch)
            for _ in range(9):
                slots.act(np.array([1, epoch % 2]))
    return load(folder)


@pytest.fixture
def recorded(tmp_path):
    return play(tmp_path / "recorded", ScheduleCurriculum(STAGES, epochs=[2, 5]))


class Stiff(Lever):
    """A world that cannot do what was recorded any more."""

    def restore(self, config):
        return {**config, "length": min(5, config["length"])}


def test_a_replay_does_the_same_and_states_the_same(recorded, tmp_path):
    curriculum = ReplayCurriculum(replay(recorded, strict=True))
    again = play(tmp_path / "again", curriculum)
    assert divergences(recorded, again) == ()
    assert [mix.stated for mix in again.mixes] == [mix.stated for mix in recorded.mixes]
    assert curriculum.changes == len(recorded.transactions)
    assert [change.cause for change in again.transactions] == [change.cause for change in recorded.transactions]
    assert [change.requested_at for change in again.transactions] == [c.requested_at for c in recorded.transactions]


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
        turn = again.adopt(adoption.place.slot, at=adoption.record.step)
        again.check(turn, world.restore(turn.config))
    assert again.divergences == []
