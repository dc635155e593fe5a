"""Jobs of Hydra that share one folder are told apart, by what they do and not by their path."""

from apps import ON, app, run

from envcfg import load_sweep

HERE = ["hydra.run.dir=.", "hydra.output_subdir=null"]


def test_two_programs_in_the_working_folder_are_two_runs(tmp_path):
    path = app(tmp_path)
    for seed in (1, 2):
        done = run(path, ON, *HERE, f"seed={seed}")
        assert done.returncode == 0, done.stderr
    sweep = load_sweep(tmp_path)
    assert [(job.overrides, job.history.status, len(job.history.adoptions)) for job in sweep] == [
        (("seed=1",), "completed", 3),
        (("seed=2",), "completed", 3),
    ]
    assert len({job.name for job in sweep}) == 2
    assert not any(job.history.abandoned for job in sweep)


def test_the_jobs_of_a_multirun_with_one_folder_are_as_many_runs(tmp_path):
    done = run(app(tmp_path), "-m", ON, "hydra.sweep.dir=sweep", "hydra.sweep.subdir=one", "seed=1,2,3")
    assert done.returncode == 0, done.stderr
    sweep = load_sweep(tmp_path / "sweep" / "one")
    assert [job.history.at(0)["seed"] for job in sweep] == [1, 2, 3]
    assert [job.history.sessions for job in sweep] == [1, 1, 1]
