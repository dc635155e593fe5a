"""One tracker for each job, from its start to however it ends."""

import json
import signal

import pytest
from apps import app, run

from envcfg import load

ON = "hydra/callbacks=env_config"
OFFLINE = "hydra.callbacks.env_config.wandb=false"
DIR = "hydra.run.dir=out"


def answer(done):
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(line)


def test_one_override_records_a_run(tmp_path):
    done = run(app(tmp_path), ON, DIR, "trainer.env_config_save_interval=500", "seed=7")
    assert answer(done) == {"tracker": "Tracker", "interval": 500}
    history = load(tmp_path / "out")
    (job,) = history.jobs
    assert (history.status, len(history.adoptions)) == ("completed", 3)
    assert job.overrides == ("trainer.env_config_save_interval=500", "seed=7")
    assert job.name == "train"
    assert history.config(job.config)["trainer"] == {"env_config_save_interval": 500, "lr": 0.1}
    assert history.at(0) == {"level": 0, "seed": 7}


def test_without_the_override_the_line_in_the_loop_is_silent(tmp_path):
    done = run(app(tmp_path), DIR)
    assert answer(done)["tracker"] == "NullTracker"
    assert done.stderr == ""
    assert not (tmp_path / "out" / "envcfg").exists()


@pytest.mark.parametrize(
    ("trainer", "overrides"),
    [
        ("defaults", []),
        ("plain", [ON, OFFLINE]),
        ("plain", ["hydra/callbacks=[log_job_return,env_config]"]),
        ("plain", ["+hydra.callbacks.env_config._target_=envcfg.HydraCallback"]),
        (
            "plain",
            ["+hydra.callbacks.env_config._target_=envcfg.HydraCallback", "+trainer.env_config_save_interval=5"],
        ),
        ("structured", [ON]),
        ("absent", [ON]),
    ],
)
def test_every_style_of_turning_it_on_records(tmp_path, trainer, overrides):
    if "log_job_return" in "".join(overrides):
        group = tmp_path / "conf" / "hydra" / "callbacks"
        group.mkdir(parents=True)
        (group / "log_job_return.yaml").write_text(
            "log_job_return:\n  _target_: hydra.experimental.callbacks.LogJobReturnCallback\n"
        )
    done = run(app(tmp_path, trainer), DIR, *overrides)
    assert answer(done)["tracker"] == "Tracker", done.stderr
    assert load(tmp_path / "out").status == "completed"


@pytest.mark.parametrize("off", ["~hydra.callbacks.env_config", "hydra.callbacks.env_config.enabled=false"])
def test_it_can_be_turned_off_again(tmp_path, off):
    assert answer(run(app(tmp_path, "defaults"), DIR, off))["tracker"] == "NullTracker"


def test_the_bare_style_refuses_a_bad_interval_before_the_job_starts(tmp_path):
    bare = "+hydra.callbacks.env_config._target_=envcfg.HydraCallback"
    done = run(app(tmp_path), bare, "+trainer.env_config_save_interval=abc")
    assert done.returncode == 1
    assert done.stderr == "envcfg: trainer.env_config_save_interval: expected an integer >= 1 (epochs), got 'abc'\n"


def test_the_bare_style_without_a_plus_is_told_what_to_write(tmp_path):
    bare = "+hydra.callbacks.env_config._target_=envcfg.HydraCallback"
    done = run(app(tmp_path), bare, "trainer.env_config_save_interval=5")
    assert done.returncode == 1
    assert "use +trainer.env_config_save_interval=5" in done.stderr


def test_each_job_of_a_sweep_has_its_own_journal_and_interval(tmp_path):
    done = run(app(tmp_path), "-m", ON, "hydra.sweep.dir=sweep", "trainer.env_config_save_interval=5,6", "seed=1,2")
    assert done.returncode == 0
    histories = [load(tmp_path / "sweep" / str(number)) for number in range(4)]
    assert {history.status for history in histories} == {"completed"}
    assert [len(history.adoptions) for history in histories] == [3, 3, 3, 3]
    assert [history.config(history.jobs[0].config)["seed"] for history in histories] == [1, 2, 1, 2]
    intervals = [
        history.config(h.jobs[0].config)["trainer"]["env_config_save_interval"] for h in histories for history in [h]
    ]
    assert intervals == [5, 5, 6, 6]
    assert len({history.run for history in histories}) == 4


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [
        ("raise ValueError('boom')", "failed", 1),
        ("raise KeyboardInterrupt", "interrupted", -signal.SIGINT),
        ("sys.exit(3)", "interrupted", 3),
        ("os.kill(os.getpid(), signal.SIGTERM)", "interrupted", 128 + signal.SIGTERM),
        ("os.kill(os.getpid(), signal.SIGKILL)", "cut off", -signal.SIGKILL),
    ],
)
def test_however_a_job_ends_its_records_are_there_and_the_journal_says_how(tmp_path, ending, status, code):
    done = run(app(tmp_path, ending=ending), ON, DIR)
    assert done.returncode == code
    history = load(tmp_path / "out")
    assert history.status == status
    assert [adoption.record.step for adoption in history.adoptions] == [0, 10, 20]


