"""The files of training programs beside the journal: found by themselves, and laid on the run clock by evidence."""

import json
import os
import sys

import pytest

from envcfg import Tracker, load
from envcfg.core.errors import SourceError
from envcfg.sources.found_metrics import FoundMetrics, NamedPlaces
from envcfg.sources.metric_files.parquet_file import MOST_ROWS, parquet_rows
from envcfg.sources.metric_files.places import files_at
from envcfg.sources.metrics import metric, metric_names
from envcfg.testing import MetricSourceContract

BEGIN, EPOCHS, STEPS = 1_800_000_000.0, 20, 1000
CHANGE = 10 * STEPS


def trained(folder):
    """A run whose epochs take 100 seconds each; the config changes at the beginning of epoch 10."""
    now = [BEGIN]
    with Tracker(folder / "envcfg", run="r", clock=lambda: now[0]) as tracker:
        for epoch in range(EPOCHS):
            tracker.record({"level": epoch >= 10}, step=epoch * STEPS, epoch=epoch)
            now[0] += 100
            tracker.end_epoch(step=(epoch + 1) * STEPS, epoch=epoch)
    return folder


def reward(epoch):
    return 0.2 if epoch >= 10 else 0.9


def written(path, *lines, changed=BEGIN + 100 * EPOCHS):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    os.utime(path, (changed, changed))


def sb3(folder):
    rows = [f"{10 * epoch},{reward(epoch)},{(epoch + 1) * STEPS}" for epoch in range(EPOCHS)]
    written(folder / "progress.csv", "time/time_elapsed,rollout/ep_rew_mean,time/total_timesteps", *rows)


def monitor(folder):
    head = json.dumps({"t_start": BEGIN, "env_id": "None"})
    for slot in range(2):
        rows = [f"{reward(epoch)},{STEPS},{100 * epoch + 50 + slot}" for epoch in range(EPOCHS)]
        written(folder / "log" / f"{slot}.monitor.csv", f"#{head}", "r,l,t", *rows)


def lightning(folder):
    rows = [f"{epoch},{4 * epoch + 3},,{reward(epoch)}\n{epoch},{4 * epoch},0.1," for epoch in range(EPOCHS)]
    written(folder / "lightning_logs" / "version_0" / "metrics.csv", "epoch,step,loss,reward", *rows)


def rllib(folder):
    rows = [
        {
            "training_iteration": epoch + 1,
            "timestamp": int(BEGIN) + 100 * (epoch + 1),
            "num_env_steps_sampled_lifetime": (epoch + 1) * STEPS,
            "env_runners": {"episode_return_mean": reward(epoch)},
        }
        for epoch in range(EPOCHS)
    ]
    written(folder / "PPO_0" / "result.json", *map(json.dumps, rows), '{"training_iter')  # cut off


KINDS = {
    sb3: ("rollout/ep_rew_mean", "time/total_timesteps"),
    monitor: ("monitor/episode_reward", "run clock"),
    lightning: ("reward", "epoch, as epochs"),
    rllib: ("env_runners/episode_return_mean", "num_env_steps_sampled_lifetime"),
}


@pytest.mark.parametrize("write", KINDS)
def test_the_reward_in_a_file_of_a_program_is_found_and_falls_where_the_config_changed(tmp_path, write):
    write(trained(tmp_path))
    found = metric(load(tmp_path))
    assert (found.name, found.axis) == KINDS[write]
    assert found.is_checked
    points = list(zip(found.steps, found.values, strict=True))
    assert CHANGE <= next(step for step, value in points if value < 0.5) <= CHANGE + STEPS
    assert max(step for step, value in points if value > 0.5) <= CHANGE


def test_a_file_that_another_run_wrote_before_is_not_read(tmp_path):
    sb3(trained(tmp_path))
    written(tmp_path / "old" / "metrics.csv", "step,success", "0,1", changed=BEGIN - 1000)
    trained(tmp_path / "another")
    written(tmp_path / "another" / "metrics.csv", "step,failure", "0,1")
    assert metric_names(load(tmp_path)) == ("rollout/ep_rew_mean",)


def test_steps_that_nothing_confirms_are_told_with_what_to_write(tmp_path):
    rows = [f"{4 * epoch + 70},{reward(epoch)}" for epoch in range(EPOCHS)]
    written(trained(tmp_path) / "metrics.csv", "step,reward", *rows)
    found = metric(load(tmp_path))
    assert not found.is_checked
    assert "call tracker.end_epoch(step=...), or set metric_step=KEY" in found.doubt


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere", "nowhere: no such file or folder of metrics"),
        ("empty", "empty contains no file of metrics: expected progress.csv"),
        ("notes.txt", r"notes.txt: expected a file that ends in .csv, .json"),
        ("broken.jsonl", "broken.jsonl, line 1: expected a JSON object"),
        ("list.jsonl", r"list.jsonl, line 1: expected a JSON object, not \[1\]"),
    ],
)
def test_a_place_without_metrics_is_refused_with_the_reason(tmp_path, monkeypatch, place, said):
    monkeypatch.chdir(trained(tmp_path))
    (tmp_path / "empty").mkdir()
    written(tmp_path / "notes.txt", "reward 5")
    written(tmp_path / "broken.jsonl", "{", "{}")
    written(tmp_path / "list.jsonl", "[1]")
    with pytest.raises(SourceError, match=said):
        metric(load(tmp_path, metrics=place), "reward")


