"""Arrays in the containers of programs. What has more than one meaning is refused, with what to write instead."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest

from envcfg import Tracker, load
from envcfg.core.errors import ConfigError

SLOTS = 4


class Physics(NamedTuple):
    friction: Any
    mass: Any


@dataclass(frozen=True)
class Params:
    physics: Physics
    horizon: int
    kind: str = field(default="pole", metadata={"pytree_node": False})
    grid: tuple[int, int] = field(default=(2, 3), metadata={"pytree_node": False})


def recorded(journal, columns, **given):
    with Tracker(journal, strict=True) as tracker:
        tracker.record_slots(columns, step=0, **given)
    history = load(journal)
    return {adoption.place.slot: history.config(adoption.record.config) for adoption in history.adoptions}


def test_a_named_tuple_in_a_dataclass_is_a_config_and_its_static_fields_belong_to_every_slot(journal):
    physics = Physics(np.arange(SLOTS) / 4, np.arange(SLOTS))
    assert recorded(journal, Params(physics, 200), base={"wind": 1}) == {
        slot: {
            "wind": 1,
            "physics": {"friction": slot / 4, "mass": slot},
            "horizon": 200,
            "kind": "pole",
            "grid": [2, 3],
        }
        for slot in range(SLOTS)
    }


def test_a_named_tuple_of_two_fields_is_not_two_slots(journal):
    assert len(recorded(journal, Physics(np.arange(SLOTS), np.arange(SLOTS)))) == SLOTS


def test_a_single_number_among_the_columns_belongs_to_every_slot(journal):
    found = recorded(journal, {"gravity": np.float32(9.5), "level": np.arange(2), "name": "a"})
    assert found == {slot: {"gravity": 9.5, "level": slot, "name": "a"} for slot in range(2)}


def test_the_static_fields_of_drawn_parameters_are_in_the_config(journal):
    rng = np.random.default_rng(0)
    with Tracker(journal, strict=True) as tracker:
        for step in range(3):
            tracker.record_draws(Params(Physics(rng.random(SLOTS), rng.random(SLOTS)), 200), step=step)
    history = load(journal)
    assert {*history.drawn_parameters} == {"physics.friction", "physics.mass"}
    assert history.at("last")["kind"] == "pole"


@pytest.mark.parametrize(
    ("columns", "given", "said"),
    [
        ({"x": [np.zeros(3)] * 2}, {}, r"x is a list of arrays.*np.stack\(x\) if each array is one slot, or a dict"),
        ((np.zeros(3), np.zeros(3)), {}, "columns is a tuple of arrays"),
        ({"x": np.zeros(3)}, {"task": ["a", "b", "c"]}, "expected one name, or a function"),
        ({"x": np.zeros((5, 3))}, {"resets": np.ones((5, 3), bool)}, r"shape \(5, 3\).*Record each step of a scan"),
        ({"x": 1.0}, {}, "contains no array"),
    ],
    ids=["list", "tuple", "tasks", "scan", "no array"],
)
def test_what_is_ambiguous_is_refused_with_what_to_write(journal, columns, given, said):
    tracker = Tracker(journal, strict=True)
    with pytest.raises(ConfigError, match=said):
        tracker.record_slots(columns, step=0, **given)
