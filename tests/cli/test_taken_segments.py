"""No command says that a run completed, or that a part of it is ok, if any of its segments was taken."""

import itertools
import shutil
from collections import Counter

import pytest
from typer.testing import CliRunner

from envcfg import Tracker, load, sample
from envcfg.cli import findings
from envcfg.cli.finding import State
from envcfg.cli.main import app

COMMANDS = ("analyze", "show", "answer", "ls", "log", "compare")
MORE = (("diff", "first"), ("blame",), ("tasks",), ("watch", "--once"), ("draws",), ("requests",), ("doctor",))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of two sessions, with a worker and a second rank, of which the worker ends after its trainer."""
    folder = tmp_path_factory.mktemp("whole") / "run" / "envcfg"
    for start in (0, 100):
        ranks = [Tracker(folder, run="r", rank=rank, segment_bytes=4_000) for rank in (0, 1)]
        worker = ranks[0].shard(1)
        for step in range(start, start + 30):
            for tracker in (*ranks, worker):
                tracker.record({"level": step, "rows": [step] * 20}, step=step, slot=int(tracker is worker))
        for tracker in (*ranks, worker):
            tracker.close()
    assert load(folder).status == "completed"
    written = Counter(path.name[:5] for path in folder.iterdir())
    assert len(written) == 3
    assert min(written.values()) >= 6  # in each session a first, a middle and a last one
    return folder


def said(folder):
    """What the commands and doctor say of the run, in lower case."""
    runner = CliRunner()
    texts = [runner.invoke(app, [name, str(folder)]).output for name in COMMANDS]
    found = [finding for finding in findings.run(str(folder)) if finding.what not in ("Metrics", "Requests")]
    good = [f"ok {finding.what}" for finding in found if finding.state is State.GOOD]
    return "\n".join([*texts, *good, repr(load(folder))]).lower()


def without(whole, folder, taken):
    copy = folder / "envcfg"
    shutil.copytree(whole, copy)
    for path in taken:
        (copy / path.name).unlink()
    return copy


def test_the_words_are_said_of_the_whole_run(whole):
    text = said(whole)
    assert "the run completed" in text
    assert "ok ending" in text


@pytest.mark.slow
def test_without_any_one_segment_no_command_calls_the_run_completed_or_a_part_of_it_ok(whole, tmp_path):
    for path in sorted(whole.iterdir()):
        text = said(without(whole, tmp_path / path.name, [path]))
        assert "completed" not in text, path.name
        assert "ok " not in text, path.name


@pytest.mark.slow
@pytest.mark.parametrize("taken", sorted(path.name for path in (sample("forage") / "envcfg").iterdir()))
def test_without_a_segment_no_command_that_reads_a_run_calls_the_sample_completed(taken, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(sample("forage"), copy)
    (copy / "envcfg" / taken).unlink()
    runner = CliRunner()
    for name, *options in ((None,), *((one,) for one in COMMANDS), *MORE):
        asked = [str(copy)] if name is None else [name, str(copy), *options]
        assert "completed" not in runner.invoke(app, asked).output.lower(), asked
    history = load(copy)
    assert history.status == "cut off" or not history.is_whole
    assert not [one for one in findings.run(str(copy)) if one.what == "Ending" and one.state is State.GOOD]


@pytest.mark.slow
def test_without_any_two_segments_the_run_is_cut_off_or_not_whole(whole, tmp_path):
    for number, taken in enumerate(itertools.combinations(sorted(whole.iterdir()), 2)):
        history = load(without(whole, tmp_path / str(number), taken))
        assert history.status == "cut off" or not history.is_whole, taken
        assert history.status != "completed", taken
