import os
from pathlib import Path

import pytest
from entries import entries
from hypothesis import given
from hypothesis import strategies as st

from envcfg.core.encoding import digest, encode
from envcfg.core.errors import JournalError
from envcfg.core.record import Record, Stored, Writer
from envcfg.journal.configs import Configs
from envcfg.journal.folder import segments
from envcfg.journal.reading import read_journal
from envcfg.journal.segment import SegmentWriter

WRITER = Writer("run-1", "session-1", rank=2, worker=3)
CONFIG = Stored(digest({"a": 1}), {"a": 1})


def write(folder, given_entries, *, is_sealed=False, **options):
    writer = SegmentWriter(folder, WRITER, **options)
    for entry in given_entries:
        writer.append(entry, time=1.0)
    if is_sealed:
        writer.seal()
    else:
        writer.close()
    return writer


def everything(folder):
    readings, losses = read_journal(folder)
    lists = ("jobs", "records", "requests", "mixes", "draws", "epochs", "phases", "concurrent", "failures", "endings")
    found = {name: [entry for reading in readings for entry in getattr(reading, name)] for name in lists}
    configs = Configs([reading.configs for reading in readings])
    found["configs"] = {key: encode(value) for key, value in configs.items()}
    return found, [*losses, *(loss for reading in readings for loss in reading.losses)]


def expected(given_entries):
    names = {"Job": "jobs", "Record": "records", "Mix": "mixes", "Failure": "failures", "Ending": "endings"}
    names |= {
        "Request": "requests",
        "Draws": "draws",
        "EpochEnd": "epochs",
        "Phase": "phases",
        "Concurrent": "concurrent",
    }
    found = {name: [] for name in names.values()}
    for entry in given_entries:
        if not isinstance(entry, Stored):
            found[names[type(entry).__name__]].append(entry)
    found["configs"] = {entry.digest: encode(entry.config) for entry in given_entries if isinstance(entry, Stored)}
    return found


@given(entries(), st.booleans())
def test_open_and_sealed_segments_contain_the_appended_entries(tmp_path_factory, given_entries, is_sealed):
    folder = tmp_path_factory.mktemp("journal")
    write(folder, given_entries, is_sealed=is_sealed)
    assert everything(folder) == (expected(given_entries), [])


@given(entries(), st.data())
def test_a_torn_tail_loses_only_the_torn_line(tmp_path_factory, given_entries, data):
    folder = tmp_path_factory.mktemp("journal")
    write(folder, given_entries)
    (path,) = folder.iterdir()
    content = path.read_bytes()
    header = content.index(b"\n") + 1
    cut = data.draw(st.integers(header, len(content)))
    path.write_bytes(content[:cut])
    whole = content[:cut].count(b"\n") - 1
    found, losses = everything(folder)
    assert found == expected(given_entries[:whole])
    assert len(losses) == (0 if content[:cut].endswith(b"\n") else 1)


def test_every_flipped_byte_is_detected_and_loses_at_most_two_lines(tmp_path):
    """A flipped line feed joins two lines. A damaged config also loses the configs that differ from it."""
    records = [Record(step, 0, CONFIG.digest, 1.0) for step in range(3)]
    write(tmp_path, [CONFIG, *records])
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        try:
            found, losses = everything(tmp_path)
        except JournalError:
            assert place <= content.index(b"\n")
            continue
        assert losses
        assert len(found["records"]) >= 1
        assert all(record in records for record in found["records"])


def test_a_flipped_byte_of_a_sealed_segment_is_detected_or_has_no_effect(tmp_path):
    write(tmp_path, [CONFIG, Record(1, 0, CONFIG.digest, 1.0)], is_sealed=True)
    intact = everything(tmp_path)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    noticed = 0
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        try:
            assert everything(tmp_path) == intact
        except JournalError:
            noticed += 1
    assert noticed >= len(content) - 11  # some of the ten bytes of gzip's header only name the system


