"""`envcfg doctor` says which slots lived, how the others ended, and which numbers were used twice."""

from envcfg import Tracker, load
from envcfg.cli import slot_findings
from envcfg.core.record import Ending, Record, Stored, Writer
from envcfg.journal.segment import SegmentWriter


def said(folder):
    return [finding.said for finding in slot_findings.slots(load(folder))]


def shard(folder, worker, steps, *, ends=True):
    journal = SegmentWriter(folder, Writer("r", "s", 0, worker))
    stored = Stored("6f0f3d8a3e8d5c4a2b1c0d9e8f7a6b5c", {"level": worker})
    for step in steps:
        journal.append_records([Record(step, 0, stored.digest, 1.0 + step)], [stored], time=1.0)
    if ends:
        journal.append(Ending("completed", 99.0, 50), time=1.0)
    journal.seal()


def test_living_ended_and_evaluation_slots_are_counted(tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        for slot in range(3):
            tracker.record({"level": 1}, step=0, slot=slot)
        tracker.set_step(step=10)
        tracker.end_slot([1, 2])
        tracker.record({"level": 1}, step=20, slot=tracker.begin_slot(role="eval"))
        tracker.record({"level": 2}, step=30, slot=tracker.begin_slot(0))
    assert said(tmp_path) == [
        "1 slot lived at the end; 3 ended before (2 closed, 1 replaced); 1 slot of the evaluation, kept apart"
    ]


def test_a_killed_worker_is_named(tmp_path):
    shard(tmp_path / "envcfg", 0, [0])
    shard(tmp_path / "envcfg", 1, [10], ends=False)
    assert said(tmp_path)[1] == "slot 0: the end is not known"


def test_a_number_that_two_workers_used_is_named(tmp_path):
    shard(tmp_path / "envcfg", 1, [0, 20])
    shard(tmp_path / "envcfg", 2, [10, 30])
    assert said(tmp_path)[1].startswith("several workers used one slot number at the same time: 0.")
