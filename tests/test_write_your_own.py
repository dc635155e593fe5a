"""The page "Write your own", done by a stranger: files beside a script, a distribution, the contract tests."""

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
GROUPS = [code for kind, code in BLOCKS if kind == "toml"]

TRAIN = """
import hydra, envcfg

@hydra.main(config_path=None, config_name=None, version_base="1.3")
def main(config):
    tracker = envcfg.tracker()
    for epoch in range(3):
        tracker.record({"level": epoch, "gravity": 9.8}, step=10 * epoch, epoch=epoch, task=f"level/{epoch}")
        tracker.end_epoch(step=10 * epoch + 9, epoch=epoch)

main()
"""
COMMAND = "from envcfg.cli.main import main; main()"
STRANGER = '''
"""Written by somebody who has read the page and nothing else."""
import csv
from envcfg.sinks import BaseSink

class CsvSink(BaseSink):
    """Scalars as an event file has them: wall time, step, tag, value."""
    def __init__(self, folder="tb"):
        self.folder = folder

    def opened(self, journal, job):
        self.path = journal.folder.parent / self.folder / "events.csv"
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def recorded(self, record, config):
        with self.path.open("a", newline="") as lines:
            for key, value in config.items():
                csv.writer(lines).writerow([record.time, record.step, f"env/{key}", value])
'''


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
    for name, code in {**FILES, "train.py": TRAIN, "strange_sinks.py": STRANGER}.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    return tmp_path


@pytest.fixture
def installed(folder):
    """The same as an installed distribution, with the entry points of the page."""
    groups = "\n".join(GROUPS).replace('project.entry-points."', "").replace('"]', "]").replace('"', "")
    info = folder / "strange-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(groups)
    return {"PYTHONPATH": str(folder)}


def train(folder, sinks, **environment):
    overrides = ["hydra/callbacks=env_config", "hydra.callbacks.env_config.wandb=false", "hydra.run.dir=out"]
    return python(folder, "train.py", *overrides, f"hydra.callbacks.env_config.sinks=[{sinks}]", **environment)


def events(path):
    return [json.loads(line)["event"] for line in path.read_text().splitlines()]


HEARD = ["opened", *["recorded", "epoch"] * 3, "closed"]


def test_the_page_has_a_sink_and_both_kinds_of_source():
    assert FILES.keys() == {"my_sinks.py", "my_metrics.py", "my_runs.py", "test_mine.py"}
    assert len(GROUPS) == 3
    assert len(FILES["my_sinks.py"].split("class ")[1].splitlines()) <= 25


def test_a_sink_beside_the_script_is_switched_on_from_the_command_line(folder):
    done = train(folder, "my_sinks:JsonlSink,{name: strange_sinks:CsvSink, folder: board}")
    assert not done.stderr
    assert events(folder / "out/events.jsonl") == HEARD
    rows = [line.split(",")[1:] for line in (folder / "out/board/events.csv").read_text().splitlines()]
    assert rows[-2:] == [["20", "env/level", "2"], ["20", "env/gravity", "9.8"]]


def test_an_installed_sink_is_switched_on_by_its_name(folder, installed):
    train(folder, "{name: jsonl, file: log.jsonl}", **installed)
    assert events(folder / "out/log.jsonl") == HEARD


def test_an_installed_metric_source_and_run_source_are_found_by_commands_and_figures(folder, installed):
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
