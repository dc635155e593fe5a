"""Mettagrid: each simulation is recorded in its own process."""

import numpy as np
import pytest

pytest.importorskip("mettagrid", reason="mettagrid has no wheel here")

import learner
import metta
import spied
from mettagrid.simulator import Simulator

from envcfg import Tracker, load
from envcfg.adapters.mettagrid_handler import MettagridHandler
from envcfg.sources.returns import returns

SLOTS = 3


def test_a_simulator_alone_counts_its_own_steps(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        simulator = Simulator()
        simulator.add_event_handler(MettagridHandler(tracker))
        for size in (8, 8, 9):
            simulation = simulator.new_simulation(metta.config(size), seed=1)
            while not simulation.is_done():
                simulation.step()
            simulation.close()
    history = load(tmp_path)
    configs = [history.config(adoption.record.config)["game"] for adoption in history.adoptions]
    assert [(config["map_builder"]["width"], config["max_steps"]) for config in configs] == [(8, 8), (9, 8)]
    assert [change.step for change in history.changes.with_initial] == [0, 2 * metta.STEPS]
    assert history.adopted == {"size/8": 2, "size/9": 1}
    assert history.adoptions.columns.episode.tolist() == [0, 2]


def test_the_returns_of_the_agents_are_kept_by_task(tmp_path):
    booked = metta.Booked()
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        simulator = Simulator()
        simulator.add_event_handler(MettagridHandler(tracker))
        simulator.add_event_handler(booked)
        rng = np.random.default_rng(1)
        for size in (8, 9) * 10:
            simulation = simulator.new_simulation(metta.config(size), seed=1)
            while not simulation.is_done():
                simulation._c_sim.actions()[:] = rng.integers(len(simulation.action_names))
                simulation.step()
            simulation.step()  # after the end
            simulation.close()
            tracker.end_epoch()
    history = load(tmp_path)
    for task in ("size/8", "size/9"):
        found = [(task, part.mean, part.length) for _, _, part in returns(history, task)]
        assert found == [pytest.approx(episode) for episode in booked.episodes if episode[0] == task]
    assert any(reward for _, reward, _ in booked.episodes)


def test_a_failing_task_function_does_not_stop_the_simulation(tmp_path):
    def fails(_):
        raise ZeroDivisionError("mine")

    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        simulator = Simulator()
        simulator.add_event_handler(MettagridHandler(tracker, task=fails))
        simulator.new_simulation(metta.config(8), seed=1).close()
    assert load(tmp_path).adopted == {"(unreadable)": 1}


class Grids:
    """A vector of simulations. After each episode, a slot begins a new one with the current size."""

    action_space = np.zeros(0, np.int32)

    def __init__(self, folder, tracker):
        folder.mkdir()
        self.tracker, self.size, self.steps, self.running = tracker, 8, 0, []
        self.simulators = [Simulator() for _ in range(SLOTS)]
        for slot, simulator in enumerate(self.simulators):
            if tracker is not None:
                simulator.add_event_handler(MettagridHandler(tracker, slot=slot))
            simulator.add_event_handler(metta.Spy(folder, slot))

    def reset(self, seed):
        self.running = [self._begun(simulator) for simulator in self.simulators]
        return self._seen(), {}

    def step(self, actions):
        self.steps += SLOTS
        if self.tracker is not None:
            self.tracker.set_step(step=self.steps)
        rewards = []
        for slot, (simulation, action) in enumerate(zip(self.running, actions, strict=True)):
            simulation._c_sim.actions()[:] = action
            simulation.step()
            rewards.append(float(simulation._c_sim.rewards()[0]))
            if simulation.is_done():
                simulation.close()
                self.running[slot] = self._begun(self.simulators[slot])
        return self._seen(), rewards

    def _begun(self, simulator):
        return simulator.new_simulation(metta.config(self.size), seed=self.size)

    def _seen(self):
        return np.stack([simulation._c_sim.observations()[0] for simulation in self.running]) / 255


def test_a_recorded_training_is_bit_for_bit_the_same_and_its_history_is_correct(tmp_path):
    def train(folder, tracker):
        grids = Grids(folder, tracker)
        schedule = lambda update: setattr(grids, "size", 8 + update // 2)  # noqa: E731
        return learner.learn(grids, 5, steps=12, between=schedule)

    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        assert train(tmp_path / "on", tracker) == train(tmp_path / "plain", None)
    history, truth = load(tmp_path), metta.truth(tmp_path / "on", SLOTS)
    assert truth == metta.truth(tmp_path / "plain", SLOTS)
    assert metta.adopted(history, SLOTS) == [spied.changes(resets) for resets in truth]
    assert sum(history.adopted.values()) == sum(map(len, truth))
    assert all(len(spied.changes(resets)) == 3 for resets in truth)
    assert {adoption.record.step % (SLOTS * metta.STEPS) for adoption in history.adoptions} == {0}
