import json

import pytest
from command_line import envcfg
from noise import autoregressive, log, run, series


@pytest.fixture
def recorded(tmp_path):
    """A run whose score steps up by three at its first change and whose reward is redefined at its second."""
    run(
        tmp_path / "envcfg",
        {0: {"wall": 1, "rewards": 1}, 60: {"wall": 2, "rewards": 1}, 120: {"wall": 2, "rewards": 2}},
    )
    values = [value + 3 * (index >= 60) for index, value in enumerate(autoregressive(180, seed=1))]
    log(tmp_path, series(values, "reward"), series(values, "success"))
    return tmp_path


def test_cards_report_found_and_refused_effects_and_never_claim_a_cause(recorded):
    shown = envcfg("effects", recorded)
    assert (shown.returncode, shown.stderr) == (0, "")
    first, second = shown.stdout.split("\n\n")[1:]
    assert first.startswith("Change 1 · step 6,000 · to t\n  wall 1 → 2\n  reward: associated with +")
    assert "q < 0.0001" in first
    assert "no effect can be measured: metric not invariant: rewards changed" in second
    assert "caused" not in shown.stdout


def test_a_metric_can_be_named(recorded):
    assert "no effect can be measured" not in envcfg("effects", recorded, "--metric", "success").stdout
    unknown = envcfg("effects", recorded, "--metric", "nope")
    assert unknown.returncode == 2
    assert "has no metric nope" in unknown.stderr


def test_the_json_has_every_number(recorded):
    answer = json.loads(envcfg("effects", recorded, "--format", "json").stdout)
    first, second = answer["effects"]
    assert answer["metric"] == "reward"
    assert first["changes"] == [1]
    assert first["effect"]["low"] < 3 < first["effect"]["high"]
    assert first["effect"]["q"] < 0.05
    assert second["effect"] is None
    assert [caution["kind"] for caution in second["cautions"]] == ["metric not invariant"]


def test_the_method_is_calibrated_with_the_noise_of_the_run(tmp_path):
    run(tmp_path / "envcfg", {0: {"wall": 1}, 400: {"wall": 2}})
    log(tmp_path, series(autoregressive(800, rho=0.8, seed=3), "reward"))
    shown = envcfg("calibrate", tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "windows of 30 points on each side" in shown.stdout
    answer = json.loads(envcfg("calibrate", tmp_path, "--format", "json").stdout)
    assert answer["windows"] == 300
    assert answer["independent"] == 12
    assert answer["simulated"] <= 0.07
    assert answer["welch"] > 0.3


def test_a_run_that_changes_all_the_time_cannot_be_calibrated(tmp_path):
    run(tmp_path / "envcfg", {index: {"wall": index} for index in range(60)})
    log(tmp_path, series(autoregressive(60), "reward"))
    refused = envcfg("calibrate", tmp_path)
    assert refused.returncode == 2
    assert "reward has too few points between changes" in refused.stderr


def test_several_runs_are_pooled(tmp_path):
    for seed in range(5):
        run(tmp_path / str(seed) / "envcfg", {0: {"wall": 1}, 60: {"wall": 2}})
        values = [value + 2 * (index >= 60) for index, value in enumerate(autoregressive(120, seed=seed))]
        log(tmp_path / str(seed), series(values, "reward"))
    runs = [tmp_path / str(seed) for seed in range(5)]
    shown = envcfg("effects", *runs)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "In 5 runs · changes 1, 1, 1, 1, 1\n  wall 1 → 2\n  reward: associated with +" in shown.stdout
    assert "! all of these runs completed" in shown.stdout
    (effect,) = json.loads(envcfg("effects", tmp_path, "--format", "json").stdout)["effects"]
    assert effect["pooled"]["low"] < 2 < effect["pooled"]["high"]
    assert effect["pooled"]["q"] < 0.05


def test_a_break_without_a_recorded_change_is_reported_on_request(tmp_path):
    run(tmp_path / "envcfg", {0: {"wall": 1}})
    values = [value - 4 * (index >= 90) for index, value in enumerate(autoregressive(180, seed=1))]
    log(tmp_path, series(values, "reward"))
    shown = envcfg("effects", tmp_path, "--scan").stdout
    assert shown.startswith("nothing changed during this run\n")
    assert "Break · step 9,000 · reward -" in shown
    assert "Break" not in envcfg("effects", tmp_path).stdout


def test_correlations_come_with_their_warning(tmp_path):
    run(tmp_path / "envcfg", {index: {"wall": index % 4, "door": index > 50} for index in range(0, 120, 2)})
    log(tmp_path, series(autoregressive(120), "reward"))
    shown = envcfg("correlate", tmp_path).stdout.splitlines()
    assert shown[0].split() == ["parameter", "changes", "r", "of", "differences", "r", "of", "levels"]
    assert shown[1].startswith("wall")
    assert shown[-1].startswith("Beware: correlations of levels are spurious")
    (found,) = json.loads(envcfg("correlate", tmp_path, "--format", "json").stdout)["correlations"]
    assert found["low"] < found["differences"] < found["high"]


def test_a_plan_says_how_many_runs_and_points_would_see_an_effect(tmp_path):
    run(tmp_path / "envcfg", {0: {"wall": 1}, 200: {"wall": 2}})
    log(tmp_path, series(autoregressive(400, rho=0.5, seed=3), "reward"))
    shown = envcfg("effects", tmp_path, "--plan", "1.0")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "An effect of 1 is seen by " in shown.stdout
    answer = json.loads(envcfg("effects", tmp_path, "--plan", "1.0", "--format", "json").stdout)
    least = {(runs, side): size for runs, side, size in answer["rows"]}
    assert least[10, 30] < least[5, 30] < least[1, 30]
    assert least[1, 60] < least[1, 30]
    assert 0.3 < answer["rho"] < 0.7


def test_the_method_is_a_paragraph_with_its_references(recorded):
    said = envcfg("effects", recorded, "--methods").stdout
    assert "we estimated the jump of reward with envcfg" in said
    assert "false discovery rates over 1 tested change (Benjamini" in said
    assert "doi 10.1186/s12874-021-01364-0" in said
    assert "Methods" not in envcfg("effects", recorded).stdout


def test_effects_are_exported_with_every_number_of_a_run_and_of_a_sweep(tmp_path):
    for seed in range(4):
        run(tmp_path / "sweep" / str(seed) / "envcfg", {0: {"wall": 1}, 60: {"wall": 2}})
        values = [value + 2 * (index >= 60) for index, value in enumerate(autoregressive(120, seed=seed))]
        log(tmp_path / "sweep" / str(seed), series(values, "reward"))
    assert envcfg("export", tmp_path / "sweep" / "0", "effects", "-o", tmp_path / "one.json").returncode == 0
    (one,) = json.loads((tmp_path / "one.json").read_text())
    assert {"se", "df", "rho", "inflation", "placebos", "correction", "detectable", "before", "after"} <= one.keys()
    assert one["low"] < 2 < one["high"]
    assert envcfg("export", tmp_path / "sweep", "effects", "-o", tmp_path / "all.csv").returncode == 0
    head, row = (tmp_path / "all.csv").read_text().splitlines()
    assert {"se", "df", "runs", "controls", "shared", "i_squared", "detectable"} <= set(head.split(","))
    assert "wall 1 → 2" in row