def test_each_entry_is_one_write(tmp_path, monkeypatch):
    sizes = []
    write_bytes = os.write
    monkeypatch.setattr(os, "write", lambda file, data: sizes.append(len(data)) or write_bytes(file, data))
    write(tmp_path, [CONFIG, *(Record(step, 0, CONFIG.digest, 1.0) for step in range(5))])
    assert len(sizes) == 1 + 1 + 5


def test_a_new_writer_never_appends_to_the_segment_of_another_writer(tmp_path):
    write(tmp_path, [CONFIG])
    write(tmp_path, [CONFIG])
    assert [segment.number for segment in segments(tmp_path)] == [1, 2]


def test_after_a_torn_segment_the_next_one_begins_with_the_configs_of_the_slots(tmp_path, monkeypatch):
    writer = SegmentWriter(tmp_path, WRITER)
    for entry in (CONFIG, Record(7, 4, CONFIG.digest, 1.0, task="easy")):
        writer.append(entry, time=1.0)
    write_bytes = os.write
    with monkeypatch.context() as full_disk:
        full_disk.setattr(os, "write", lambda file, data: write_bytes(file, data[:9]))
        with pytest.raises(JournalError, match="disk is full"):
            writer.append(Record(8, 4, CONFIG.digest, 1.0), time=1.0)
    assert not writer.knows(CONFIG.digest)
    for entry in (CONFIG, Record(9, 4, CONFIG.digest, 1.0)):
        writer.append(entry, time=1.0)
    writer.close()
    first, second = read_journal(tmp_path)[0]
    assert first.losses == ["the last line was cut off after 9 bytes"]
    assert [(state.slot, state.task, state.step) for state in second.header.slots] == [(4, "easy", 7)]
    assert [record.step for record in second.records] == [9]


def test_a_config_is_written_once_in_a_segment_and_as_a_difference_if_that_is_shorter(tmp_path):
    layout = [[0] * 40 for _ in range(10)]
    one, other = ({"layout": layout, "max_steps": steps} for steps in (1, 2))
    write(tmp_path, [Stored(digest(one), one), Stored(digest(other), other), Stored(digest(one), one)])
    _, full, difference = (next(tmp_path.iterdir())).read_text().splitlines()
    assert len(full) > 800
    assert len(difference) < 250
    assert '"old":1' in difference


def test_the_error_for_an_unwritable_folder_names_the_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match=r"cannot write a journal in .*file"):
        write(tmp_path / "file" / "envcfg", [CONFIG])


def test_a_segment_that_is_sealed_after_the_folder_was_listed_is_found_sealed(tmp_path, monkeypatch):
    writer = SegmentWriter(tmp_path, WRITER)
    writer.append(CONFIG, time=1.0)
    is_file = Path.is_file

    def sealed_first(path):
        writer.seal()
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", sealed_first)
    assert [segment.path(tmp_path).name for segment in segments(tmp_path)] == ["r2-w3-000001.json.gz"]


def test_the_folder_is_listed_for_the_first_segment_only(tmp_path, monkeypatch):
    """Listing takes long in a folder into which a thousand processes write."""
    listed = []
    monkeypatch.setattr("envcfg.journal.creation.next_number", lambda *given: listed.append(given) or 1)
    writer = SegmentWriter(tmp_path, WRITER)
    for step in range(3):
        writer.append(Record(step, 0, CONFIG.digest, 1.0), time=1.0)
        writer.seal()
    assert len(listed) == 1
    assert [segment.number for segment in segments(tmp_path)] == [1, 2, 3]


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_number_that_another_process_took_meanwhile_is_left_to_it(tmp_path, is_sealed):
    ours, theirs = SegmentWriter(tmp_path, WRITER), SegmentWriter(tmp_path, WRITER)
    ours.append(Record(0, 0, CONFIG.digest, 1.0), time=1.0)
    ours.seal()
    theirs.append(Record(1, 0, CONFIG.digest, 1.0), time=1.0)
    if is_sealed:
        theirs.seal()
    ours.append(Record(2, 0, CONFIG.digest, 1.0), time=1.0)
    ours.close()
    assert [segment.number for segment in segments(tmp_path)] == [1, 2, 3]
    assert [step for reading in read_journal(tmp_path)[0] for step in reading.records.step] == [0, 1, 2]
