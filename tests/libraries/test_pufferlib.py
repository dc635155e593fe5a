"""Mettagrid in pufferlib's workers: a training in which the map of each slot grows after every second episode."""

from contextlib import closing

import learner
import metta
import puffers
import pytest
import spied
from pufferlib import vector

from envcfg import Tracker, load

SLOTS, STEPS, UPDATES = 4, 20, 4


def train(backend, folder, tracker):
    folder.mkdir()
    envs = vector.make(
        [puffers.make] * SLOTS,
        env_args=[[tracker, slot, folder] for slot in range(SLOTS)],
        env_kwargs=[{}] * SLOTS,
        backend=getattr(vector, backend),
        num_envs=SLOTS,
        seed=1,
        **({} if backend == "Serial" else {"num_workers": 2}),
    )

    def tell(update):
        if tracker is not None:
            tracker.set_step(step=update * STEPS * SLOTS)

    with closing(envs):
        return learner.learn(envs, envs.single_action_space.n, updates=UPDATES, steps=STEPS, between=tell)


@pytest.mark.parametrize("backend", ["Serial", "Multiprocessing"])
def test_a_recorded_training_is_bit_for_bit_the_same_and_its_history_is_correct(backend, tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        on = train(backend, tmp_path / "on", tracker)
    assert on == train(backend, tmp_path / "plain", None)
    history = load(tmp_path)
    truth = metta.truth(tmp_path / "on", SLOTS)
    assert truth == metta.truth(tmp_path / "plain", SLOTS)
    # in the training process, pufferlib creates one more environment, to read its spaces; it has slot 0 too
    places = history.adoptions.rows
    assert len({place.worker for place in places}) == (1 if backend == "Serial" else 1 + 2)
    assert [spied.changes(resets) for resets in metta.adopted(history, SLOTS)] == [*map(spied.changes, truth)]
    assert all(len(spied.changes(resets)) > 2 for resets in truth)
    assert max(history.adoptions.columns.step) >= 2 * STEPS * SLOTS
