"""Recording slots from arrays gives the same history as recording each slot alone."""

import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import envcfg
from envcfg import Tracker, load
from envcfg.core.errors import ConfigError

pytestmark = pytest.mark.slow
SLOTS = 4
BASE = {"terrain": {"kind": "stairs"}, "gravity": -9.81}


@pytest.fixture(scope="module")
def torch():
    """Imported here: the quick tests collect this file, too."""
    import torch

    return torch


def said(folder):
    """The content of a history without its times."""
    history = load(folder)
    adoptions = [
        (adoption.place, adoption.record.step, adoption.record.task, history.configs[adoption.record.config])
        for adoption in history.adoptions
    ]
    return adoptions, [(mix.step, mix.epoch, sorted(mix.adopted.items())) for mix in history.mixes]


def name(config):
    return f"level {config['terrain']['level']}"


steps = st.lists(
    st.tuples(
        st.lists(st.integers(0, 2), min_size=SLOTS, max_size=SLOTS),
        st.lists(st.sampled_from([0.5, float("nan"), -0.0, 0.0]), min_size=SLOTS, max_size=SLOTS),
        st.none() | st.lists(st.booleans(), min_size=SLOTS, max_size=SLOTS),
    ),
    max_size=8,
)


@given(steps)
def test_recording_arrays_equals_recording_each_slot(tmp_path_factory, plan):
    at_once, one_by_one = tmp_path_factory.mktemp("at_once"), tmp_path_factory.mktemp("one_by_one")
    with Tracker(at_once, strict=True) as arrays, Tracker(one_by_one, strict=True) as slots:
        for step, (levels, frictions, resets) in enumerate(plan):
            columns = {"terrain": {"level": np.array(levels)}, "friction": np.array(frictions)}
            mask = None if resets is None else np.array(resets)
            arrays.record_slots(columns, base=BASE, step=step, epoch=step // 2, resets=mask, task=name)
            for slot in range(SLOTS):
                if resets is None or resets[slot]:
                    terrain = {**BASE["terrain"], "level": levels[slot]}
                    config = {**BASE, "terrain": terrain, "friction": frictions[slot]}
                    slots.record(config, step=step, epoch=step // 2, slot=slot, task=name(config))
            if resets is not None and not any(resets):
                slots.set_step(step=step, epoch=step // 2)
    assert repr(said(at_once)) == repr(said(one_by_one))


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float32", "bool"])
def test_a_tensor_of_any_type_is_accepted(journal, torch, dtype):
    with Tracker(journal, strict=True) as tracker:
        tracker.record_slots({"level": torch.tensor([0, 1, 1], dtype=getattr(torch, dtype))}, step=0)
    configs = [load(journal).configs[adoption.record.config] for adoption in load(journal).adoptions]
    assert configs == [{"level": 0}, {"level": 1}, {"level": 1}]


def test_a_row_of_several_numbers_is_a_list(journal):
    with Tracker(journal, strict=True) as tracker:
        tracker.record_slots({"start": np.array([[0.0, 1.0], [2.0, 3.0]])}, step=0)
    history = load(journal)
    assert history.configs[history.adoptions[1].record.config] == {"start": [2.0, 3.0]}


def test_resets_may_be_slot_numbers(journal, torch):
    levels = np.zeros(4, int)
    with Tracker(journal, strict=True) as tracker:
        tracker.record_slots({"level": levels}, step=0)
        levels += 1
        tracker.record_slots({"level": levels}, step=1, resets=torch.tensor([3, 1]))
        tracker.record_slots({"level": levels}, step=2, resets=np.array([], int))
        tracker.record_slots({"level": levels}, step=3)
    later = [(adoption.record.step, adoption.place.slot) for adoption in load(journal).adoptions][4:]
    assert later == [(1, 1), (1, 3), (3, 0), (3, 2)]


def test_arrays_that_do_not_change_are_not_captured(journal, monkeypatch, torch):
    looks = []
    with Tracker(journal, strict=True) as tracker:
        levels = torch.arange(64)
        tracker.record_slots({"level": levels}, step=0)
        monkeypatch.setattr("envcfg.tracking.capture.arrays._matrix", lambda *_: looks.append(1))
        for step in range(1, 5):
            tracker.record_slots({"level": levels}, step=step)
    assert looks == []
    assert sum(mix.adopted[""] for mix in load(journal).mixes) == 5 * 64


def test_a_change_of_the_base_is_a_change_in_each_slot(journal):
    base = {"gravity": 1}
    with Tracker(journal, strict=True) as tracker:
        tracker.record_slots({"level": np.arange(2)}, base=base, step=0)
        base["gravity"] = 2
        tracker.record_slots({"level": np.arange(2)}, base=base, step=1)
    assert [adoption.record.step for adoption in load(journal).adoptions] == [0, 0, 1, 1]


def test_slots_recorded_from_arrays_fulfil_a_request(journal):
    levels = np.zeros(2, int)
    with Tracker(journal, strict=True) as tracker:
        tracker.record_slots({"level": levels}, step=0)
        tracker.request({"level": 1}, step=5)
        levels[0] = 1
        for step in range(6, 10):
            tracker.record_slots({"level": levels}, step=step)
    history = load(journal)
    assert [(answer.place.slot, answer.effective_at) for answer in history.answers] == [(0, 6), (1, None)]


@pytest.mark.parametrize(
    ("columns", "resets"),
    [
        ({}, None),
        ({"a": np.arange(3), "b": {"c": np.arange(4)}}, None),
        ({"a": np.array(1)}, None),
        ({"a": np.array([{}, {}])}, None),
        ({"a": np.arange(3)}, [3]),
        ({"a": np.arange(3)}, [-1]),
        ({"a": np.arange(3)}, np.array([True, False])),
        ({"a": np.arange(3)}, [0.5]),
    ],
)
def test_the_error_for_arrays_that_do_not_fit_says_what_was_expected(journal, columns, resets):
    with pytest.raises(ConfigError, match=r"expected|at least one"), Tracker(journal, strict=True) as tracker:
        tracker.record_slots(columns, step=0, resets=resets)


def test_arrays_that_do_not_fit_do_not_stop_the_training(journal, capsys):
    with Tracker(journal) as tracker:
        tracker.record_slots({"a": np.array(1)}, step=0)
    assert "envcfg: record_slots: record_slots: columns contains no array" in capsys.readouterr().err


def test_without_a_tracker_recording_arrays_does_nothing():
    assert envcfg.tracker().record_slots({"a": np.arange(3)}, step=0) is None


def test_recording_all_slots_creates_no_work_for_the_garbage_collector(tmp_path):
    levels = np.zeros(4096, dtype=int)
    with Tracker(tmp_path) as tracker:
        for step in range(20):  # every config is known from then on
            tracker.record_slots({"level": (levels + step) % 10}, step=step)
        gc.disable()
        try:
            before = gc.get_count()[0]
            tracker.record_slots({"level": levels + 5}, step=20)
            made = gc.get_count()[0] - before
        finally:
            gc.enable()
    assert made < 100
    assert len(load(tmp_path).adoptions) == 21 * 4096
