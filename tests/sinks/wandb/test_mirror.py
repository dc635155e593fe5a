import os
import shutil

import pytest

from envcfg import Tracker, load
from envcfg.core.errors import JournalError
from envcfg.sinks.wandb.mirror import OpenSegment, update_folder
from envcfg.tracking.policy import SEAL_AT


def updated(tracker, kept, **how):
    journal = tracker._out.journal
    return update_folder(journal.folder, kept, tail=OpenSegment.of(journal), **how)


def test_a_version_contains_the_files_at_its_creation_whatever_the_job_does_next(tracker, tmp_path):
    tracker.record({"level": 1}, step=1)
    contents = updated(tracker, tmp_path / "kept", manifest=b"{}")
    tracker.record({"level": 2}, step=2)
    tracker.close()
    staged = tmp_path / "staged"
    staged.mkdir()
    assert set(contents.staged(staged)) == {"manifest.json", "r0-w0-000001.jsonl"}
    assert [adoption.record.step for adoption in load(staged).adoptions] == [1]


def test_an_open_segment_of_another_rank_is_copied_when_the_version_is_uploaded(tracker, journal, tmp_path):
    tracker.record({"level": 1}, step=1)
    with Tracker(journal, run="run-1", rank=1) as other:
        other.record({"level": 1}, step=1)
        contents = updated(tracker, tmp_path / "kept", manifest=b"{}")
        other.record({"level": 2}, step=2)
        staged = tmp_path / "staged"
        staged.mkdir()
        assert "r1-w0-000001.jsonl" in contents.staged(staged)
        assert len(load(staged).adoptions) == 3


def test_an_open_segment_of_another_rank_that_was_sealed_meanwhile_is_in_a_later_version(tracker, journal, tmp_path):
    tracker.record({"level": 1}, step=1)
    with Tracker(journal, run="run-1", rank=1) as other:
        other.record({"level": 1}, step=1)
        contents = updated(tracker, tmp_path / "kept", manifest=b"{}")
    later = updated(tracker, tmp_path / "kept", manifest=b"{}")
    for version, name in ((contents, None), (later, "r1-w0-000001.json.gz")):
        folder = tmp_path / str(name)
        folder.mkdir()
        names = {found for found in version.staged(folder) if found.startswith("r1")}
        assert names == ({name} if name else set())


def test_an_open_segment_of_another_rank_that_is_sealed_while_it_is_linked_is_kept_sealed(
    tracker, journal, tmp_path, monkeypatch
):
    tracker.record({"level": 1}, step=1)
    other = Tracker(journal, run="run-1", rank=1)
    other.record({"level": 1}, step=1)
    updated(tracker, tmp_path / "kept", manifest=b"{}")
    tracker._out.journal.seal()
    link = os.link

    def sealed_first(source, target):
        other.close()
        link(source, target)

    monkeypatch.setattr(os, "link", sealed_first)
    updated(tracker, tmp_path / "kept", manifest=b"{}", is_last=True)
    kept = {path.name for path in (tmp_path / "kept").iterdir()}
    assert kept == {"manifest.json", "r0-w0-000001.json.gz", "r1-w0-000001.json.gz"}


def test_a_segment_that_stays_unreadable_is_reported(tracker, tmp_path, monkeypatch):
    def gone(source, target):
        raise FileNotFoundError(source)

    tracker.record({"level": 1}, step=1)
    monkeypatch.setattr(os, "link", gone)
    monkeypatch.setattr(shutil, "copyfile", gone)
    with pytest.raises(JournalError, match=r"r0-w0-000001\.jsonl"):
        updated(tracker, tmp_path / "kept", manifest=b"{}")


def version(contents, folder):
    """The files of a downloaded version."""
    folder.mkdir()
    for name, path in contents.staged(folder).items():
        if path.parent != folder:
            shutil.copy(path, folder / name)
    return list(folder.iterdir())


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


def test_a_segment_of_another_rank_is_uploaded_once_after_it_was_sealed(tracker, journal, tmp_path):
    """One version each minute: segments of the other rank are uploaded sealed, or are too small to be sealed."""
    clock, uploaded, sizes = Clock(), set(), []
    tracker.record({"level": 1}, step=0)
    with Tracker(journal, run="run-1", rank=1, clock=clock) as other:
        for minute in range(30):
            for second in range(60):
                clock.now += 1
                other.record({"level": second % 7}, step=minute * 60 + second)
            contents = updated(tracker, tmp_path / "kept", manifest=b"{}")
            files = version(contents, tmp_path / str(minute))
            sizes += [path.stat().st_size for path in files if path.suffix == ".jsonl"]
            uploaded |= {(path.name, path.read_bytes()) for path in files if path.name[1] == "1"}
            assert len(load(tmp_path / str(minute)).adoptions) > 60 * (minute - 2)
    sealed = [name for name, _ in uploaded if name.endswith(".gz")]
    assert len(sealed) == len(set(sealed)) >= 10
    assert max(sizes) < SEAL_AT


def test_the_last_version_contains_the_unsealed_segment_of_another_rank(tracker, journal, tmp_path):
    tracker.record({"level": 0}, step=0)
    with Tracker(journal, run="run-1", rank=1, clock=Clock()) as other:
        for step in range(200):  # within one second, so that only the first of it is sealed
            other.record({"level": step}, step=step)
        found = []
        for is_last in (False, True):
            contents = updated(tracker, tmp_path / "kept", manifest=b"{}", is_last=is_last)
            version(contents, tmp_path / str(is_last))
            found.append(len(load(tmp_path / str(is_last)).adoptions))
    assert found[0] < found[1] == 201


def test_what_the_training_writes_while_a_version_is_made_is_not_in_its_copy(tracker, tmp_path):
    tracker.record({"level": 1}, step=1)
    tail = OpenSegment.of(tracker._out.journal)
    tracker.record({"level": 2}, step=2)
    contents = update_folder(tracker._out.journal.folder, tmp_path / "kept", tail=tail, manifest=b"{}")
    assert len(contents.copies["r0-w0-000001.jsonl"]) == tail.size
    tracker._out.journal.seal()
    contents = update_folder(tracker._out.journal.folder, tmp_path / "kept", tail=tail, manifest=b"{}")
    assert set(contents.copies) == {"manifest.json"}
    assert set(contents.links) == {"r0-w0-000001.json.gz"}
