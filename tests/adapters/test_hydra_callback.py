"""One tracker for each job, from one override."""

import json
import pickle
import shutil

import pytest
from apps import BARE, CALLBACK, DIR, KEY, NO_WANDB, ON, STRICT, answer, app, run

from envcfg import HydraCallback, load
from envcfg.analysis.effects.gate import declared

LOG_JOB_RETURN = "log_job_return:\n  _target_: hydra.experimental.callbacks.LogJobReturnCallback\n"
PICKLING = """
import pickle
from hydra._internal.core_plugins.basic_launcher import BasicLauncher

class Pickling(BasicLauncher):
    def setup(self, *, hydra_context, **rest):
        super().setup(hydra_context=pickle.loads(pickle.dumps(hydra_context)), **rest)
"""
"""What joblib, submitit and ray do to callbacks, without their processes."""


def test_one_override_records_a_run(tmp_path):
    done = run(app(tmp_path), ON, DIR, f"{KEY}=500", "seed=7")
    assert answer(done) == {"tracker": "Tracker", "interval": 500}
    history = load(tmp_path / "out")
    (job,) = history.jobs
    assert (history.status, len(history.adoptions)) == ("completed", 3)
    assert (job.name, job.overrides) == ("train", (f"{KEY}=500", "seed=7"))
    assert history.config(job.config)["trainer"] == {"lr": 0.1}
    assert history.at(0) == {"level": 0, "seed": 7}


def test_an_invariant_metric_is_declared_once_and_known_to_every_reader(tmp_path):
    done = run(app(tmp_path), ON, DIR, "hydra.callbacks.env_config.invariant=[success_rate,score]", "seed=7")
    assert answer(done)["tracker"] == "Tracker"
    history = load(tmp_path / "out")
    assert history.jobs[0].overrides == ("seed=7", "hydra.callbacks.env_config.invariant=[success_rate,score]")
    assert declared(history) == {"success_rate", "score"}


def test_without_the_override_recording_does_nothing(tmp_path):
    done = run(app(tmp_path), DIR)
    assert answer(done)["tracker"] == "NullTracker"
    assert done.stderr == ""
    assert not (tmp_path / "out" / "envcfg").exists()


@pytest.mark.parametrize(
    ("trainer", "overrides"),
    [
        ("defaults", []),
        ("plain", [ON, NO_WANDB]),
        ("plain", ["hydra/callbacks=[log_job_return,env_config]"]),
        ("plain", [BARE]),
        ("plain", [BARE, f"+{KEY}=5"]),
        ("grouped", [ON]),
        ("structured", [ON]),
        ("absent", [ON]),
    ],
)
def test_every_way_to_turn_it_on_records(tmp_path, trainer, overrides):
    train = app(tmp_path, trainer)
    group = tmp_path / "conf" / "hydra" / "callbacks"
    group.mkdir(parents=True)
    (group / "log_job_return.yaml").write_text(LOG_JOB_RETURN)
    done = run(train, DIR, *overrides)
    assert answer(done)["tracker"] == "Tracker", done.stderr
    assert load(tmp_path / "out").status == "completed"


def test_the_bare_style_adds_to_the_callbacks_that_an_app_has_chosen(tmp_path):
    train = app(tmp_path, config="defaults: [_self_, override hydra/callbacks: log_job_return]\nseed: 1\n")
    (tmp_path / "conf" / "hydra" / "callbacks").mkdir(parents=True)
    (tmp_path / "conf" / "hydra" / "callbacks" / "log_job_return.yaml").write_text(LOG_JOB_RETURN)
    done = run(train, DIR, BARE, f"+{CALLBACK}.save_interval=5")
    assert answer(done)["tracker"] == "Tracker"
    composed = run(train, BARE, "--cfg", "hydra", "--package", "hydra.callbacks").stdout
    assert "LogJobReturnCallback" in composed
    assert "envcfg.HydraCallback" in composed


@pytest.mark.parametrize("off", [f"~{CALLBACK}", f"{CALLBACK}.enabled=false"])
def test_it_can_be_turned_off_again(tmp_path, off):
    assert answer(run(app(tmp_path, "defaults"), DIR, off))["tracker"] == "NullTracker"


@pytest.mark.parametrize("launcher", [[], ["hydra.launcher._target_=hydra_plugins.pickling.Pickling"]])
def test_each_job_of_a_sweep_has_its_own_journal_and_interval(tmp_path, launcher):
    (tmp_path / "hydra_plugins").mkdir()
    (tmp_path / "hydra_plugins" / "pickling.py").write_text(PICKLING)
    done = run(app(tmp_path), "-m", ON, "hydra.sweep.dir=sweep", f"{KEY}=5,6", "seed=1,2", *launcher)
    assert done.returncode == 0, done.stderr
    histories = [load(tmp_path / "sweep" / str(number)) for number in range(4)]
    assert {history.status for history in histories} == {"completed"}
    assert [len(history.adoptions) for history in histories] == [3, 3, 3, 3]
    configs = [history.config(history.jobs[0].config) for history in histories]
    assert [config["seed"] for config in configs] == [1, 2, 1, 2]
    assert [json.loads(line)["interval"] for line in done.stdout.splitlines() if line[0] == "{"] == [5, 5, 6, 6]
    assert len({history.run for history in histories}) == 4


