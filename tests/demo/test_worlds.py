import numpy as np
import pytest

from envcfg.core.normal import normal
from envcfg.demo.cartpole_world import CartPoleWorld
from envcfg.demo.slots import Slots
from envcfg.demo.task import Assignment, Task

MettagridWorld = pytest.importorskip("envcfg.demo.mettagrid_world", reason="mettagrid has no wheel here").MettagridWorld

FORAGE = {"width": 8, "height": 9, "berries": 5, "walls": 3, "max_steps": 20, "reward": 0.5}
POLE = {"gravity": 9.8, "length": 0.5, "force": 10.0, "max_steps": 30, "reward": 1.0}


def forage(**changed):
    return Task("forage", {**FORAGE, **changed})


def test_a_mettagrid_world_runs_what_its_config_says():
    world = MettagridWorld(agents=2)
    world.reset(world.configure(forage()), seed=1)
    simulation = world._simulation
    assert (simulation.map_width, simulation.map_height, simulation.num_agents) == (8, 9, 2)
    assert simulation.config.game.max_steps == 20
    objects = [thing["type_name"] for thing in simulation.grid_objects().values()]
    assert objects.count("berry") == 5


def test_a_mettagrid_episode_ends_after_its_steps_and_pays_what_its_config_says():
    world = MettagridWorld(agents=2)
    world.reset(world.configure(forage(max_steps=200, walls=0)), seed=1)
    rng, total, steps, is_over = np.random.default_rng(0), 0.0, 0, False
    while not is_over:
        _, rewards, is_over = world.step(rng.integers(0, 5, 2))
        total, steps = total + float(rewards.sum()), steps + 1
    assert steps == 200 or world.outcome == 1.0
    assert total == pytest.approx(world.outcome * 5 * 0.5)
    assert total > 0


def test_a_mettagrid_config_is_recorded_without_the_seed_of_one_episode():
    world = MettagridWorld(agents=2)
    config = world.configure(forage())
    before = normal(config)
    world.reset(config, seed=1)
    assert normal(config) == before
    assert before["game"]["map_builder"]["seed"] is None


def test_cartpoles_physics_really_change():
    world = CartPoleWorld()

    def fallen_after(**changed):
        world.reset(world.configure(Task("balance", {**POLE, **changed})), seed=3)
        states = [world.step(np.array([1]))[0].copy() for _ in range(6)]
        return states[-1]

    earth = fallen_after()
    assert not np.allclose(earth, fallen_after(gravity=1.6))
    assert not np.allclose(earth, fallen_after(length=1.0))
    assert not np.allclose(earth, fallen_after(force=5.0))
    assert np.array_equal(earth, fallen_after())


class Switch:
    """Assigns the current value of `task`."""

    def __init__(self, task):
        self.task = task
        self.asked = []

    def assign(self, slot, step):
        self.asked.append((slot, step))
        return Assignment(self.task, None)

    def finished(self, task, outcome):
        pass


class Spy:
    def __init__(self):
        self.records = []

    def record(self, config, *, step, slot, task, **_):
        self.records.append((step, slot, task, config.game.max_steps))


def test_each_slot_adopts_the_new_task_at_its_own_reset_and_is_asked_for_once():
    curriculum, spy = Switch(Task("short", {**FORAGE, "max_steps": 4})), Spy()
    slots = Slots([MettagridWorld(agents=1) for _ in range(2)], curriculum, spy, seed=0)
    slots._worlds[1].step(np.array([0]))  # the second slot's episode is one step ahead
    curriculum.task = Task("long", {**FORAGE, "max_steps": 9})
    for _ in range(4):
        slots.act(np.zeros(2, dtype=np.int64))
    assert spy.records == [(0, 0, "short", 4), (0, 1, "short", 4), (6, 1, "long", 9), (7, 0, "long", 9)]
    assert curriculum.asked == [(slot, step) for step, slot, *_ in spy.records]
    assert slots._worlds[0]._simulation.config.game.max_steps == 9
