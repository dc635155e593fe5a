"""A column with one repeated number may not claim more rows than its bytes make likely."""

import gzip
import json

import pytest

from envcfg import Tracker
from envcfg.journal.reading import read_journal

MANY = 1 << 24
ROWS = dict.fromkeys(("step", "time", "slot", "epoch", "episode", "cause", "lag", "adopted"), 0)


def recorded(folder):
    with Tracker(folder, run="r") as tracker:
        tracker.record({"a": 1}, step=1)
        tracker.end_epoch(step=2, epoch=0)


def claiming(folder, number, count, part="records"):
    """A segment that claims *count* rows."""
    document = json.loads(gzip.decompress((folder / "r0-w0-000001.json.gz").read_bytes()))
    known = document[part]
    document[part] = known | {name: 0 for name in ROWS if name in known} | {"count": count}
    document["header"] |= {"number": number}
    (folder / f"r0-w0-{number:06d}.json.gz").write_bytes(gzip.compress(json.dumps(document).encode()))


@pytest.mark.parametrize("part", ["records", "epochs"])
def test_a_segment_that_claims_millions_of_rows_is_reported_and_the_others_are_read(journal, part):
    recorded(journal)
    claiming(journal, 2, MANY, part)
    readings, (loss,) = read_journal(journal)
    assert [len(reading.records) for reading in readings] == [1]
    assert "000002" in loss
    assert "16,777,216" in loss


def test_the_rows_of_all_segments_count_together(journal):
    recorded(journal)
    for number in range(2, 8):
        claiming(journal, number, 900_000)
    readings, losses = read_journal(journal)
    assert len(readings) + len(losses) == 7
    assert len(losses) >= 4
