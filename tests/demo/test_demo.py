"""The main job, end to end: real trainings in real processes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import prepared
import pytest
from command_line import envcfg, envcfg_process

from envcfg import load
from envcfg.core.encoding import digest
from envcfg.rerun.divergence import divergences
from envcfg.sources.metrics import metric
from envcfg.sources.wandb.log import read_log

ON = "hydra/callbacks=env_config"


def train(*overrides, cwd):
    environment = {**os.environ, "WANDB_DATA_DIR": str(cwd / "data")}
    command = ["-m", "envcfg.demo.train", *overrides]
    return prepared.run(command, cwd=cwd, env=environment, imports=prepared.DEMO)


def wandb_log(folder):
    (path,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    return read_log(path)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """`envcfg demo --preset tiny`, as a new user types it."""
    folder = tmp_path_factory.mktemp("demo")
    data = str(folder / "data")
    done = envcfg_process("demo", "--preset", "tiny", "--output-dir", "out", cwd=folder, WANDB_DATA_DIR=data)
    assert done.returncode == 0, done.stderr
    return folder / "out", done.stdout


def test_it_prints_the_report_and_where_everything_is(demo):
    folder, output = demo
    assert output.startswith("=== Environment Configuration Analysis ===\nTotal configurations logged: ")
    assert "the run completed" in output
    for line in ("Journal: ", "W&B run (offline): ", "Figure: "):
        (place,) = re.findall(f"^{re.escape(line)}(.+)$", output, re.MULTILINE)
        assert (folder.parent / place).exists(), line


def test_the_report_counts_the_changes_that_the_curriculum_made(demo):
    folder, output = demo
    made = wandb_log(folder).summary["curriculum/changes"]
    assert made == len(load(folder).changes) == 4
    assert f"Total configuration changes: {made + 1}\n" in output  # the piped report also counts the initial config


def test_every_recorded_config_rebuilt_from_the_journal_has_its_digest(demo):
    history = load(demo[0])
    assert len(history.adoptions) == 5 * 16
    for adoption in history.adoptions:
        assert digest(history.config(adoption.record.config)) == adoption.record.config


def test_each_change_says_why(demo):
    causes = [change.cause for change in load(demo[0]).changes.with_initial]
    assert causes[0].kind == "initial"
    assert all(cause.threshold is not None and cause.value is not None for cause in causes[1:])


def test_the_reward_is_read_on_environment_steps(demo):
    series = metric(load(demo[0]), "reward")
    assert series.axis == "env_config/step"
    assert metric(load(demo[0])).name == "returns"
    rows = [row for row in wandb_log(demo[0]).rows if "reward" in row]
    assert series.steps == tuple(row["step"] for row in rows)
    assert series.values == tuple(row["reward"] for row in rows)


def test_wandb_has_the_versions_and_the_journal_beside_them(demo):
    folder, _ = demo
    occasions = [artifact.metadata["occasion"] for artifact in wandb_log(folder).artifacts]
    assert occasions[0] == "initial"
    assert occasions[-1] == "final"
    assert set(occasions[1:-1]) == {"change"}
    (run,) = folder.glob("wandb/offline-run-*")
    assert load(run).changes == load(folder).changes


def test_recorded_or_not_the_same_seed_gives_the_same_rewards_bit_for_bit(demo, tmp_path):
    folder, _ = demo
    assert train("preset=tiny", "hydra.run.dir=off", cwd=tmp_path).returncode == 0
    assert not (tmp_path / "off" / "envcfg").exists()
    keys = ("epoch", "step", "reward", "return", "loss/policy", "loss/value", "loss/entropy", "_step")
    on, off = ([[row.get(key) for key in keys] for row in wandb_log(run).rows] for run in (folder, tmp_path / "off"))
    assert len(on) == 12
    assert on == off


SPIED = """
import sys
from envcfg.demo.train import main
from envcfg.tracking.tracker import Tracker
record = Tracker.record
def spied(self, config, **arguments):
    record(self, config, **arguments)
    sys.stdout.write(f"{arguments['step']} {arguments['slot']} {self.digest(arguments['slot'])}\\n")
    sys.stdout.flush()
