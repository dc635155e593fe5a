"""Journals with correct checksums and wrong contents, written by another tool or by an attacker."""

import gzip
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envcfg import Cause, Tracker, load
from envcfg.analysis.documents.answers import history_json, summary_json
from envcfg.analysis.run.summary import summary
from envcfg.analysis.tasks.task_use import task_uses
from envcfg.core.errors import EnvcfgError
from envcfg.core.tree import lookup
from envcfg.journal.lines import verified, with_checksum

odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [-1, 0, 2**31, 2**63, -(2**63), 10**400, 1e308, "", "0", "\ud800", "../../x", [], {}, [[]], "a" * 99]
    ),
    st.integers(-3, 3),
    st.text(max_size=4),
    st.just({"$float": "nan"}),
    st.just({"$unknown": 1}),
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A sealed segment, the lines of the open segment after it, and the document of that segment when it is sealed."""
    folder = tmp_path_factory.mktemp("written")
    tracker = Tracker(folder, run="r", curriculum="c")
    for step in range(6):
        tracker.record(
            {"level": step % 3, "map": {"walls": [step], "doors": [0] * 60}},
            step=step * 10,
            epoch=step,
            episode=step,
            slot=step % 2,
            task=f"t{step % 3}",
            requested_at=step * 10 - step % 2,
            cause=Cause("curriculum", metric="m", value=1.0),
        )
        tracker.mix({"t0": 0.5, "t1": 0.5}, step=step * 10, epoch=step)
        if step == 2:
            first = tracker._out.journal.seal()
    (opened,) = folder.glob("*.jsonl")
    lines = [json.loads(verified(line)) for line in opened.read_bytes().splitlines()]
    tracker.close()
    return first, lines, json.loads(gzip.decompress((folder / "r0-w0-000002.json.gz").read_bytes()))


def places(tree, at=()):
    """Every place of a JSON value except its root."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*at, key)
        yield from places(value, (*at, key))


def changed(tree, place, value):
    copy = json.loads(json.dumps(tree))
    lookup(copy, place[:-1])[place[-1]] = value
    return copy


def ask_everything(folder):
    """Ask every query of a history and render each answer. Only our own errors may occur."""
    try:
        history = load(folder)
    except EnvcfgError:
        return
    for question in (
        lambda: [history.at(moment) for moment in ("first", "last", 20, "epoch:2", "change:1")],
        history.blame,
        lambda: history.diff("first", "last"),
        lambda: repr(history) + history._repr_html_(),
        lambda: json.dumps(summary_json(summary(history))),
        lambda: task_uses(history),
        lambda: json.dumps(history_json(history)),
        lambda: [history.edits(change) for change in history.changes],
    ):
        try:
            question()
        except EnvcfgError:
            continue


MANY = 5 * settings.default.max_examples
"""Most crafted lines are refused at once; it takes many to come to the few that are read."""


@pytest.mark.slow
@settings(max_examples=MANY, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_no_value_of_a_sealed_segment_can_break_a_reader(written, tmp_path_factory, data):
    first, _, document = written
    place = data.draw(st.sampled_from(list(places(document))))
    crafted = changed(document, place, data.draw(odd_values))
    folder = tmp_path_factory.mktemp("sealed")
    shutil.copy(first, folder)
    (folder / "r0-w0-000002.json.gz").write_bytes(gzip.compress(json.dumps(crafted).encode(), 1))
    ask_everything(folder)


@pytest.mark.slow
@settings(max_examples=MANY, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_no_value_of_an_open_segment_can_break_a_reader(written, tmp_path_factory, data):
    first, lines, _ = written
    place = data.draw(st.sampled_from(list(places(lines))))
    crafted = changed(lines, place, data.draw(odd_values))
    folder = tmp_path_factory.mktemp("open")
    shutil.copy(first, folder)
    (folder / "r0-w0-000002.jsonl").write_bytes(
        b"".join(
            with_checksum(json.dumps(line).encode()) if isinstance(line, dict) and line else b"\n" for line in crafted
        )
    )
    ask_everything(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 100_000, '"' + "\\u0000" * 1000 + '"'])
def test_a_json_bomb_is_an_error_and_not_a_crash(tmp_path, text):
    for name in ("r0-w0-000001.jsonl", "r0-w0-000001.json.gz", "env_config_history.json"):
        content = text.encode() + b"\n"
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
        with pytest.raises(EnvcfgError):
            load(tmp_path / name if name.endswith(".json") else tmp_path)
        Path(tmp_path / name).unlink()


@pytest.mark.parametrize("differences", [[0, -(10**13), 10**13], [0, 10**15, -(10**15)], [0, 0, 10**15]])
def test_an_impossible_time_is_detected_in_any_row(written, tmp_path, differences):
    first, _, document = written
    shutil.copy(first, tmp_path)
    crafted = changed(document, ("records", "time"), differences)
    (tmp_path / "r0-w0-000002.json.gz").write_bytes(gzip.compress(json.dumps(crafted).encode(), 1))
    assert "a time before 1970 or after the year 9999" in " ".join(load(tmp_path).losses)


def test_decreasing_times_are_read(written, tmp_path):
    first, _, document = written
    shutil.copy(first, tmp_path)
    crafted = changed(document, ("records", "time"), [0, 5000, -4000])
    (tmp_path / "r0-w0-000002.json.gz").write_bytes(gzip.compress(json.dumps(crafted).encode(), 1))
    history = load(tmp_path)
    start, *times = [adoption.record.time for adoption in history.adoptions[3:]]
    assert (history.losses, [round(time - start, 3) for time in times]) == ((), [5, 1])