def test_an_apps_own_sigterm_handler_is_left_alone(tmp_path):
    train = app(tmp_path, ending="os.kill(os.getpid(), signal.SIGTERM)")
    own = "import json, os, signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: print('theirs'))"
    train.write_text(train.read_text().replace("import json, os, signal, sys", own))
    done = run(train, ON, DIR)
    assert (done.returncode, "theirs" in done.stdout) == (0, True)
    assert load(tmp_path / "out").status == "completed"


def test_a_random_resolver_is_drawn_once_for_the_job_and_the_record(tmp_path):
    train = app(tmp_path)
    (tmp_path / "conf" / "config.yaml").write_text("trainer:\n  lr: 0.1\nseed: ${draw:}\n")
    train.write_text(
        train.read_text().replace(
            "import envcfg\n",
            "import envcfg, random\nfrom omegaconf import OmegaConf\n"
            "OmegaConf.register_new_resolver('draw', lambda: random.randint(0, 10**9), use_cache=True)\n",
        )
    )
    assert run(train, ON, DIR).returncode == 0
    history = load(tmp_path / "out")
    assert history.config(history.jobs[0].config)["seed"] == history.at(0)["seed"]
    assert history.config(history.jobs[0].template)["seed"] == "${draw:}"


def test_a_trainer_that_is_instantiated_strictly_does_not_get_our_key(tmp_path):
    train = app(tmp_path)
    (tmp_path / "conf" / "config.yaml").write_text("trainer:\n  _target_: builtins.dict\nseed: 1\n")
    done = run(train, ON, DIR, "trainer.env_config_save_interval=5")
    assert answer(done) == {"tracker": "Tracker", "interval": None}


def test_a_folder_that_cannot_be_written_stops_nothing_unless_strict(tmp_path):
    train = app(tmp_path)
    blocked = "hydra.callbacks.env_config.folder=train.log/envcfg"
    done = run(train, ON, DIR, blocked)
    assert done.returncode == 0
    assert done.stderr.startswith("envcfg: open: cannot write a journal in")
    assert "Traceback" not in done.stderr
    done = run(train, ON, DIR, blocked, "hydra.callbacks.env_config.strict=true")
    assert done.returncode == 1
    assert "envcfg: cannot write a journal in" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_config_that_holds_a_function_is_one_sentence_and_in_strict_mode_the_end(tmp_path):
    train = app(tmp_path)
    train.write_text(train.read_text().replace('"level": epoch', '"level": epoch, "fn": print'))
    done = run(train, ON, DIR)
    assert done.returncode == 0
    assert done.stderr.count("fn: cannot record a function") == 1
    done = run(train, ON, DIR, "hydra.callbacks.env_config.strict=true")
    assert done.returncode == 1
    assert "ConfigError: fn: cannot record a function; convert it" in done.stderr


def test_secrets_reach_no_file(tmp_path):
    train = app(tmp_path)
    config = "trainer:\n  lr: 0.1\nseed: ${oc.env:MY_TOKEN}\ncopy: ${seed}\napi_key: hunter22\n"
    (tmp_path / "conf" / "config.yaml").write_text(config)
    done = run(train, ON, DIR, "hydra.output_subdir=null", MY_TOKEN="correct-horse")
    assert done.returncode == 0
    kept = repr(load(tmp_path / "out"))
    assert "correct-horse" not in kept
    assert "hunter22" not in kept
    assert "${oc.env:MY_TOKEN}" in kept


def test_the_callback_can_be_pickled():
    import pickle

    from envcfg import HydraCallback

    callback = pickle.loads(pickle.dumps(HydraCallback(save_interval=5, params=["a.*"])))
    assert (callback.save_interval, callback.params) == (5, ("a.*",))
