"""Multiruns with every launcher: the history of every job is complete, however the job ended."""

import launched
import pytest

from envcfg import load_sweep

pytest.importorskip("joblib")
pytest.importorskip("submitit")

LAUNCHERS = {
    "basic": ["hydra/launcher=basic"],
    "joblib": ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"],
    "submitit": ["hydra/launcher=submitit_local", "hydra.launcher.timeout_min=5"],
}


def test_a_sweep_of_the_demo_is_recorded_job_by_job(tmp_path):
    done = launched.run(tmp_path, launched.demo(*LAUNCHERS["basic"]))
    assert done.returncode == 0, done.stderr
    assert launched.is_whole(load_sweep(tmp_path / "sweep"))


@pytest.mark.parametrize("launcher", LAUNCHERS.values(), ids=LAUNCHERS)
def test_every_job_has_a_complete_history_also_one_that_failed(launcher, tmp_path):
    path = launched.app(tmp_path)
    done = launched.multirun(path, "ending=well,fail", *launcher)
    assert done.returncode != 0
    sweep = load_sweep(tmp_path / "sweep")
    found = {run.job["ending"]: (launched.levels(run.history), run.history.status) for run in sweep}
    assert found == {"well": ([0, 1, 2, 3], "completed"), "fail": ([0, 1, 2], "failed")}
    assert not any([sweep.losses, *(run.history.losses for run in sweep)])


@pytest.mark.parametrize("name", ["joblib", "submitit"])
def test_a_killed_job_keeps_its_records_and_its_second_start_continues(name, tmp_path):
    path = launched.app(tmp_path)
    with launched.both_waiting(path, "kill", *LAUNCHERS[name]):
        pass  # one kill may also end the other worker
    killed = load_sweep(tmp_path / "sweep")
    assert len(killed) == 2
    for run in killed:
        assert launched.levels(run.history) == [0, 1, 2]
        assert run.history.status == "cut off"
    launched.multirun(path, "seed=0,1", "ending=kill", f"at={tmp_path}", *LAUNCHERS[name], check=True)
    again = load_sweep(tmp_path / "sweep")
    assert [run.history.status for run in again] == ["completed"] * 2
    assert [run.history.sessions for run in again] == [2] * 2
    assert [launched.levels(run.history) for run in again] == [[0, 1, 2, 3]] * 2


def test_submitit_restarts_a_preempted_job_which_continues(tmp_path):
    path = launched.app(tmp_path)
    launched.multirun(path, "seed=0,1", "ending=SIGUSR2", f"at={tmp_path}", *LAUNCHERS["submitit"], check=True)
    for run in load_sweep(tmp_path / "sweep"):
        assert (run.history.sessions, run.history.status, run.history.losses) == (2, "completed", ())
        assert launched.levels(run.history) == [0, 1, 2, 3]


def test_a_sweep_is_read_while_it_is_running(tmp_path):
    path = launched.app(tmp_path)
    with launched.both_waiting(path, "wait", *LAUNCHERS["joblib"]) as running:
        early = load_sweep(tmp_path / "sweep")
    assert running.returncode == 0
    assert [launched.levels(run.history) for run in early] == [[0, 1, 2]] * 2
    assert {run.history.status for run in early} == {"cut off"}
    late = load_sweep(tmp_path / "sweep")
    assert [launched.levels(run.history) for run in late] == [[0, 1, 2, 3]] * 2
