"""Syllabus draws tasks ahead and changes them within an episode. Only adopted tasks are recorded."""

from contextlib import contextmanager

import learner
import pytest
import tasked
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv
from syllabus.core import make_multiprocessing_curriculum
from syllabus.curricula import DomainRandomization, SequentialCurriculum
from syllabus.task_space import DiscreteTaskSpace

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv
from envcfg.adapters.syllabus_env import syllabus_probabilities
from envcfg.analysis.tasks.task_use import task_uses
from envcfg.core.record import Cause

SLOTS = 2
pytestmark = pytest.mark.filterwarnings("ignore")


@contextmanager
def served(curriculum):
    served = make_multiprocessing_curriculum(curriculum, timeout=20)
    yield served
    served.stop()


def makers(folder, tracker, curriculum, **declared):
    folder.mkdir(exist_ok=True)
    return [tasked.Maker(folder, slot, tracker, curriculum, **declared) for slot in range(SLOTS)]


def assert_is_what_was_taken_up(history, folder):
    for slot in range(SLOTS):
        truth = tasked.truth(folder, slot)
        changes = [level for before, level in zip([None, *truth], truth, strict=False) if level != before]
        adoptions = [adoption.record for adoption in history.adoptions if adoption.place.slot == slot]
        assert [history.config(record.config)["task"] for record in adoptions] == changes
        assert [record.task for record in adoptions] == [str(level) for level in changes]
        assert {record.cause for record in adoptions} == {Cause("curriculum")}
        assert len(changes) > 4


def test_a_recorded_training_is_bit_for_bit_the_same_and_its_history_has_the_adopted_tasks(tmp_path):
    order = [level for turn in range(60) for level in (turn % 4, turn % 4, 3 - turn % 3)]

    def train(folder, tracker, around):
        with served(tasked.Known(DiscreteTaskSpace(4), order)) as curriculum:
            envs = around(SyncVectorEnv(makers(folder, tracker, curriculum)))
            return learner.learn(envs, 2, updates=4)

    plain = train(tmp_path / "plain", None, lambda envs: envs)
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        assert train(tmp_path / "on", tracker, lambda envs: RecordedVectorEnv(envs, tracker)) == plain
    assert_is_what_was_taken_up(load(tmp_path), tmp_path / "on")
    taken = [tasked.truth(tmp_path / "on", slot) for slot in range(SLOTS)]
    assert taken == [tasked.truth(tmp_path / "plain", slot) for slot in range(SLOTS)]


def test_workers_adopt_the_tasks_that_the_curriculum_states(tmp_path):
    drawn = served(DomainRandomization(DiscreteTaskSpace(4)))
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker, drawn as curriculum:
        fns = makers(tmp_path / "on", tracker, curriculum)
        envs = RecordedVectorEnv(AsyncVectorEnv(fns, context="fork"), tracker)  # importing torchrl makes it spawn

        def epoch(update):
            tracker.mix(syllabus_probabilities(curriculum), step=envs._steps, epoch=update)
            tracker.end_epoch(step=envs._steps, epoch=update)

        learner.learn(envs, 2, updates=8, between=epoch)
        envs.close()
    history = load(tmp_path)
    assert_is_what_was_taken_up(history, tmp_path / "on")
    assert len({place.worker for place in history.adoptions.rows} - {0}) == 2
    agreed = task_uses(history).agreement
    assert agreed.adoptions > 40
    assert agreed.stated.keys() == agreed.realised.keys() == {"0", "1", "2", "3"}
    assert agreed.p > 1e-4


def test_the_probabilities_of_a_sequence_are_those_of_the_current_stage(capsys):
    space = DiscreteTaskSpace(4)
    curriculum = SequentialCurriculum([[0, 1], [2, 3]], ["episodes>=1"], space)
    assert syllabus_probabilities(curriculum) == {"0": 0.5, "1": 0.5}
    curriculum.update_on_episode(1.0, 5, 0, 0.0)
    assert syllabus_probabilities(curriculum, task=lambda config: f"level/{config['task']}") == {
        "level/2": 0.5,
        "level/3": 0.5,
    }
