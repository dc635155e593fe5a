from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from strategies import configs

from envcfg import Tracker, load
from envcfg.core.diff import ABSENT, Absent, same
from envcfg.core.encoding import digest
from envcfg.core.tree import leaves, lookup
from envcfg.history.adoptions import Place
from envcfg.history.parameters import Edited


def recorded(folder, configs):
    with Tracker(folder, run="r") as tracker:
        for step, config in enumerate(configs):
            tracker.record(config, step=step)
    return load(folder)


@given(st.lists(configs, min_size=1, max_size=3).flatmap(lambda pool: st.lists(st.sampled_from(pool), min_size=1)))
def test_each_leaf_is_blamed_on_the_change_that_last_set_its_value(tmp_path_factory, sequence):
    history = recorded(tmp_path_factory.mktemp("journal"), sequence)
    plain = [history.at(step) for step in range(len(sequence))]
    found = history.blame()
    assert [(blame.path, digest({"": blame.value})) for blame in found] == [
        (path, digest({"": value})) for path, value in leaves(plain[-1]) if path
    ]
    for blame in found:
        assert blame.adoption.record.step == set_at(plain, blame.path)
        assert history.numbered(blame.change)[0].config == blame.adoption.record.config


def set_at(plain, path):
    value = lookup(plain[-1], path)
    for step in range(len(plain) - 1, 0, -1):
        before = lookup(plain[step - 1], path, ABSENT)
        if isinstance(before, Absent) or not same(before, value):
            return step
    return 0


def test_a_slot_is_blamed_for_its_own_changes_only(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 1, "kind": "a"}, step=0, slot=0)
        tracker.record({"level": 1, "kind": "a"}, step=0, slot=1)
        tracker.record({"level": 2, "kind": "a"}, step=10, slot=1, task="harder")
        tracker.record({"level": 2, "kind": "b"}, step=20, slot=0)
    history = load(journal)
    assert [blame.adoption.record.step for blame in history.blame("last", Place(0, 0, 0))] == [20, 20]
    assert [blame.adoption.record.step for blame in history.blame("last", Place(0, 0, 1))] == [0, 10]
    assert [blame.before for blame in history.blame("last", Place(0, 0, 1))] == [ABSENT, 1]


def test_configs_that_alternate_thousands_of_times_are_compared_once_in_each_direction(journal, monkeypatch):
    history = recorded(journal, [{"level": step % 2, "still": 0, "other": step > 5} for step in range(2000)])
    compared = []
    edited = Edited.__call__
    monkeypatch.setattr(Edited, "__call__", lambda self, pair: compared.append(pair) or edited(self, pair))
    history.blame("last", Place(0, 0, 0))
    assert len(set(compared)) == 3


def test_a_change_that_a_slot_adopts_late_is_not_the_latest_one(journal):
    with Tracker(journal, run="r") as tracker:
        for slot in range(2):
            tracker.record({"level": 0, "size": 0}, step=0, slot=slot)
        for step, slot, level in ((100, 0, 1), (110, 0, 2), (120, 1, 1)):
            tracker.record({"level": level, "size": 1}, step=step, slot=slot, requested_at=10 * level)
    level, size = load(journal).blame()
    assert (level.change, level.adoption.record.step, level.before, level.value) == (2, 110, 1, 2)
    assert (size.change, size.adoption.record.step, size.before, size.value) == (1, 100, 0, 1)


@dataclass
class Slot:
    """A slot of the reference: its values, and the step at which each of them was set."""

    config: dict
    since: dict


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["a", "b"]), st.integers(0, 2), st.booleans()), max_size=30)
)
def test_the_last_change_in_any_living_slot_set_a_parameter_of_a_run(tmp_path_factory, moves):
    slots, living = {}, set()
    with Tracker(tmp_path_factory.mktemp("journal") / "envcfg", run="r") as tracker:
        for step, (slot, key, value, ends) in enumerate([(0, "a", 0, False), *moves, (1, "a", 0, False)]):
            was = slots.get(slot, Slot({"a": 0, "b": 0}, {}))
            config = was.config | {key: value}
            changed = {name: step for name in config if slot in slots and config[name] != was.config[name]}
            tracker.record(config, step=step, slot=slot)
            slots[slot] = Slot(config, was.since | changed)
            living.add(slot)
            if ends and len(living) > 1:
                tracker.end_slot(slot)
                living.remove(slot)
    for blame in load(tracker.folder).blame():
        (key,) = blame.path
        values = Counter(slots[slot].config[key] for slot in living)
        assert dict(zip(blame.spread.values, blame.spread.weights, strict=True)) == values
        last = max(slots[slot].since.get(key, -1) for slot in living)
        assert (blame.adoption.record.step if blame.change else -1) == last
        if blame.change:
            assert blame.value == slots[blame.adoption.place.slot].config[key]
