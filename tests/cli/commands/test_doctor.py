import json

import pytest
from apps import DIR, NO_WANDB, ON, app, run
from command_line import envcfg

from envcfg import Tracker
from envcfg.sources.wandb.metric_rows import FILE, packed_rows


def doctor(*arguments, **environment):
    done = envcfg("doctor", *arguments, "--format", "json", **{"WANDB_MODE": "offline", **environment})
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)["findings"]}
    return done.returncode, findings


def test_a_complete_installation_is_reported_as_good():
    pytest.importorskip("wandb")
    status, found = doctor()
    assert status == 0
    assert {finding["state"] for finding in found.values()} == {"good"}
    assert "found by Hydra" in found["Hydra plugin"]["said"]


def test_online_a_missing_login_and_a_missing_server_are_reported(tmp_path):
    pytest.importorskip("wandb")
    status, found = doctor(
        WANDB_MODE="online", WANDB_BASE_URL="http://127.0.0.1:9", NETRC=str(tmp_path / "none"), WANDB_API_KEY=""
    )
    assert (status, found["W&B login"]["state"], found["W&B server"]["state"]) == (0, "note", "note")
    assert "wandb login" in found["W&B login"]["todo"]


@pytest.mark.parametrize(("overrides", "state"), [((), "wrong"), ((ON,), "good")])
def test_an_app_is_checked_for_the_callback_without_training(tmp_path, overrides, state):
    path = app(tmp_path, prelude="", ending="open('trained', 'w')")
    status, found = doctor(path, *overrides)
    assert (status, found["Callback"]["state"]) == (int(state == "wrong"), state)
    assert not (tmp_path / "trained").exists()


def test_an_app_that_cannot_compose_its_config_is_reported_in_one_line(tmp_path):
    status, found = doctor(app(tmp_path), "no_such_key=1")
    assert (status, found["App"]["state"]) == (1, "wrong")
    assert "\n" not in found["App"]["said"]


def test_an_app_may_print_what_is_no_text(tmp_path):
    path = app(tmp_path, prelude=r"import sys; sys.stdout.buffer.write(b'# \xff\n'); sys.stdout.flush()", ending="")
    status, found = doctor(path, ON)
    assert (status, found["Callback"]["state"]) == (0, "good")


def test_a_complete_run_is_reported_as_good(tmp_path):
    run(app(tmp_path), ON, NO_WANDB, DIR)
    status, found = doctor(tmp_path / "out")
    assert status == 0
    assert (found["Callback"]["state"], found["Ending"]["said"]) == ("good", "completed")


def test_a_damaged_journal_is_reported_with_its_file(journal):
    with Tracker(journal, run="r") as tracker:
        for step in range(9):
            tracker.record({"level": step}, step=step)
    (sealed,) = journal.glob("*.gz")
    sealed.write_bytes(sealed.read_bytes()[:-20])
    status, found = doctor(journal)
    assert (status, found["Run"]["state"]) == (1, "wrong")
    assert sealed.name in found["Run"]["said"]


def test_failures_of_recording_are_reported(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 1}, step=0)
        tracker.record({"level": 2}, step="never")
    status, found = doctor(journal)
    assert (status, found["Failed"]["state"]) == (1, "wrong")


def test_the_text_says_what_to_type(tmp_path):
    done = envcfg("doctor", app(tmp_path), WANDB_MODE="offline")
    assert "WRONG  Callback: off in" in done.stdout
    assert "→ add hydra/callbacks=env_config" in done.stdout


def test_secrets_in_files_that_envcfg_did_not_write_are_named_by_place_and_not_shown(tmp_path):
    run(app(tmp_path), ON, NO_WANDB, DIR, "+db.password=hunter2")
    (tmp_path / "out" / "weights.pt").write_bytes(b"\0 password=hunter2")
    (tmp_path / "out" / "link.yaml").symlink_to("/etc/passwd")
    status, found = doctor(tmp_path / "out")
    assert (status, found["Secrets"]["state"]) == (0, "note")
    assert ".hydra/config.yaml:" in found["Secrets"]["said"]
    assert ".hydra/overrides.yaml:1 (assignment)" in found["Secrets"]["said"]
    assert "hunter2" not in str(found)
    assert "weights.pt" not in found["Secrets"]["said"]
    assert "envcfg/" not in found["Secrets"]["said"]


def test_a_key_of_tags_that_cannot_be_kept_is_noted(tmp_path):
    (tmp_path / ".config").write_text("not a folder")
    _, found = doctor(HOME=str(tmp_path), XDG_CONFIG_HOME="")
    assert found["Secrets"]["state"] == "note"
    assert "XDG_CONFIG_HOME" in found["Secrets"]["todo"]


def clock_of(folder):
    """What doctor says of the clock and of the metrics of a run."""
    done = envcfg("doctor", folder, "--format", "json")
    return {(found["what"], found["state"]): found for found in json.loads(done.stdout)["findings"]}


def test_a_clock_that_never_moves_is_reported(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        for level in range(40):
            tracker.record({"level": level})
    found = clock_of(tmp_path)["Clock", "wrong"]
    assert found["said"] == "40 episodes began at step 0: the step never moved"
    assert "tracker.set_step(step=...)" in found["todo"]


def test_a_clock_that_was_counted_anew_is_reported(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        for level in range(2):
            for step in range(0, 100, 10):
                tracker.record({"level": level}, step=step)
    found = clock_of(tmp_path)["Clock", "note"]
    assert "phase 1 begins at step 90" in found["said"]
    assert 'tracker.begin_phase("name")' in found["todo"]


def test_a_clock_that_disagrees_with_the_metrics_is_reported_with_the_axis_that_is_used(tmp_path):
    now = [1_800_000_000.0]
    with Tracker(tmp_path / "envcfg", run="r", clock=lambda: now[0]) as tracker:
        for epoch in range(10):
            now[0] += 50
            tracker.record({"level": epoch}, step=epoch * 1000, epoch=epoch)
            now[0] += 50
            tracker.end_epoch(step=epoch * 1000 + 999, epoch=epoch)
    rows = [
        {"_step": 30 + 2 * e, "_timestamp": 1_800_000_001 + 100 * (e + 1), "global_step": e, "reward": 1.0}
        for e in range(10)
    ]
    (tmp_path / FILE).write_bytes(packed_rows(rows))
    found = clock_of(tmp_path)
    assert found["Metrics", "good"]["said"] == "reward is placed by run clock"
    assert found["Metrics", "note"]["said"] == "global_step is 9 where the run is at step 9,999"


def test_a_page_of_ours_in_the_folder_of_a_run_holds_no_secret(staged):
    envcfg("timeline", staged, "-o", staged.parent / "timeline.html")
    _, found = doctor(staged.parent)
    assert found["Secrets"]["state"] == "good"
    assert "none found in" in found["Secrets"]["said"]
