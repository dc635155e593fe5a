"""`envcfg draws`, and what the other commands say about a randomised environment."""

import json

import numpy as np
import polars as pl
import pytest
from command_line import envcfg

from envcfg import Cause, Tracker, Uniform, figures, load, load_sweep, tables
from envcfg.figures.pages.report import DRAWN


@pytest.fixture
def run(journal):
    rng = np.random.default_rng(0)
    with Tracker(journal, run="drawn", strict=True) as tracker:
        tracker.state_draws({"friction": Uniform(0, 1), "push": Uniform(0, 1)}, step=0, epoch=0)
        for epoch in range(5):
            if epoch == 3:
                why = Cause("curriculum", metric="success", value=0.9, threshold=0.8)
                tracker.state_draws({"friction": Uniform(0, 2)}, step=300, epoch=3, cause=why)
            friction = rng.uniform(0, 1 if epoch < 3 else 2, 200)
            columns = {"friction": friction, "push": 1000 * friction, "surface": rng.choice(["ice", "mud"], 200)}
            tracker.record_draws(columns, step=100 * epoch, epoch=epoch, task="walk")
            tracker.end_epoch(step=100 * epoch + 99, epoch=epoch)
    return str(journal)


def test_draws_prints_each_parameter_with_its_statement_and_what_is_wrong(run):
    said = envcfg("draws", run).stdout
    assert "as stated, p =" in said
    assert "push from step 0 on, the draws are from" in said
    assert "look for another unit" in said
    assert "ice 5" in said or "ice 4" in said


def test_draws_of_one_parameter_are_asked_for_by_its_key(run):
    said = envcfg("draws", run, "--param", "friction").stdout
    assert "friction" in said
    assert "push" not in said
    assert "fricton was not drawn" in envcfg("draws", run, "--param", "fricton").stderr


def test_draws_are_strict_json(run):
    found = json.loads(envcfg("draws", run, "--format", "json").stdout)
    assert (found["format"], found["resets"]) == ("envcfg-draws", 1000)
    friction, _, surface = found["parameters"]
    assert (friction["draws"], len(friction["quantiles"])) == (1000, 43)
    assert sum(count for _, count in surface["counts"]) == 1000
    assert [problem["name"] for problem in found["problems"]] == ["push"]


def test_a_run_without_draws_says_so(journal):
    with Tracker(journal) as tracker:
        tracker.record({"gravity": 9.81}, step=0)
    assert "recorded no draws" in envcfg("draws", str(journal)).stdout


@pytest.mark.parametrize("command", ["analyze", "log", "doctor"])
def test_other_commands_say_what_was_drawn(run, command):
    assert "friction, push, surface: drawn anew at 1,000 resets" in envcfg(command, run).stdout


def test_the_change_of_a_range_is_a_change_with_its_cause(run):
    said = envcfg("log", run).stdout
    assert "friction.high 1 → 2" in said
    assert "success 0.9 (threshold 0.8)" in said


def test_the_report_has_a_part_about_the_draws(run):
    page = figures.report(load_sweep(run))
    assert DRAWN in page
    assert "look for another unit" in page


def test_the_timeline_draws_bands_and_the_stated_range(run):
    figure = figures.timeline(load(run))
    median = next(trace for trace in figure.data if trace.name == "friction")
    assert len(median.y) == 6
    assert 0.4 < median.y[0] < 0.6
    assert 0.8 < median.y[-1] < 1.2
    assert [list(trace.y) for trace in figure.data if trace.line.dash == "dot"][1] == [1, 2, 2]
    assert not [trace for trace in figure.data if trace.name == "friction.high"]


def test_the_table_of_draws_has_a_row_for_each_parameter_and_epoch(run):
    table = tables.draws(load(run))
    assert table.shape == (15, 22)
    first = table.filter(pl.col("parameter") == "friction").row(0, named=True)
    assert (first["epoch"], first["draws"], first["task"]) == (0, 200, "walk")
    assert first["low"] < first["q10"] < first["q50"] < first["q90"] < first["high"] < 1
    assert table.filter(pl.col("parameter") == "surface")["mean"].null_count() == 5
