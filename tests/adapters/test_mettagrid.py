"""Mettagrid, alone and in pufferlib's workers: each simulation is recorded where it runs."""

import numpy as np
import pytest

pytest.importorskip("mettagrid", reason="mettagrid has no wheel here")

import metta
from mettagrid.simulator import Simulator

from envcfg import Tracker, load
from envcfg.adapters.mettagrid_handler import EnvConfigHandler


def adopted(history, slot):
    rows = [row for place, rows in history.adoptions.rows.items() if place.slot == slot for row in rows]
    configs = [history.config(history.adoptions[row].record.config)["game"] for row in rows]
    return [(config["map_builder"]["width"], config["max_steps"]) for config in configs]


def different(resets):
    return [reset for before, reset in zip([None, *resets], resets, strict=False) if reset != before]


def test_a_simulator_alone_counts_its_own_steps(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        simulator = Simulator()
        simulator.add_event_handler(EnvConfigHandler(tracker))
        for size in (8, 8, 9):
            simulation = simulator.new_simulation(metta.config(size), seed=1)
            while not simulation.is_done():
                simulation.step()
            simulation.close()
    history = load(tmp_path)
    assert adopted(history, 0) == [(8, metta.STEPS), (9, metta.STEPS)]
    assert [change.step for change in history.transactions] == [0, 2 * metta.STEPS]
    assert history.adopted == {"size/8": 2, "size/9": 1}
    assert history.adoptions.columns.episode.tolist() == [0, 2]


@pytest.mark.parametrize("backend", ["Serial", "Multiprocessing"])
def test_in_the_workers_of_pufferlib_the_history_is_what_was_built_there(backend, tmp_path):
    vector = pytest.importorskip("pufferlib.vector", reason="pufferlib is no part of the development install")
    slots = 4
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        kinds = {} if backend == "Serial" else {"num_workers": 2}
        envs = vector.make(
            [metta.make] * slots,
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
    truth = metta.truth(tmp_path, slots)
    # in the process that trains, pufferlib makes one environment more, to see its spaces: it is of slot 0 too
    assert [different(adopted(history, slot)) for slot in range(slots)] == [different(resets) for resets in truth]
    assert all(len(different(resets)) > 2 for resets in truth)
    assert len({place.worker for place in history.adoptions.rows}) == (1 if backend == "Serial" else 1 + 2)
    assert max(history.adoptions.columns.step) > 60
