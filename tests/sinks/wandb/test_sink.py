"""The real client, offline: one process for each order of events, checked by its own log."""

import json
import os
import subprocess
import sys

import prepared
import pytest

from envcfg import load
from envcfg.sources.metrics import metric
from envcfg.sources.wandb.log import read_log

TRAINER = """
import os, signal, sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

def start(**options):
    return wandb.init(project="p", settings=wandb.Settings(console="off", silent=True), **options)

def tracker(**options):
    sinks = wandb_sinks(**({"save_interval": 5, "artifact_gap": 0.0} | options)) if ON else ()
    return Tracker("envcfg", run="r", sinks=sinks, curriculum="staged")

def train(tracker, run, epochs=range(12)):
    for epoch in epochs:
        config = {"max_steps": 100 if epoch < 3 else 200, "rewards": {"heart": 1.0}}
        tracker.record(config, step=epoch * 10, epoch=epoch, task="easy" if epoch < 3 else "hard")
        tracker.mix({"easy": 0.75, "hard": 0.25}, step=epoch * 10, epoch=epoch)
        tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
        if run:
            run.log({"reward": epoch / 10, "epoch": epoch})

ON = len(sys.argv) < 2
"""


def trained(folder, script, *arguments, mode="offline"):
    environment = {**os.environ, "WANDB_MODE": mode, "WANDB_DIR": str(folder), "WANDB_DATA_DIR": str(folder / "data")}
    environment |= {"WANDB_CACHE_DIR": str(folder / "cache"), "WANDB_CONFIG_DIR": str(folder / "config")}
    command = ["-c", TRAINER + script, *arguments]
    return prepared.run(command, cwd=folder, env=environment, imports=prepared.WANDB)


def logs(folder):
    return [read_log(path) for path in sorted(folder.glob("wandb/offline-run-*/run-*.wandb"))]


def versions(log):
    return [(artifact.metadata["occasion"], set(artifact.aliases)) for artifact in log.artifacts]


BEFORE = "run = start()\nt = tracker()\ntrain(t, run)\nt.close()\n"


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """The folder of one training. Tests only read it."""
    folder = tmp_path_factory.mktemp("training")
    assert trained(folder, BEFORE).returncode == 0
    return folder


def test_only_the_four_occasions_create_versions(training):
    (log,) = logs(training)
    assert versions(log) == [
        ("initial", {"latest", "epoch-0"}),
        ("change", {"latest", "epoch-3"}),
        ("interval", {"latest", "epoch-8"}),
        ("final", {"latest", "final"}),
    ]
    final = log.artifacts[-1]
    assert (final.name, final.type) == (f"env_configs-{log.id}", "environment_configs")
    assert final.files == ("manifest.json", "r0-w0-000001.json.gz")
    assert final.metadata["run_id"] == log.id
    assert final.metadata["curriculum"] == "staged"
    assert final.metadata["task_counts"] == {"easy": 3, "hard": 9}
    assert (final.metadata["first_step"], final.metadata["last_step"]) == (0, 119)


def test_every_epoch_is_one_row_with_the_documented_names(training):
    (log,) = logs(training)
    assert len(log.rows) == 12
    assert [row["env_config/step"] for row in log.rows] == [epoch * 10 + 9 for epoch in range(12)]
    first = log.rows[0]
    assert first["env/max_steps"] == 100
    assert first["env/reward_heart"] == 1
    assert first["curriculum/task_prob/easy"] == 0.75
    assert [row["env/max_steps"] for row in log.rows] == [100] * 3 + [200] * 9
    (counted,) = log.summary["envcfg"].pop("journals").values()
    assert counted == 2
    assert log.summary["envcfg"] == {
        "recorder": "envcfg",
        "records": 2,
        "changes": 1,
        "configs": 2,
        "tasks": 2,
        "status": "completed",
        "stage": "hard",
        "last_change_step": 30,
        "ineffective_keys": None,
    }
    said = log.config["envcfg"]
    assert (said["curriculum"], said["tasks"], len(said["schedule"])) == ("staged", 2, 8)


def test_the_changes_are_a_table_in_the_summary_and_no_artifact(training):
    (log,) = logs(training)
    (path,) = training.glob(f"wandb/offline-run-*/files/{log.summary['env_config/changes']['path']}")
    table = json.loads(path.read_text())
    assert table["columns"] == ["number", "step", "epoch", "task", "cause", "key", "before", "after"]
    assert table["data"] == [[1, 30, 3, "hard", "", "max_steps", "100", "200"]]
    assert {artifact.type for artifact in log.artifacts} == {"environment_configs"}


