"""The order of the calls decides to which phase a record at its first step belongs, whatever the clock says."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envcfg import Tracker, load
from envcfg.tables.frames.changes import changes

NOW = 1_764_000_000
TICKS = {"the clock stands still": 0, "the clock goes back": -1}
ticks = pytest.mark.parametrize("tick", TICKS.values(), ids=TICKS)


def recording(journal, tick):
    return Tracker(journal, run="r", clock=count(NOW, tick).__next__)


def phases(journal):
    return changes(load(journal)).filter(path="level")["phase"].to_list()


@ticks
@settings(max_examples=15)
@given(calls=st.lists(st.sampled_from(["record", "phase"]), min_size=1, max_size=12))
def test_a_record_is_of_the_phase_that_was_begun_last_before_it(tmp_path_factory, tick, calls):
    journal, phase, is_announced, expected = tmp_path_factory.mktemp("run"), 0, False, []
    with recording(journal, tick) as tracker:
        tracker.record({"level": -1}, step=5)
        for level, call in enumerate(calls):
            if call == "phase":
                tracker.begin_phase("next")
                is_announced = True
            else:
                phase, is_announced = phase + is_announced, False
                expected.append(phase)
                tracker.record({"level": level}, step=0 if phase else 5)
    assert phases(journal) == expected


@ticks
def test_a_phase_that_is_written_again_with_its_epoch_began_where_it_did(journal, tick):
    with recording(journal, tick) as tracker:
        for level in range(2):
            tracker.record({"level": level}, step=5, epoch=0)
        tracker.end_epoch(step=5, epoch=0)
        tracker.begin_phase("next")
        tracker.record({"level": 2}, step=0)
        tracker.record({"level": 3}, step=0, epoch=0)
    assert phases(journal) == [0, 1, 1]
