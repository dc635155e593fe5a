"""The page "Write your own": its files beside a script, its package, its contract tests; and a stranger's package."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "write-your-own.md"
BLOCKS = re.findall(r"(?ms)^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))
FILES = {code.split()[1]: code for kind, code in BLOCKS if kind == "python" and code.startswith("# ")}
(PYPROJECT,) = (code for kind, code in BLOCKS if kind == "toml")

TRAIN = """
import hydra, envcfg

@hydra.main(config_path=None, config_name=None, version_base="1.3")
def main(config):
    tracker = envcfg.tracker()
    for epoch in range(3):
        config = {"level": epoch, "physics": {"gravity": 9.8}}
        tracker.record(config, step=10 * epoch, epoch=epoch, task=f"level/{epoch}")
        tracker.mix({"level/0": 0.25, "level/1": 0.75}, step=10 * epoch + 9, epoch=epoch)
        tracker.end_epoch(step=10 * epoch + 9, epoch=epoch)

main()
"""
COMMAND = "from envcfg.cli.main import main; main()"
STRANGER = Path(__file__).parent / "stranger"
"""A package by somebody who has read the page and nothing else of envcfg."""


def python(folder, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture
def folder(tmp_path):
    """The files of the page beside a Hydra app."""
    for name, code in {**FILES, "train.py": TRAIN}.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    return tmp_path


def install(package, site):
    """Install *package* into a folder of its own, and return the environment of a process that finds it there."""
    flags = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    python(package, "-m", "pip", "install", *flags, "--target", str(site), ".")
    return {"PYTHONPATH": str(site)}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    package = tmp_path_factory.mktemp("package")
    for name, code in {**FILES, "pyproject.toml": PYPROJECT}.items():
        (package / name).write_text(code, encoding="utf-8")
    return install(package, package / "site")


def train(folder, sinks, **environment):
    overrides = ["hydra/callbacks=env_config", "hydra.callbacks.env_config.wandb=false", "hydra.run.dir=out"]
    return python(folder, "train.py", *overrides, f"hydra.callbacks.env_config.sinks=[{sinks}]", **environment)


def events(path):
    return [json.loads(line)["event"] for line in path.read_text().splitlines()]


HEARD = ["opened", *["recorded", "epoch"] * 3, "closed"]


def test_the_page_has_a_sink_and_both_kinds_of_source():
    assert FILES.keys() == {"my_sinks.py", "my_metrics.py", "my_runs.py", "test_mine.py"}
    assert len(re.findall("entry-points", PYPROJECT)) == 3
    assert len(FILES["my_sinks.py"].split("class ")[1].splitlines()) <= 25


def test_a_sink_beside_the_script_is_switched_on_from_the_command_line(folder):
    done = train(folder, "my_sinks:JsonlSink,{name: my_sinks:JsonlSink, file: twice.jsonl}")
    assert not done.stderr
    assert events(folder / "out/events.jsonl") == HEARD
    assert events(folder / "out/twice.jsonl") == HEARD


def test_an_installed_sink_is_switched_on_by_its_name(tmp_path, installed):
    folder = tmp_path
    (folder / "train.py").write_text(TRAIN, encoding="utf-8")
    train(folder, "{name: jsonl, file: log.jsonl}", **installed)
    assert events(folder / "out/log.jsonl") == HEARD


def test_an_installed_metric_source_and_run_source_are_found_by_commands_and_figures(tmp_path, installed):
    folder = tmp_path
    (folder / "train.py").write_text(TRAIN, encoding="utf-8")
    train(folder, "", **installed)
    (folder / "out/progress.csv").write_text("step,success\n" + "".join(f"{step},{step / 30}\n" for step in range(30)))
    (folder / "runs.txt").write_text("best out\n")
    script = (
        "import envcfg\nfrom envcfg.sources import metric\n"
        "run = envcfg.load('lab:best')\nprint(metric(run).name, len(metric(run, 'success').values))\n"
        "print('success' in envcfg.figures.timeline(run).to_json())\n"
        "print(envcfg.tables.metrics(run)['metric'].unique().to_list())\n"
    )
    assert python(folder, "-c", script, **installed).stdout.splitlines() == ["success 30", "True", "['success']"]
    assert "gravity" in python(folder, "-c", COMMAND, "show", "lab:best", **installed).stdout


def test_the_python_of_the_page_runs(folder):
    code = "\n".join(code for kind, code in BLOCKS if kind == "python" and "test_mine" not in code)
    python(folder, "-c", code)


def test_what_the_page_shows_keeps_to_the_contracts(folder):
    done = python(folder, "-m", "pytest", "-p", "no:importnb", "-p", "no:cacheprovider", "-q", "test_mine.py")
    assert re.search(r"(\d+) passed", done.stdout)


# A stranger's package, installed beside envcfg: a TensorBoard sink and a CSV metric source


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """A training that the stranger's sink saw and whose rewards the stranger's source reads."""
    folder = tmp_path_factory.mktemp("strange")
    environment = install(STRANGER, folder / "site")
    (folder / "train.py").write_text(TRAIN, encoding="utf-8")
    done = train(folder, "{name: tensorboard, folder: board}", **environment)
    rows = "".join(f"{step},{step / 30}\n" for step in range(30))
    (folder / "out/monitor.csv").write_text("timesteps,ep_rew_mean\n" + rows, encoding="utf-8")
    return folder, environment, done


def scalars(file):
    """The points in an event file of TensorBoard, by tag: step and value."""
    from tensorboardX.proto.event_pb2 import Event

    found, data = {}, file.read_bytes()
    while data:
        length = int.from_bytes(data[:8], "little")  # then a checksum, the event, and a checksum
        event, data = Event.FromString(data[12 : 12 + length]), data[16 + length :]
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, round(value.simple_value, 3)))
    return found


def test_the_points_of_a_stranger_arrive_in_the_event_file_of_tensorboard(strange):
    folder, _, done = strange
    assert not done.stderr
    (file,) = (folder / "out/board").iterdir()
    points = scalars(file)
    assert points["env/level"] == [(0, 0), (10, 1), (20, 2)]
    assert points["env/physics.gravity"] == [(0, 9.8), (10, 9.8), (20, 9.8)]
    assert points["task/level/0"] == [(9, 0.25)]


def test_a_command_draws_the_metric_that_a_stranger_reads_from_a_csv(strange):
    folder, environment, _ = strange
    python(folder, "-c", COMMAND, "timeline", "out", "--metric", "ep_rew_mean", "-o", "timeline.html", **environment)
    assert "ep_rew_mean" in (folder / "timeline.html").read_text(encoding="utf-8")