@pytest.mark.parametrize(
    "order",
    [
        "t = tracker()\nrun = start()\ntrain(t, run)\nt.close()\n",
        "run = start()\nt = tracker()\ntrain(t, run)\nwandb.finish()\nt.close()\n",
        "t = tracker()\nwith start() as run:\n    train(t, run)\nt.close()\n",
        "run = start()\nt = tracker()\ntrain(t, run)\n",
    ],
    ids=["tracker first", "finished before", "with block", "never closed"],
)
def test_the_final_version_arrives_for_every_order_of_start_and_end(tmp_path, order):
    done = trained(tmp_path, order)
    assert (done.returncode, done.stderr) == (0, "")
    (log,) = logs(tmp_path)
    assert versions(log)[0][0] == "initial"
    assert versions(log)[-1][0] == "final"
    assert log.artifacts[-1].metadata["records"] == 2


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    """The folder of a process with two W&B runs in turn. Tests only read it."""
    folder = tmp_path_factory.mktemp("two")
    done = trained(
        folder,
        "t = tracker()\nrun = start()\ntrain(t, run, range(4))\nrun.finish()\n"
        "run = start()\ntrain(t, run, range(4, 12))\nt.close()\n",
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_each_of_two_runs_in_one_process_gets_its_own_versions(two_runs):
    assert sorted(versions(log)[-1][0] for log in logs(two_runs)) == ["final", "final"]
    history = load(two_runs)
    assert len({link.id for link in history.links}) == 2


def test_a_second_run_gets_a_first_version_and_every_series_at_once(two_runs):
    """Its first epoch changes nothing, so its values must come from the tracker."""
    (second,) = [log for log in logs(two_runs) if len(log.rows) == 8]
    assert versions(second)[0] == ("initial", {"latest", "epoch-4"})
    assert second.rows[0]["env/max_steps"] == 200


def test_a_run_other_than_wandb_run_is_found_if_it_is_the_only_one(tmp_path):
    done = trained(tmp_path, BEFORE.replace("start()", 'start(reinit="create_new")'))
    assert (done.returncode, done.stderr) == (0, "")
    (log,) = logs(tmp_path)
    assert [occasion for occasion, _ in versions(log)] == ["initial", "change", "interval", "final"]


TWO = """
one, other = start(reinit="create_new"), start(reinit="create_new")
sinks = {"given": (one, other), "guessed": (None, None)}[HOW]
trackers = [
    Tracker(name, run=name, sinks=wandb_sinks(artifact_gap=0.0, run=run))
    for name, run in zip(("a", "b"), sinks, strict=True)
]
for epoch in range(6):
    for number, (tracker, run) in enumerate(zip(trackers, (one, other), strict=True)):
        tracker.record({"max_steps": 100 * (number + 1) + epoch // 3}, step=epoch, epoch=epoch)
        tracker.end_epoch(step=epoch, epoch=epoch)
        run.log({"reward": number})
for tracker in trackers:
    tracker.close()
"""


def test_two_runs_at_the_same_time_each_get_the_tracker_that_was_given_to_them(tmp_path):
    done = trained(tmp_path, "HOW = 'given'\n" + TWO)
    assert (done.returncode, done.stderr) == (0, "")
    found = logs(tmp_path)
    assert sorted(log.rows[0]["env/max_steps"] for log in found) == [100, 200]
    assert sorted(log.artifacts[-1].metadata["recorded_as"] for log in found) == ["a", "b"]


def test_with_two_active_runs_none_is_guessed_and_the_error_says_so(tmp_path):
    done = trained(tmp_path, "HOW = 'guessed'\n" + TWO)
    assert done.returncode == 0
    assert "2 W&B runs are active" in done.stderr
    assert "wandb_sinks(run=...)" in done.stderr
    assert all(versions(log) == [] and "env_config/epoch" not in log.rows[0] for log in logs(tmp_path))
    assert len(load(tmp_path / "a").adoptions) == 2


def test_without_the_wandb_package_only_the_journal_is_written(tmp_path):
    script = (
        "import sys\nsys.modules['wandb'] = None\nfrom envcfg import Tracker\n"
        "from envcfg.sinks.wandb.sink import wandb_sinks\n"
        "with Tracker('envcfg', sinks=wandb_sinks()) as t:\n"
        "    for e in range(3):\n        t.record({'a': e}, step=e, epoch=e)\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (load(tmp_path).status, len(load(tmp_path).adoptions)) == ("completed", 3)


@pytest.fixture(scope="module")
def silent(tmp_path_factory):
    """The log of an app that logs nothing itself, and what envcfg said. Tests only read it."""
    folder = tmp_path_factory.mktemp("silent")
    script = (
        "run = start()\nt = tracker(params=['*'])\n"
        "for epoch in range(9):\n"
        "    t.record({f'k{n}': n + epoch for n in range(300)}, step=epoch, epoch=epoch)\n"
        "    t.end_epoch(step=epoch, epoch=epoch)\nt.close()\n"
    )
    done = trained(folder, script)
    return logs(folder)[0], done.stderr


def test_parameters_beyond_the_limit_are_reported_once_and_named_in_the_runs_config(silent):
    log, said = silent
    assert said.count("100 parameters not charted in W&B") == 1
    assert len([key for key in log.summary if key.startswith("env/")]) == 200
    assert len(log.config["envcfg"]["left_out"]) == 100


def test_an_app_that_never_logs_gets_a_row_for_each_epoch(silent):
    rows = silent[0].rows
    assert [(row["env_config/epoch"], row["env_config/step"]) for row in rows] == [(epoch, epoch) for epoch in range(9)]
    assert [row["env/k7"] for row in rows] == [7 + epoch for epoch in range(9)]


def test_a_disabled_run_gets_nothing(tmp_path):
    done = trained(tmp_path, BEFORE, mode="disabled")
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.glob("wandb/offline*"))
    assert len(load(tmp_path).adoptions) == 2


def test_without_a_run_only_the_journal_is_written(tmp_path):
    done = trained(tmp_path, "t = tracker()\ntrain(t, None)\nt.close()\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert load(tmp_path).status == "completed"


def test_an_app_that_does_not_use_wandb_does_not_import_it(journal):
    script = (
        "import sys\nfrom envcfg import Tracker\nfrom envcfg.sinks.wandb.sink import wandb_sinks\n"
        "with Tracker(sys.argv[1], sinks=wandb_sinks()) as t:\n"
        "    for e in range(3):\n        t.record({'a': e}, step=e, epoch=e)\n"
        "assert 'wandb' not in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(journal)], check=False).returncode == 0
    assert len(load(journal).adoptions) == 3


def test_the_offline_folder_contains_all_records_even_after_a_kill(tmp_path):
    kill = "run = start()\nt = tracker()\ntrain(t, run)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    assert trained(tmp_path, kill).returncode == -9
    (folder,) = tmp_path.glob("wandb/offline-run-*")
    moved = tmp_path / "elsewhere"
    folder.rename(moved)
    for path in (tmp_path / "envcfg").iterdir():
        path.unlink()
    history = load(moved)
    assert [adoption.record.step for adoption in history.adoptions] == [0, 30]
    assert history.status == "cut off"


def test_the_metric_is_read_back_on_the_axis_of_environment_steps(training):
    series = metric(load(training))
    assert (series.name, series.axis) == ("reward", "env_config/step")
    assert series.steps == tuple(epoch * 10 + 9 for epoch in range(12))
    assert series.epochs == tuple(range(12))


def test_names_that_wandb_does_not_accept_are_kept_in_the_runs_config(tmp_path):
    trained(
        tmp_path, BEFORE.replace("train(t, run)", "t.mix({'a b': 1.0}, step=0, epoch=0)\nt.end_epoch(step=1, epoch=0)")
    )
    (log,) = logs(tmp_path)
    said = json.loads(json.dumps(log.config["envcfg"]))
    assert list(said["names"].values()) == ["curriculum/task_prob/a b"]


def test_a_forked_child_that_exits_does_not_end_the_run_or_the_journal(tmp_path):
    script = (
        "run = start()\nt = tracker(artifact_gap=3600.0)\n"
        "for epoch in range(8):\n"
        "    if epoch == 4 and os.fork() == 0:\n"
        "        sys.exit(0)\n"
        "    epoch == 4 and os.wait()\n"
        "    t.record({'noise': os.urandom(4_000).hex()}, step=epoch, epoch=epoch)\n"
        "    t.end_epoch(step=epoch, epoch=epoch)\n"
        "t.close()\n"
    )
    done = trained(tmp_path, script)
    ours = [line for line in done.stderr.splitlines() if line.startswith("envcfg: ")]
    assert (done.returncode, ours) == (0, [])  # W&B itself complains of the fork, with the paths of its own traceback
    assert [adoption.record.step for adoption in load(tmp_path).adoptions] == list(range(8))
    (log,) = logs(tmp_path)
    assert [occasion for occasion, _ in versions(log)] == ["initial", "final"]
