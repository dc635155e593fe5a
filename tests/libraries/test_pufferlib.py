"""Mettagrid in the workers of pufferlib."""

import numpy as np
import puffers
import pytest
from pufferlib import vector

from envcfg import Tracker, load


def adopted(history, slot):
    rows = [row for place, rows in history.adoptions.rows.items() if place.slot == slot for row in rows]
    configs = [history.config(history.adoptions[row].record.config)["game"] for row in rows]
    return [(config["map_builder"]["width"], config["max_steps"]) for config in configs]


def different(resets):
    return [reset for before, reset in zip([None, *resets], resets, strict=False) if reset != before]


@pytest.mark.parametrize("backend", ["Serial", "Multiprocessing"])
def test_in_the_workers_of_pufferlib_the_history_is_what_was_built_there(backend, tmp_path):
    slots = 4
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        kinds = {} if backend == "Serial" else {"num_workers": 2}
        envs = vector.make(
            [puffers.make] * slots,
            env_args=[[tracker, slot, tmp_path] for slot in range(slots)],
            env_kwargs=[{}] * slots,
            backend=getattr(vector, backend),
            num_envs=slots,
            seed=1,
            **kinds,
        )
        envs.reset(seed=1)
        for step in range(40):
            tracker.reach(step=step * slots)
            envs.step(np.zeros(slots, dtype=envs.action_space.dtype))
        envs.close()
    history = load(tmp_path)
    truth = puffers.truth(tmp_path, slots)
    # in the process that trains, pufferlib makes one environment more, to see its spaces: it is of slot 0 too
    assert [different(adopted(history, slot)) for slot in range(slots)] == [different(resets) for resets in truth]
    assert all(len(different(resets)) > 2 for resets in truth)
    assert len({place.worker for place in history.adoptions.rows}) == (1 if backend == "Serial" else 1 + 2)
    assert max(history.adoptions.columns.step) > 60
