"""The advice of `envcfg doctor` depends on codes. Each test causes a real failure or loss."""

import gzip
import json
import re
from pathlib import Path

import pytest

from envcfg import Tracker
from envcfg.analysis.documents.answers import summary_json
from envcfg.analysis.run.summary import summary
from envcfg.cli import findings, remedies
from envcfg.cli.remedies import REMEDIES
from envcfg.core.code import Code
from envcfg.journal.lines import verified, with_checksum
from envcfg.sources.load import load


def recorded(folder, run="r", levels=6, **options):
    with Tracker(folder, run=run, **options) as tracker:
        for step in range(levels):
            tracker.record({"level": step}, step=step, task="disk")
    return folder


def opened(folder, run="r"):
    """The file of a journal with one open segment."""
    tracker = Tracker(folder, run=run)
    for step in range(3):
        tracker.record({"level": step}, step=step)
    (path,) = folder.glob("*.jsonl")
    content = path.read_bytes()
    tracker.close()
    for sealed in folder.iterdir():
        sealed.unlink()
    path.write_bytes(content)
    return path


def told(folder):
    """The codes of all problems and notes, with what to type about each."""
    return {finding.code: finding.todo for finding in findings.run(str(folder)) if finding.code is not None}


def test_each_code_has_a_remedy_in_one_line():
    assert set(REMEDIES) == set(Code)
    for code in Code:
        todo = remedies.of(code)
        assert todo
        assert "{" not in todo
        assert "\n" not in todo


def test_the_specification_lists_each_code():
    text = (Path(__file__).parents[2] / "docs" / "journal-format.md").read_text(encoding="utf-8")
    listed = text.partition("## Codes")[2].partition("## Sessions")[0]
    assert set(re.findall("`(.*?)`", listed)) == set(Code)


def test_a_remedy_names_the_folder_of_the_run(tmp_path):
    assert str(tmp_path / "{a}") in remedies.of(Code.DISK_FULL, tmp_path / "{a}")


def test_segments_of_another_run_are_recognised_whatever_its_name(journal):
    recorded(journal, run="reversion")
    recorded(journal, run="r")
    assert told(journal) == {Code.OTHER_RUN: REMEDIES[Code.OTHER_RUN]}


@pytest.mark.parametrize("name", ["wandb", "WandbSink: version", "the last line was cut off", "disk quota digits"])
def test_the_names_of_run_task_and_folder_do_not_change_the_code(tmp_path, name):
    recorded(tmp_path / name, run=name)
    with Tracker(tmp_path / name, run=name) as tracker:
        tracker.record({"level": 1}, step="never", task=name)
    assert told(tmp_path / name) == {Code.ARGUMENT: REMEDIES[Code.ARGUMENT]}


def test_a_torn_line_is_a_note_and_has_nothing_to_type(journal):
    with opened(journal, run="version").open("ab") as file:
        file.write(b'{"t":"rec')
    assert told(journal) == {Code.TORN: ""}


def test_a_wrong_checksum_and_a_line_of_a_newer_envcfg_have_different_codes(journal):
    path = opened(journal)
    whole = path.read_bytes()
    path.write_bytes(whole + with_checksum(b'{"t":"omen","step":1}'))
    assert set(told(journal)) == {Code.UNKNOWN_LINE}
    path.write_bytes(whole + with_checksum(b'{"t":"omen","step":1}').replace(b"omen", b"amen"))
    assert set(told(journal)) == {Code.CHECKSUM}


def test_an_open_and_a_sealed_segment_of_a_newer_format_are_recognised(journal):
    path = opened(journal)
    header, rest = path.read_bytes().split(b"\n", 1)
    newer = {**json.loads(verified(header)), "version": 99}
    path.write_bytes(with_checksum(json.dumps(newer, separators=(",", ":")).encode()) + rest)
    assert set(told(journal)) == {Code.NEWER}
    path.unlink()
    recorded(journal)
    rewrite(journal, lambda document: document["header"].update(version=99))
    assert set(told(journal)) == {Code.NEWER}


def test_a_sealed_segment_that_was_cut_is_damaged(journal):
    (path,) = recorded(journal).glob("*.gz")
    path.write_bytes(path.read_bytes()[:-20])
    assert set(told(journal)) == {Code.DAMAGED}


def test_a_file_that_is_not_a_segment_is_foreign_and_one_without_bytes_is_empty(journal):
    recorded(journal)
    (journal / "r7-w0-000001.jsonl").write_bytes(
        with_checksum(b'{"t":"record","step":1,"slot":0,"config":"a","time":1}')
    )
    (journal / "r8-w0-000001.jsonl").touch()
    assert set(told(journal)) == {Code.FOREIGN, Code.EMPTY}


def test_a_missing_segment_is_reported_with_its_configs(journal):
    with Tracker(journal, run="r") as tracker:
        tracker._out.journal.rotate_at = 1_500
        for step in range(60):
            tracker.record({"level": step, "rows": [step] * 9}, step=step)
    second = sorted(journal.iterdir())[1]
    second.unlink()
    assert {Code.MISSING_SEGMENT} <= set(told(journal)) <= {Code.MISSING_SEGMENT, Code.MISSING_CONFIG}