def test_a_named_file_is_asked_first_and_alone(tmp_path):
    sb3(trained(tmp_path))
    rows = [f"{(epoch + 1) * STEPS},{reward(epoch)}" for epoch in range(EPOCHS)]
    written(tmp_path / "elsewhere" / "mine.csv", "step,reward", *rows)
    history = load(tmp_path, metrics=tmp_path / "elsewhere" / "mine.csv")
    assert metric(history).name == "reward"
    assert metric_names(history)[0] == "reward"


def test_a_row_of_a_csv_file_that_was_cut_off_keeps_its_cells(tmp_path):
    written(trained(tmp_path) / "metrics.csv", "step,reward,success", "0,1,1", "1000,0.5")
    assert len(metric(load(tmp_path), "reward").values) == 2
    assert len(metric(load(tmp_path), "success").values) == 1


@pytest.mark.needs("tables")
def test_a_parquet_file_with_a_time_is_placed_by_it(tmp_path):
    polars = pytest.importorskip("polars")
    times = [BEGIN + 100 * (epoch + 1) for epoch in range(EPOCHS)]
    rows = {"timestamp": times, "updates": list(range(EPOCHS)), "reward": list(map(reward, range(EPOCHS)))}
    polars.DataFrame(rows).write_parquet(trained(tmp_path) / "mine.parquet")
    found = metric(load(tmp_path, metrics=tmp_path / "mine.parquet"), "reward")
    assert (found.axis, found.is_checked) == ("run clock", True)
    assert found.steps == tuple((epoch + 1) * STEPS for epoch in range(EPOCHS))


def test_the_command_line_takes_the_place_of_the_metrics(tmp_path, monkeypatch):
    from command_line import envcfg

    written(
        trained(tmp_path) / "elsewhere" / "mine.csv", "step,reward", *(f"{e * STEPS},{reward(e)}" for e in range(21))
    )
    done = envcfg("answer", str(tmp_path), "--metrics", str(tmp_path / "elsewhere" / "mine.csv"))
    assert "reward" in done.stdout
    assert "returns" not in done.stdout


class TestFoundMetrics(MetricSourceContract):
    def source(self):
        return FoundMetrics()

    def run(self, tmp_path):
        history = self.recorded(tmp_path)
        (tmp_path / "progress.csv").write_text("step,reward\n0,0.5\n10,nan\n20,0.75\n", encoding="utf-8")
        return history


class TestNamedPlaces(MetricSourceContract):
    def source(self):
        return NamedPlaces()

    def run(self, tmp_path):
        self.recorded(tmp_path)
        (tmp_path / "mine.csv").write_text("step,reward\n0,0.5\n10,0.6\n20,0.75\n", encoding="utf-8")
        return load(tmp_path, metrics=tmp_path / "mine.csv")


def test_reading_a_folder_without_metrics_loads_no_library(tmp_path):
    before = set(sys.modules)
    assert metric_names(load(trained(tmp_path))) == ()
    assert not {"tensorboard", "mlflow", "trackio"} & (sys.modules.keys() - before)


@pytest.mark.parametrize("name", ["progress.csv", "metrics.jsonl", "table.parquet", "events.out.tfevents.1.host"])
def test_a_file_that_is_too_large_is_refused_without_being_read(tmp_path, name):
    place = tmp_path / name
    with place.open("wb") as file:
        file.truncate(50 << 30)  # sparse: it takes no space
    (found,) = files_at(str(place))
    with pytest.raises(SourceError, match=r"bytes.* not read"):
        found.read(found.path)


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path):
    os.mkfifo(tmp_path / "progress.csv")
    (found,) = files_at(str(tmp_path / "progress.csv"))
    with pytest.raises(SourceError, match="is no regular file"):
        found.read(found.path)


def test_a_small_parquet_file_of_many_rows_is_refused(tmp_path):
    polars = pytest.importorskip("polars")
    polars.DataFrame({"reward": [0.0] * (MOST_ROWS + 1)}).write_parquet(tmp_path / "table.parquet")
    with pytest.raises(SourceError, match="500,001 rows"):
        parquet_rows(tmp_path / "table.parquet")
