import gzip
import json

import pytest

from envcfg import Tracker, load
from envcfg.core.errors import JournalError
from envcfg.core.record import Record, Writer
from envcfg.journal.lines import with_checksum
from envcfg.journal.reading import is_journal, read_journal
from envcfg.journal.sealed import unseal
from envcfg.journal.segment import SegmentWriter

OPEN = "r0-w0-000001.jsonl"
SEALED = "r0-w0-000001.json.gz"


def test_a_folder_without_segments_is_not_a_journal(tmp_path):
    (tmp_path / "notes.jsonl").write_text("{}")
    assert not is_journal(tmp_path)
    with pytest.raises(JournalError, match="contains no journal"):
        read_journal(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        b"not json\n",
        b'{"t":"segment"}\n',
        with_checksum(b'{"t":"record","step":1,"slot":0,"config":"x","time":1.0}'),
        with_checksum(
            b'{"t":"segment","format":"other","version":1,"writer":{"run":"a","session":"b"},"number":1,"time":1.0}'
        ),
        b"\x00" * 100,
    ],
)
def test_a_foreign_or_empty_file_raises_a_clear_error(tmp_path, content):
    (tmp_path / OPEN).write_bytes(content)
    with pytest.raises(JournalError, match="contains no journal that can be read"):
        read_journal(tmp_path)


def test_the_error_for_a_newer_version_names_the_version(tmp_path):
    header = (
        b'{"t":"segment","format":"envcfg-journal","version":7,"writer":{"run":"a","session":"b"},"number":1,"time":1}'
    )
    (tmp_path / OPEN).write_bytes(with_checksum(header))
    with pytest.raises(JournalError, match="format version 7, but this envcfg reads versions 1 to 4"):
        read_journal(tmp_path)


def test_the_error_for_a_newer_sealed_segment_names_the_version_whatever_its_columns(tmp_path):
    header = (
        b'{"t":"segment","format":"envcfg-journal","version":7,"writer":{"run":"a","session":"b"},"number":1,"time":1}'
    )
    (tmp_path / SEALED).write_bytes(gzip.compress(b'{"format":"envcfg-segment","header":%s,"rows":[]}' % header))
    with pytest.raises(JournalError, match="format version 7, but this envcfg reads versions 1 to 4"):
        read_journal(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x1f\x8b", id="magic"),
        pytest.param(gzip.compress(b"[]"), id="list"),
        pytest.param(gzip.compress(b'{"format":"envcfg-segment"}'), id="no header"),
        pytest.param(gzip.compress(b"[" * 100_000), id="deep"),
        pytest.param(gzip.compress(b'{"format":"envcfg-segment","header":1,"configs":[]}')[:-9], id="cut off"),
    ],
)
def test_an_invalid_sealed_file_raises_a_clear_error(tmp_path, content):
    (tmp_path / SEALED).write_bytes(content)
    with pytest.raises(JournalError, match="invalid sealed segment"):
        read_journal(tmp_path)


def test_a_gzip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(unseal, "MAX_DOCUMENT", 1000)
    (tmp_path / SEALED).write_bytes(gzip.compress(b" " * 100_000))
    with pytest.raises(JournalError, match="unpacks to more than 1,000 bytes"):
        read_journal(tmp_path)


def test_one_bad_segment_leaves_the_others_readable(tmp_path):
    writer = SegmentWriter(tmp_path, Writer("run-1", "session-1"))
    writer.append(Record(1, 0, "x", 1.0), time=1.0)
    writer.close()
    (tmp_path / "r0-w0-000002.jsonl").write_bytes(b"foreign\n")
    readings, losses = read_journal(tmp_path)
    assert [len(reading.records) for reading in readings] == [1]
    assert losses == ["r0-w0-000002.jsonl could not be read: the line has no checksum"]


def test_a_segment_that_exists_open_and_sealed_is_read_once(tmp_path):
    writer = SegmentWriter(tmp_path, Writer("run-1", "session-1"))
    writer.append(Record(1, 0, "x", 1.0), time=1.0)
    content = writer.path.read_bytes()
    writer.seal()
    (tmp_path / OPEN).write_bytes(content)
    (reading,) = read_journal(tmp_path)[0]
    assert len(reading.records) == 1


NEW = b'{"t":"weather","step":1,"rain":[1,2]}'


def header(version=4):
    return (
        b'{"t":"segment","format":"envcfg-journal","version":%d,"writer":{"run":"a","session":"b"},"number":1,"time":1}'
        % version
    )


def test_a_version_that_never_was_is_not_called_newer(tmp_path):
    (tmp_path / OPEN).write_bytes(with_checksum(header(0)))
    with pytest.raises(JournalError, match=r"format version 0, which does not exist$"):
        read_journal(tmp_path)


def test_a_kind_of_line_that_is_not_known_costs_that_line_in_an_open_segment(tmp_path):
    ending = b'{"t":"ending","status":"completed","time":2}'
    (tmp_path / OPEN).write_bytes(b"".join(map(with_checksum, (header(), NEW, ending))))
    (reading,), losses = read_journal(tmp_path)
    assert losses == []
    assert [(loss.code, str(loss)[:20]) for loss in reading.losses] == [("unknown_line", "line 2 was left out:")]
    assert len(reading.endings) == 1


def sealed_with(journal, change):
    """A sealed segment of one record, whose document *change* has changed."""
    with Tracker(journal, run="r") as tracker:
        tracker.record({"size": 1}, step=0)
    (path,) = journal.iterdir()
    document = json.loads(gzip.decompress(path.read_bytes()))
    change(document)
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    return load(journal)


def test_a_kind_of_line_that_is_not_known_costs_that_line_in_a_sealed_segment(journal):
    history = sealed_with(journal, lambda document: document["events"].insert(1, json.loads(NEW)))
    assert [(loss.code, "event 2 was left out" in loss) for loss in history.losses] == [("unknown_line", True)]
    assert (len(history.adoptions), history.status) == (1, "incomplete")


def test_a_member_of_a_sealed_segment_that_is_not_known_is_told(journal):
    history = sealed_with(journal, lambda document: document.update(weather={"rain": [1]}))
    assert [(loss.code, "'weather' was left out" in loss) for loss in history.losses] == [("unknown_line", True)]
    assert len(history.adoptions) == 1
