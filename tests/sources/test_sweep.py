import pytest

from envcfg import Tracker, load_sweep
from envcfg.core.errors import SourceError
from envcfg.sources.sample import sample


def job(folder, run, *configs, hydra=True):
    if hydra:
        (folder / ".hydra").mkdir(parents=True)
    with Tracker(folder / "envcfg", run=run) as tracker:
        for step, config in enumerate(configs):
            tracker.record(config, step=step)


def test_the_jobs_of_a_multirun_come_in_their_natural_order(tmp_path):
    for number in (0, 1, 2, 10):
        job(tmp_path / str(number), f"day/time/{number}", {"level": number})
    sweep = load_sweep(tmp_path)
    assert [run.name for run in sweep] == ["0", "1", "2", "10"]
    assert [run.history.at("last")["level"] for run in sweep] == [0, 1, 2, 10]


def test_a_failed_or_damaged_job_is_a_loss_and_stops_nothing(tmp_path):
    job(tmp_path / "0", "day/time/0", {"level": 0})
    (tmp_path / "1" / ".hydra").mkdir(parents=True)
    (tmp_path / "2" / "envcfg").mkdir(parents=True)
    (tmp_path / "2" / "envcfg" / "r0-w0-000001.jsonl").write_text("not ours\n")
    sweep = load_sweep(tmp_path)
    assert [run.history.run for run in sweep] == ["day/time/0"]
    assert len(sweep.losses) == 2
    assert "1 unread" not in repr(sweep)
    assert "2 unread" in repr(sweep)


def test_a_sweep_can_be_read_while_its_jobs_still_run(tmp_path):
    job(tmp_path / "0", "day/time/0", {"level": 0})
    with Tracker(tmp_path / "1" / "envcfg", run="day/time/1") as tracker:
        tracker.record({"level": 1}, step=0)
        assert [run.history.status for run in load_sweep(tmp_path)] == ["completed", "cut off"]


def test_runs_are_named_by_folder_glob_or_list(tmp_path):
    for number in range(3):
        job(tmp_path / f"seed-{number}", f"s/{number}", {"level": number}, hydra=False)
    assert len(load_sweep(str(tmp_path / "seed-*"))) == 3
    assert [run.name for run in load_sweep([tmp_path / "seed-2", tmp_path / "seed-0"])] == ["2", "0"]
    with pytest.raises(SourceError, match="nothing matches"):
        load_sweep(str(tmp_path / "nothing-*"))


def test_progress_is_reported_after_each_run():
    told = []
    load_sweep(sample("sweep"), progress=lambda done, of: told.append((done, of)))
    assert told == [(count, 5) for count in range(1, 6)]


def test_a_run_knows_its_overrides_and_its_seed():
    sweep = load_sweep(sample("sweep"))
    assert [run.seed for run in sweep] == [1, 1, 2, 1, 2]
    assert sweep[1].overrides[0] == "preset=dense"
    assert "curriculum=schedule" in sweep[1].overrides


def test_a_sweep_has_a_display_with_escaped_names(tmp_path):
    hostile = "<img src=x onerror=alert(1)>"
    job(tmp_path / "0", hostile, {})
    assert "<img" not in load_sweep(tmp_path)._repr_html_()
