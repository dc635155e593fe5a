from hypothesis import given
from hypothesis import strategies as st
from strategies import configs

from envcfg import Tracker, load
from envcfg.core.diff import ABSENT, Absent, same
from envcfg.core.encoding import digest
from envcfg.core.tree import leaves, lookup
from envcfg.history.adoptions import Place


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
        (path, digest({"": value})) for path, value in leaves(plain[-1])
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


def test_two_configs_that_alternate_thousands_of_times_are_compared_twice(journal, monkeypatch):
    history = recorded(journal, [{"level": step % 2, "still": 0} for step in range(2000)])
    compared = []
    from envcfg.history.queries import blame

    monkeypatch.setattr(blame, "diff", lambda *both: compared.append(both) or ())
    history.blame()
    assert len(compared) == 2
