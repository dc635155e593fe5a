"""Mettagrid: each simulation is recorded where it runs."""

import pytest

pytest.importorskip("mettagrid", reason="mettagrid has no wheel here")

import metta
from mettagrid.simulator import Simulator

from envcfg import Tracker, load
from envcfg.adapters.mettagrid_handler import EnvConfigHandler


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
    configs = [history.config(adoption.record.config)["game"] for adoption in history.adoptions]
    assert [(config["map_builder"]["width"], config["max_steps"]) for config in configs] == [(8, 8), (9, 8)]
    assert [change.step for change in history.transactions] == [0, 2 * metta.STEPS]
    assert history.adopted == {"size/8": 2, "size/9": 1}
    assert history.adoptions.columns.episode.tolist() == [0, 2]