Tracker.record = spied
main()
"""


def test_killed_in_the_middle_everything_recorded_is_read_back_and_the_report_says_so(tmp_path):
    (tmp_path / "spied.py").write_text(SPIED)
    settings = ["preset=tiny", "trainer.epochs=1000", "curriculum=schedule", ON, "hydra.run.dir=out"]
    command = [sys.executable, "spied.py", *settings]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        seen = [process.stdout.readline().split() for _ in range(150)]
        process.kill()
        seen += [line.split() for line in process.stdout if line.endswith("\n")]
    history = load(tmp_path / "out")
    held, recorded = {}, []
    for step, slot, found in seen:
        if held.get(slot) != found:
            held[slot] = found
            recorded.append((int(step), int(slot), found))
    read = [(a.record.step, a.record.slot, a.record.config) for a in history.adoptions]
    assert len(recorded) > 32
    assert read[: len(recorded)] == recorded
    report = envcfg("analyze", "out", cwd=tmp_path)
    assert report.returncode == 0
    assert "the run was killed or is still running" in report.stdout


def test_a_sampler_over_tasks_is_counted_draw_by_draw(tmp_path):
    settings = ["preset=tiny", "trainer.epochs=4", "curriculum=learning_progress", ON, "hydra.run.dir=out"]
    assert train(*settings, cwd=tmp_path).returncode == 0
    history = load(tmp_path / "out")
    assert len(history.changes) == wandb_log(tmp_path / "out").summary["curriculum/changes"]
    assert len(history.adopted) == 5
    assert all(set(mix.stated) == set(history.adopted) for mix in history.mixes if mix.stated)


def test_a_sweep_over_curriculum_and_seed_records_each_job(tmp_path):
    sweep = ["-m", "preset=tiny", "trainer.epochs=2", "curriculum=threshold,schedule", "seed=0,1", "env=cartpole"]
    assert train(*sweep, ON, "hydra.sweep.dir=sweep", cwd=tmp_path).returncode == 0
    histories = [load(tmp_path / "sweep" / str(job)) for job in range(4)]
    assert [history.curriculum for history in histories] == ["threshold", "threshold", "schedule", "schedule"]
    assert {history.status for history in histories} == {"completed"}
    assert [len(list(Path(tmp_path / "sweep" / str(job)).glob("wandb/offline-run-*"))) for job in range(4)] == [1] * 4


@pytest.mark.parametrize("curriculum", ["threshold", "learning_progress"])
def test_the_demo_run_again_from_its_own_recording_gives_the_same_rewards(curriculum, tmp_path):
    job = ["preset=tiny", "trainer.epochs=7", "ppo.passes=1", "seed=5", ON]
    replayed = ["curriculum=replay", "curriculum.run=first", "curriculum.strict=true"]
    assert train(*job, f"curriculum={curriculum}", "hydra.run.dir=first", cwd=tmp_path).returncode == 0
    again = train(*job, *replayed, "hydra.run.dir=again", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    one, other = load(tmp_path / "first"), load(tmp_path / "again")
    assert divergences(one, other) == ()
    assert metric(one).values == metric(other).values
    assert len(metric(one).values) > 5
    edited = train(
        *job,
        *replayed,
        "trainer.epochs=1",
        "curriculum.intervention='set:0:game.max_steps=31'",
        "hydra.run.dir=o",
        cwd=tmp_path,
    )
    assert edited.returncode == 0, edited.stderr
    first = str(divergences(one, load(tmp_path / "o"))[0])
    assert re.fullmatch(r"slot \d+, step 0: game\.max_steps: recorded (24|44|56|72), found 31", first)
