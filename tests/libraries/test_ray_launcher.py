"""Hydra's Ray launcher: every job has a complete history, however it ended."""

import launched

from envcfg import load_sweep

RAY = ["hydra/launcher=ray", "+hydra.launcher.ray.init.num_cpus=2", "+hydra.launcher.ray.init.include_dashboard=false"]

TIMED_OUT = "The current node timed out during startup"


def patiently(call, *arguments):
    """Try once more if Ray gave up on its own processes after half a minute, which no setting changes."""
    done = call(*arguments)
    return call(*arguments) if TIMED_OUT in done.stderr else done


def test_a_sweep_of_the_demo_is_recorded_job_by_job(tmp_path):
    done = patiently(launched.run, tmp_path, launched.demo(*RAY))
    assert done.returncode == 0, done.stderr
    assert launched.is_whole(load_sweep(tmp_path / "sweep"))


def test_a_failed_job_has_a_complete_history(tmp_path):
    done = patiently(launched.multirun, launched.app(tmp_path), "ending=well,fail", *RAY)
    assert "as asked" in done.stderr
    found = {run.job["ending"]: run.history for run in load_sweep(tmp_path / "sweep")}
    assert {ending: (history.status, launched.levels(history)) for ending, history in found.items()} == {
        "well": ("completed", [0, 1, 2, 3]),
        "fail": ("failed", [0, 1, 2]),
    }


def test_ray_restarts_a_killed_job_which_continues(tmp_path):
    path = launched.app(tmp_path)
    done = patiently(launched.multirun, path, "seed=0,1", "ending=SIGKILL", f"at={tmp_path}", *RAY)
    assert done.returncode == 0, done.stderr
    sweep = load_sweep(tmp_path / "sweep")
    assert [(run.history.sessions, run.history.status) for run in sweep] == [(2, "completed")] * 2
    assert [launched.levels(run.history) for run in sweep] == [[0, 1, 2, 3]] * 2
