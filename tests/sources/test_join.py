import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker, load
from envcfg.core.errors import SourceError
from envcfg.sources.join import join

sessions = st.lists(
    st.tuples(st.integers(1, 20), st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=8)),
    min_size=1,
    max_size=4,
)


def recorded(folders, plan):
    """Each session records once a step, the first one from step 0 on. Its folder is the next of *folders*."""
    ticks = itertools.count(1_800_000_000)
    for number, (folder, (start, records)) in enumerate(zip(folders, plan, strict=False)):
        with Tracker(folder, run="r", clock=lambda: float(next(ticks))) as tracker:
            for step, (slot, level) in enumerate(records, start=start if number else 0):
                tracker.record({"level": level}, step=step, slot=slot)


def told(history):
    return (
        [(adoption.record.step, adoption.place, adoption.record.config) for adoption in history.adoptions],
        sorted((adoption.record.step, adoption.record.config) for adoption in history.abandoned),
        history.sessions,
        history.status,
        dict(history.adopted),
    )


@given(sessions)
def test_sessions_in_separate_folders_join_to_the_history_of_one_folder(tmp_path_factory, plan):
    one, several = tmp_path_factory.mktemp("one"), [tmp_path_factory.mktemp("several") for _ in plan]
    recorded([one] * len(plan), plan)
    recorded(several, plan)
    whole = load(one)
    found = join([load(folder) for folder in reversed(several)])
    assert told(found) == told(whole)
    assert set(found.configs) == set(whole.configs)


def test_joining_one_part_returns_it_and_joining_none_raises_an_error(staged):
    history = load(staged)
    assert join([history]) is history
    with pytest.raises(SourceError, match="nothing to join"):
        join([])


def test_a_wandb_run_resumed_in_another_folder_is_one_history_from_either_folder(tmp_path):
    first = tmp_path / "offline-run-20261123_140000-abc" / "files" / "envcfg"
    second = tmp_path / "offline-run-20261123_150000-abc" / "files" / "envcfg"
    other = tmp_path / "offline-run-20261123_160000-xabc" / "files" / "envcfg"
    for folder, name, start in ((first, "a", 0), (second, "b", 3), (other, "c", 0)):
        with Tracker(folder, run=name) as tracker:
            for step in range(start, start + 5):
                tracker.record({"level": step, "by": name}, step=step)
    for folder in (first, second):
        history = load(folder.parents[1])
        assert (history.run, history.sessions, len(history.abandoned)) == ("b", 2, 2)
        assert "".join(history.at(step)["by"] for step in range(8)) == "aaabbbbb"
    assert load(other.parents[1]).sessions == 1


def test_a_part_from_a_machine_whose_clock_is_behind_loses_nothing(tmp_path):
    for name, start, now in (("first", 0, 1_800_000_000.0), ("second", 8, 1_700_000_000.0)):
        with Tracker(tmp_path / name, run=name, clock=lambda now=now: now) as tracker:
            for step in range(start, start + 10):
                tracker.record({"level": step, "by": name}, step=step)
    history = join([load(tmp_path / name) for name in ("first", "second")])
    assert [adoption.record.step for adoption in history.adoptions] == [*range(18)]
    assert [history.at(step)["by"] for step in (7, 8, 17)] == ["first", "second", "second"]
    assert len(history.abandoned) == 2
