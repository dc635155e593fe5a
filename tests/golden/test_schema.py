"""The golden journal of the latest version is valid by its JSON Schema, and the reader of the page reads it."""

import copy
import gzip
import json
from pathlib import Path

import by_the_page
import pytest
from jsonschema import Draft202012Validator

from envcfg import load
from envcfg.core.encoding import jsonable
from envcfg.core.record import EVALUATION
from envcfg.journal.format import VERSION

HERE = Path(__file__).parent
LATEST = HERE / f"v{VERSION}"
SCHEMA = json.loads((HERE.parents[1] / "docs" / "journal-format.schema.json").read_text(encoding="utf-8"))


def documents(folder):
    """Each line of the open segments, and the document of each sealed one."""
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".json.gz"):
            yield json.loads(gzip.decompress(path.read_bytes()))
        else:
            yield from map(json.loads, path.read_text(encoding="ascii").splitlines())


def test_the_schema_is_one_of_2020_12():
    Draft202012Validator.check_schema(SCHEMA)


def test_every_line_and_document_of_the_golden_journal_is_valid():
    validator = Draft202012Validator(SCHEMA)
    found = list(documents(LATEST))
    assert {line["t"] for line in found if "t" in line} >= {
        "segment",
        "config",
        "record",
        "draws",
        "epoch",
        "phase",
        "slot",
    }
    for document in found:
        validator.validate(document)


@pytest.mark.parametrize("kind", ["record", "draws", "epoch", "phase", "slot", "sealed"])
def test_a_document_without_a_needed_member_is_not_valid(kind):
    document = next(
        found for found in documents(LATEST) if found.get("t") == kind or (kind == "sealed" and "header" in found)
    )
    validator = Draft202012Validator(SCHEMA)
    needed = SCHEMA["$defs"]["slot_event" if kind == "slot" else kind]["required"]
    for name in needed:
        damaged = copy.deepcopy(document)
        del damaged[name]
        assert not validator.is_valid(damaged), name


def test_the_reader_of_the_page_reads_what_we_read():
    records, configs, others = by_the_page.read(LATEST)
    history = load(LATEST)
    ours = [adoption.record for role in ("train", "eval") for adoption in history.of_role(role).adoptions]
    assert [
        (r["step"], r["slot"] % EVALUATION, r["epoch"], r["config"]) for r in sorted(records, key=lambda r: r["time"])
    ] == [(r.step, r.slot, r.epoch, r.config) for r in sorted(ours, key=lambda r: r.time)]
    assert configs == {digest: json.loads(json.dumps(jsonable(config))) for digest, config in history.configs.items()}
    epochs = [(line["step"], line["epoch"], line["time"], line.get("row")) for line in others if line["t"] == "epoch"]
    assert epochs == [
        tuple(end) if isinstance(end, tuple) else (end.step, end.epoch, end.time, end.row) for end in history.epochs
    ]
    assert [(line["event"], line.get("slots"), line["after"]) for line in others if line["t"] == "slot"] == [
        ("closed", [2], 75),
        ("died", None, 3),
    ]
    assert [(life.place.slot, life.ended, life.reason) for life in history.lives] == [
        (0, None, None),
        (1, None, None),
        (2, 165, "closed"),
    ]
    assert [(line["step"], line["drawn"]["/friction"]["low"]) for line in others if line["t"] == "draws"] == [
        (draws.step, draws.drawn["/friction"].low) for draws in history.drawn
    ]
    assert [(line["step"], line["name"]) for line in others if line["t"] == "phase"] == [
        (phase.step, phase.name) for phase in history.phases
    ]
