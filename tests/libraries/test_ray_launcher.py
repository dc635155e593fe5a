"""Hydra's Ray launcher: every job's history is whole."""

import launched

from envcfg import load_sweep


def test_a_sweep_is_recorded_job_by_job(tmp_path):
    path = launched.app(tmp_path)
    done = launched.multirun(path, "seed=0,1", "hydra/launcher=ray", "+hydra.launcher.ray.init.num_cpus=2")
    assert done.returncode == 0, done.stderr
    sweep = load_sweep(tmp_path / "sweep")
    assert [(run.seed, run.history.status) for run in sweep] == [(0, "completed"), (1, "completed")]
    assert [launched.levels(run.history) for run in sweep] == [[0, 1, 2, 3]] * 2
