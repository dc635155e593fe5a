"""Two sessions that contradict each other about the lives of a slot are drawn all the same."""

import pytest

from envcfg import Tracker, load
from envcfg.core.encoding import digest
from envcfg.core.record import Record, Stored, Writer
from envcfg.journal.segment import SegmentWriter

pytest.importorskip("plotly")


def test_a_worker_of_another_session_that_uses_the_same_slots_does_not_stop_the_timeline(journal):
    from envcfg.figures import timeline

    with Tracker(journal, run="r") as tracker:
        for step in range(0, 5_000, 600):
            for slot in (0, 1):
                tracker.record({"level": step, "mode": "ab"[step % 1_200 > 0]}, step=step + 50 * slot, slot=slot)
    other = SegmentWriter(journal, Writer("other", "0" * 12, worker=1))
    for number in range(4):
        config = {"mode": "ab"[number % 2]}
        other.append(Stored(digest(config), config), time=2.0)
        other.append(Record(number, 0, digest(config), 2.0), time=2.0)
    other.close()
    history = load(journal)
    assert {adoption.place.slot for adoption in history.adoptions} == {0, 1}
    assert timeline(history).data