def test_a_record_without_its_config_is_reported(journal):
    path = opened(journal)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(b'{"t":"config"')))
    assert set(told(journal)) == {Code.MISSING_CONFIG}


def test_a_missing_folder_has_no_run(tmp_path):
    assert set(told(tmp_path / "version")) == {Code.NO_RUN}


def test_each_kind_of_value_that_cannot_be_recorded_has_its_code(journal):
    deep = {"level": 1}
    deep["self"] = deep
    kinds = {
        Code.CONFIG_TYPE: {"version": print},
        Code.CONFIG_NUMBER: {"version": 10**5000},
        Code.CONFIG_KEYS: {1: 1, "1": 2},
        Code.CONFIG_DEPTH: deep,
        Code.NO_CONFIG: 3,
        Code.CONFIG_RAISES: {"version": Shy()},
    }
    for number, (code, config) in enumerate(kinds.items()):
        folder = journal / str(number)
        with Tracker(folder, run="r") as tracker:
            tracker.record(config, step=0)
        assert set(told(folder)) == {code}


class Shy:
    @property
    def dtype(self):
        raise RuntimeError("the disk is full")


def test_a_failed_interpolation_a_raising_function_and_a_closed_tracker_have_codes(journal):
    omegaconf = pytest.importorskip("omegaconf")
    numpy = pytest.importorskip("numpy")
    with Tracker(journal, run="r") as tracker:
        tracker.record(omegaconf.OmegaConf.create({"a": "${disk}"}), step=0)
        tracker.record_slots({"a": numpy.arange(2)}, step=1, task=lambda config: config["version"])
        codes = {where: code for where, code, _ in tracker._out.guard.causes}
    assert codes == {"config": Code.CONFIG_INTERPOLATION, "record_slots": Code.USER_FUNCTION}
    tracker.record({"a": 1}, step=2)
    assert [code for where, code, _ in tracker._out.guard.causes if where == "record"] == [Code.CLOSED]


def test_a_file_with_the_name_of_the_folder_is_reported(tmp_path):
    (tmp_path / "version").touch()
    for folder in (tmp_path / "version", tmp_path / "version" / "envcfg"):
        with Tracker(folder, run="r") as tracker:
            tracker.record({"a": 1}, step=0)
            assert ("record", Code.NO_FOLDER) in {cause[:2] for cause in tracker._out.guard.causes}


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_code_of_a_newer_envcfg_is_unknown_and_the_rest_is_read(journal, is_sealed):
    failure = {"t": "failure", "where": "w", "message": "the disk is full", "count": 1, "time": 1.0, "code": "glass"}
    if is_sealed:
        rewrite(recorded(journal), lambda document: document["events"].append(failure))
    else:
        path = opened(journal)
        path.write_bytes(path.read_bytes() + with_checksum(json.dumps(failure, separators=(",", ":")).encode()))
    history = load(journal)
    assert ([failure.code for failure in history.failures], history.losses) == ([Code.UNKNOWN], ())
    assert len(history.adoptions) >= 3
    assert told(journal) == {Code.UNKNOWN: REMEDIES[Code.UNKNOWN]}


@pytest.mark.parametrize("is_sealed", [True, False])
def test_the_code_of_a_failure_is_kept_in_open_and_in_sealed_segments(journal, is_sealed):
    tracker = Tracker(journal, run="r")
    tracker.record({"level": print}, step=0)
    if is_sealed:
        tracker.close()
    assert [failure.code for failure in load(journal).failures][:1] == [Code.CONFIG_TYPE]
    tracker.close()


def test_the_json_has_the_code_of_each_text(journal):
    recorded(journal, run="reversion")
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 1}, step="never")
    (journal / "r0-w0-000001.json.gz").unlink()
    found = summary_json(summary(load(journal)))
    (failure,), (loss,) = found["failures"], found["losses"]
    assert (failure["code"], loss["code"]) == ("argument", "missing_segment")
    assert loss["text"].startswith("segment r0-w0-000001 is missing")


@pytest.mark.parametrize(("target", "state"), [("envcfg.HydraCallback", "good"), ("myenvcfg.x.HydraCallback", "wrong")])
def test_only_a_callback_of_this_package_is_ours(journal, target, state):
    where = recorded(journal)
    (where / ".hydra").mkdir()
    job = f"job:\n    name: '_target_: envcfg.'\n  callbacks:\n    env_config:\n      _target_: {target}\n"
    (where / ".hydra" / "hydra.yaml").write_text(f"hydra:\n  {job}")
    (found,) = [finding for finding in findings.run(str(where)) if finding.what == "Callback"]
    assert found.state == state


def rewrite(folder, change):
    """Change the document of the one sealed segment in *folder*."""
    (path,) = folder.glob("*.gz")
    document = json.loads(gzip.decompress(path.read_bytes()))
    change(document)
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
