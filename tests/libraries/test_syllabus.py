"""Syllabus: tasks are drawn ahead and change in mid-episode; recorded is what an environment took up."""

import numpy as np
import pytest
import tasked
from gymnasium.vector import SyncVectorEnv
from syllabus.core import make_multiprocessing_curriculum
from syllabus.curricula import DomainRandomization
from syllabus.task_space import DiscreteTaskSpace

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv
from envcfg.adapters.syllabus_env import stated

SLOTS = 2


@pytest.mark.filterwarnings("ignore")
def test_the_history_is_the_tasks_that_were_taken_up_and_the_mix_is_the_one_that_was_stated(tmp_path):
    space = DiscreteTaskSpace(4)
    curriculum = make_multiprocessing_curriculum(DomainRandomization(space), timeout=20)
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        tracker.mix(stated(curriculum.curriculum), step=0, epoch=0)
        makers = [tasked.Maker(tmp_path, slot, tracker, space, curriculum.components) for slot in range(SLOTS)]
        envs = RecordedVectorEnv(SyncVectorEnv(makers), tracker)
        envs.reset()
        for step in range(60):
            envs.step(np.full(SLOTS, step % 2))
        tracker.advance(step=60 * SLOTS, epoch=0)
        envs.close()
    curriculum.stop()
    history = load(tmp_path)
    for slot in range(SLOTS):
        truth = [int(line) for line in (tmp_path / f"book-{slot}.txt").read_text().split()]
        changes = [level for before, level in zip([None, *truth], truth, strict=False) if level != before]
        adoptions = [adoption.record for adoption in history.adoptions if adoption.place.slot == slot]
        assert [history.config(record.config)["task"] for record in adoptions] == changes
        assert [record.task for record in adoptions] == [f"level/{level}" for level in changes]
        assert len(changes) > 4
    assert history.mixes[0].stated == {str(level): 0.25 for level in range(4)}
