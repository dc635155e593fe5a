"""What a session finds out about others in its folder, and how little of the folder it looks at for that."""

import gzip
import json
import os
import shutil
import sys
from contextlib import contextmanager

import pytest

from envcfg.core.record import Record, Stored, Writer
from envcfg.journal.creation import closed
from envcfg.journal.others import Found, ShardWatch, found_by
from envcfg.journal.sealed.unfinished import claim, is_claimed
from envcfg.journal.segment import SegmentWriter

SEEN: list[tuple[str, str]] = []
RECORDING: list[bool] = []
sys.addaudithook(lambda event, given: SEEN.append((event, str(given[0]))) if RECORDING and given else None)
MANY = 300


@contextmanager
def looks():
    """The folders that are listed and the files that are opened meanwhile."""
    SEEN.clear()
    RECORDING.append(True)
    try:
        yield SEEN
    finally:
        RECORDING.clear()


def listed(seen):
    return [folder for event, folder in seen if event in ("os.scandir", "os.listdir")]


def opened(seen, folder):
    return [path for event, path in seen if event == "open" and str(folder) in path]


def session(folder, name, *, run="r", keep_open=False):
    """A session that writes one segment."""
    writer = SegmentWriter(folder, Writer(run, name))
    writer.append(Stored("0" * 32, {"a": 1}), time=1.0)
    writer.append(Record(1, 0, "0" * 32, 1.0), time=1.0)
    if not keep_open:
        writer.seal()
    return writer


@pytest.fixture
def crowded(journal):
    """A folder of an earlier version with many sealed segments: no header has the id of the journal."""
    session(journal, "one")
    (path,) = journal.iterdir()
    for number in range(2, MANY + 1):
        shutil.copy(path, path.with_name(f"r0-w0-{number:06d}.json.gz"))
    return journal


def test_a_check_for_other_writers_lists_no_folder_and_opens_no_file(crowded):
    mine = session(crowded, "two", keep_open=True)
    watch = ShardWatch(crowded, mine.writer)
    with looks() as seen:
        assert list(watch.new_writers()) == []
    assert (listed(seen), opened(seen, crowded)) == ([], [])
    mine.close()


@pytest.mark.parametrize("run", ["r", "another name"])
def test_a_start_in_a_folder_of_many_segments_opens_few_of_them(crowded, run):
    with looks() as seen:
        found = found_by(crowded, Writer(run, "three"))
    assert found == Found("", "one" if run == "r" else "")
    assert len(opened(seen, crowded)) < 20
    assert len(listed(seen)) == 1


def test_the_session_of_the_same_name_is_found_behind_many_segments_of_another_one(crowded):
    for path in sorted(crowded.iterdir())[1:]:
        document = json.loads(gzip.decompress(path.read_bytes()))
        document["header"]["writer"] |= {"run": "another name", "session": "two"}
        path.write_bytes(gzip.compress(json.dumps(document).encode()))
    with looks() as seen:
        assert found_by(crowded, Writer("r", "three")).resumes == "one"
    assert len(opened(seen, crowded)) < 30


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_writer_that_begins_later_is_found_once_by_its_number(journal, is_sealed):
    first = session(journal, "one", keep_open=True)
    watch = ShardWatch(journal, first.writer)
    second = session(journal, "two", keep_open=not is_sealed)
    assert [list(watch.new_writers()) for _ in range(2)] == [["two"], []]
    first.seal()
    first.append(Record(2, 0, "0" * 32, 2.0), time=2.0)  # it takes the number after that of the other
    third = session(journal, "three", keep_open=True)
    assert list(watch.new_writers()) == ["three"]
    for writer in (first, second, third):
        writer.close()


def test_an_older_writer_is_found_when_its_open_segment_grows(journal):
    older = session(journal, "one", keep_open=True)
    watch = ShardWatch(journal, Writer("r", "two"))
    assert list(watch.new_writers()) == []
    older.append(Record(2, 0, "0" * 32, 2.0), time=2.0)
    assert list(watch.new_writers()) == ["one"]
    older.close()


def test_a_session_that_lives_is_not_resumed_by_its_sealed_segments(journal):
    ended = session(journal, "ended")
    first = session(journal, "one")
    second = session(journal, "two", keep_open=True)
    first.append(Record(2, 0, "0" * 32, 2.0), time=2.0)
    second.seal()
    second.append(Record(2, 0, "0" * 32, 2.0), time=2.0)
    found = found_by(journal, Writer("r", "four"))
    assert (found.resumes, found.living) == ("ended", "two")
    for writer in (ended, first, second):
        writer.close()


def test_a_session_that_was_closed_does_not_live_while_a_sync_still_has_a_copy_of_its_segment(tmp_path):
    with tmp_path.joinpath("r0-w0-000001.jsonl").open("xb") as file:
        claim(file)
        copy = os.dup(file.fileno())
        assert is_claimed(tmp_path / "r0-w0-000001.jsonl")
        closed(os.dup(file.fileno()))  # and the file itself below
    assert not is_claimed(tmp_path / "r0-w0-000001.jsonl")
    os.close(copy)
