"""The runs that ship with the package are complete, small, and without traces of a machine."""

import gzip
import re
from io import BytesIO

import pytest

import envcfg
from envcfg.core.errors import SourceError
from envcfg.sources.metrics import metric
from envcfg.sources.sample import FOLDER, NAMES
from envcfg.sources.wandb.log import payloads, read_log, record_type

FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
RUNS = [FOLDER / "forage", *sorted((FOLDER / "sweep").iterdir())]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_each_sample_run_is_complete_and_has_rewards(run):
    history = envcfg.load(run)
    assert (history.status, history.losses, history.failures) == ("completed", (), ())
    assert len(history.changes) >= 4
    reward = metric(history)
    assert (reward.name, reward.axis, reward.doubt) == ("returns", "end of epoch", None)
    assert reward.steps[-1] == history.last_step


def test_the_sample_sweep_has_three_curricula():
    assert {envcfg.load(run).curriculum for run in RUNS[1:]} == {"threshold", "schedule", "learning_progress"}


@pytest.mark.parametrize("name", NAMES)
def test_each_sample_is_less_than_300_kilobytes(name):
    assert sum(path.stat().st_size for path in FILES if path.is_relative_to(envcfg.sample(name))) < 300_000


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_no_sample_contains_traces_of_a_machine(file):
    text = text_of(file)
    folders = re.findall(r"(?<![\w.])/(?:tmp|root|home|usr|opt|var|private|Users|work|mnt)\b", text)
    assert folders == []
    assert not re.search(
        r"[A-Z]:\\+(?:Users|Windows|Program|Temp|work)|\w@[\w-]+\.\w|cpu_count|requirements|email|hostname|username|python-3",
        text,
    )


def test_only_the_rewards_of_the_wandb_log_are_kept():
    for file in (file for file in FILES if file.suffix == ".wandb"):
        log = read_log(file)
        names = {name.partition("/")[0] for row in log.rows for name in row}
        assert names == {"_step", "epoch", "env_config", "reward"}
        assert (log.config, log.summary, log.artifacts, log.losses) == ({}, {}, [], [])


def test_the_error_for_an_unknown_sample_names_the_samples():
    with pytest.raises(SourceError, match="no sample 'runs': the samples are forage and sweep"):
        envcfg.sample("runs")


def text_of(file):
    if file.suffix == ".gz":
        return gzip.decompress(file.read_bytes()).decode()
    records = [record_type()() for _ in payloads(BytesIO(file.read_bytes()), file, [])]
    for record, payload in zip(records, payloads(BytesIO(file.read_bytes()), file, []), strict=True):
        record.ParseFromString(payload)
    return "\n".join(map(str, records))