def test_a_failed_job_of_a_sweep_leaves_nothing_to_the_next(tmp_path):
    train = app(tmp_path, ending="tracker.record({'fn': print} if config.seed == 1 else {}, step=30, epoch=3)")
    done = run(train, "-m", ON, STRICT, "hydra.sweep.dir=sweep", "seed=1,2")
    assert done.returncode == 1
    first = load(tmp_path / "sweep" / "0")
    assert (first.status, len(first.adoptions)) == ("failed", 3)
    assert first.failures[0].message.startswith("fn: cannot record a function")
    second = load(tmp_path / "sweep" / "1")
    assert (second.status, len(second.adoptions), second.failures) == ("completed", 4, ())


def test_a_folder_that_cannot_be_written_stops_nothing_unless_strict(tmp_path):
    train = app(tmp_path)
    blocked = f"{CALLBACK}.folder=train.log/envcfg"
    done = run(train, ON, DIR, blocked)
    assert done.returncode == 0
    assert done.stderr.startswith("envcfg: open: cannot write a journal in")
    assert "Traceback" not in done.stderr
    done = run(train, ON, DIR, blocked, STRICT)
    assert done.returncode == 1
    assert "envcfg: cannot write a journal in" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_journal_that_fails_at_the_end_fails_only_a_strict_job(tmp_path):
    train = app(tmp_path, ending="import shutil; shutil.rmtree('out/envcfg')")
    assert run(train, ON, DIR).returncode == 0
    done = run(train, ON, DIR, STRICT)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


SWALLOWED = """try:
        tracker.record({'level': 3, 'fn': print}, step=30)
    except Exception:
        pass"""
BROKEN_SINK = """def fail(*_, **__): raise OSError('no such service')
    tracker._out.sinks[0].closed = fail"""


@pytest.mark.parametrize(
    "ending",
    [
        "import shutil; tracker.end_epoch(step=20, epoch=2); shutil.rmtree('out/envcfg')",
        "import shutil; shutil.rmtree('out/envcfg'); sys.exit(0)",
        "os.mkdir('out/envcfg/r0-w0-000001.json.gz.partial')",
        SWALLOWED,
        BROKEN_SINK,
    ],
    ids=["removed", "removed before it exits", "not sealed", "swallowed", "a sink"],
)
def test_any_failure_at_any_time_fails_a_strict_job_and_no_other(tmp_path, ending):
    train = app(tmp_path, ending=ending)
    assert run(train, ON, DIR).returncode == 0
    shutil.rmtree(tmp_path / "out")
    done = run(train, ON, DIR, STRICT)
    assert done.returncode == 1, done.stderr
    assert "envcfg: " in done.stderr
    assert "Traceback" not in done.stderr


def test_our_error_does_not_hide_an_error_of_the_app(tmp_path):
    train = app(tmp_path, ending="import shutil; shutil.rmtree('out/envcfg'); raise ValueError('boom')")
    done = run(train, ON, DIR, STRICT)
    assert done.returncode == 1
    assert "ValueError: boom" in done.stderr


def test_our_failure_before_the_job_is_one_line_unless_strict(tmp_path):
    broken = "import sys; sys.modules['envcfg.sinks.wandb.sink'] = None"
    train = app(tmp_path, prelude=broken)
    done = run(train, ON, DIR)
    assert answer(done)["tracker"] == "NullTracker"
    assert done.stderr.startswith("envcfg: nothing will be recorded: ")
    assert done.stderr.count("\n") == 1
    done = run(train, ON, DIR, STRICT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1


def test_a_config_with_a_function_gives_one_message_and_ends_a_strict_job(tmp_path):
    train = app(tmp_path, ending="tracker.record({'level': 3, 'fn': print}, step=30)")
    done = run(train, ON, DIR)
    assert done.returncode == 0
    assert done.stderr.count("fn: cannot record a function") == 1
    done = run(train, ON, DIR, STRICT)
    assert done.returncode == 1
    assert "ConfigError: fn: cannot record a function; convert it" in done.stderr


def test_secrets_reach_no_file_unless_revealed(tmp_path):
    config = "trainer:\n  lr: 0.1\nseed: ${oc.env:MY_TOKEN}\ncopy: ${seed}\napi_key: hunter22\n"
    train = app(tmp_path, config=config)
    assert run(train, ON, DIR, "hydra.output_subdir=null", MY_TOKEN="correct-horse").returncode == 0
    history = load(tmp_path / "out")
    kept = repr((history, list(history.adoptions), dict(history.configs)))
    assert "correct-horse" not in kept
    assert "hunter22" not in kept
    assert "${oc.env:MY_TOKEN}" in kept
    revealed = f"{CALLBACK}.reveal=[MY_TOKEN]"
    assert run(train, ON, "hydra.run.dir=told", revealed, MY_TOKEN="correct-horse").returncode == 0
    assert load(tmp_path / "told").at(0)["seed"] == "correct-horse"


def test_the_callback_can_be_pickled():
    callback = pickle.loads(pickle.dumps(HydraCallback(save_interval=5, params=["a.*"])))
    assert (callback.settings.save_interval, callback.settings.params) == (5, ["a.*"])
