"""After a kill, a full disk or a deleted folder, training goes on and nothing acknowledged is lost."""

import gc
import random
import shutil
from pathlib import Path

import faults
import faulty
import pytest
import strategies
from command_line import envcfg

from envcfg import Tracker, load
from envcfg.cli import findings
from envcfg.core.code import Code
from envcfg.history.adoptions import Place


@pytest.mark.parametrize("seed", range(9))
def test_nothing_acknowledged_is_lost_to_a_signal_at_any_moment(seed, journal):
    promised = faults.stopped(journal, faults.SIGNALS[seed % 3], seed).promised
    assert promised
    assert faults.lost(journal, promised) == 0


def test_nothing_acknowledged_is_lost_if_each_ctrl_c_is_caught_and_training_goes_on(journal):
    met = faults.pestered(journal, seed=1)
    assert len(met.promised) > 40
    assert (faults.lost(journal, met.promised), met.error) == (0, "")


@pytest.mark.parametrize("fault", faulty.FAULTS)
def test_training_survives_a_fault_loses_nothing_and_gets_one_message_with_a_remedy(fault, tmp_path):
    with faults.place(tmp_path, fault) as folder:
        if folder is None:
            pytest.skip("no right to mount a small file system")
        met = faults.faced(folder, fault)
        assert faults.lost_in(fault, folder, met) == 0
        assert met.told == 1, met.error
        assert faults.is_explained(fault, folder)
        history = load(folder)
        is_taken = fault in ("folder removed", "folder moved")
        assert history.status == ("incomplete" if is_taken else "completed")
        failed = sum({failure.where: failure.count for failure in history.failures}.values())
        assert failed >= faulty.LAST - len(met.promised)
        assert {loss.code for loss in history.losses} <= {Code.TORN, Code.MISSING_SEGMENT if is_taken else Code.TORN}
        assert len(list(folder.iterdir())) < 60


@pytest.mark.parametrize("fault", faults.HARMLESS)
def test_a_harmless_event_gives_no_message(fault, journal):
    met = faults.faced(journal, fault)
    assert (faults.lost_in(fault, journal, met), met.error) == (0, "")
    assert len(met.promised) >= faulty.LAST


def test_a_stderr_on_a_full_disk_does_not_stop_the_training(journal):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        met = faults.faced(journal, "file size limit", stderr=full)
    assert faults.lost_in("file size limit", journal, met) == 0


def test_slots_record_their_configs_again_after_the_folder_was_removed(journal):
    with Tracker(journal, run="r") as tracker:
        for step in range(3):
            tracker.record({"level": step}, step=step, slot=step)
        shutil.rmtree(journal)
        tracker.end_epoch(step=9, epoch=0)
        for step in range(3):
            tracker.record({"level": step}, step=10 + step, slot=step)
    history = load(journal)
    assert [(a.record.step, history.configs[a.record.config]) for a in history.adoptions][-3:] == [
        (10, {"level": 0}),
        (11, {"level": 1}),
        (12, {"level": 2}),
    ]
    assert history.losses == ()


def test_doctor_says_what_failed_and_what_to_type(journal):
    faults.faced(journal, "file size limit")
    said = envcfg("doctor", journal, WANDB_MODE="offline").stdout
    assert f"WRONG  Failed: record: cannot write a journal in {journal}: File too large (" in said
    assert "→ ulimit -f unlimited" in said


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a file opened just before its `with`
def test_a_ctrl_c_at_any_line_of_envcfg_loses_nothing_acknowledged(tmp_path):
    _, moments = faults.interrupted(tmp_path / "whole", -1)
    for moment in random.Random(3).sample(range(moments), 150):
        promised, _ = faults.interrupted(tmp_path / str(moment), moment)
        assert len(promised) >= 7
        assert faults.lost(tmp_path / str(moment), promised) == 0, moment
        assert load(tmp_path / str(moment)).status == "completed", moment
    gc.collect()


def test_two_trainings_in_one_folder_at_once_lose_nothing(journal):
    both = faults.together(journal, seed=1)
    assert [len(met.promised) for met in both] == [faulty.LAST, faulty.LAST]
    assert faults.lost_of(both, journal) == 0


@pytest.mark.parametrize("seed", range(6))
def test_a_run_resumes_a_damaged_journal_and_keeps_its_valid_lines(seed, journal):
    promised = faults.damaged_and_resumed(journal, seed)
    history = load(journal)
    assert history.status == ("incomplete" if history.losses else "completed")
    assert faults.lost(journal, promised) == 0
    assert history.losses or len(history.adoptions) == 60


class Rude:
    """An object whose methods all raise."""

    def __repr__(self):
        raise RuntimeError("no")

    __eq__ = __bool__ = __str__ = __repr__
    __hash__ = object.__hash__


def cycle():
    config = {"level": 1}
    config["self"] = config
    return config


HOSTILE = {
    "nan": {"level": float("nan"), "more": [float("inf")]},
    "cycle": cycle(),
    "ten megabytes": {"map": ["#" * 1000] * 10_000},
    "an object that raises": {"level": 1, "rude": Rude(), "rudes": [Rude()]},
    "a key that raises": {Rude(): 1, "level": 1},
    "no config": Rude(),
    "deep": {"a": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]},
    "huge numbers": {"level": 1, "huge": 10**5000, "negative": -(10**400)},
    "an object that answers nothing": {"level": 1, "rude": strategies.Rude(), "rudes": [strategies.Rude()]},
    "half a surrogate pair": {"level": 1, "file": "\udcff", "\udcff": Path("\udcff")},
    "keys that are one": {"level": 1, "keys": {1: 1, "1": 2}},
}


@pytest.mark.parametrize("config", HOSTILE.values(), ids=HOSTILE)
def test_training_and_recording_go_on_after_any_object_of_a_curriculum(config, journal, capsys):
    with Tracker(journal, run="r") as tracker:
        for step in range(3):
            tracker.record(config, step=step, task="hostile")
        tracker.record({"level": 2}, step=9)
        assert tracker.digest() is not None
    history = load(journal)
    assert history.losses == ()
    assert history.at("last", Place(0, 0, 0)) == {"level": 2}
    if isinstance(config, dict) and config.get("level") == 1:
        assert history.at(0, Place(0, 0, 0))["level"] == 1
    assert capsys.readouterr().err.count("\n") <= 3
    assert Code.UNKNOWN not in [finding.code for finding in findings.run(str(journal))]


def test_a_hundred_thousand_tasks_are_all_read_back(journal):
    with Tracker(journal, run="r") as tracker:
        for step in range(100_000):
            tracker.record({"level": step % 50}, step=step, task=f"task/{step}")
    history = load(journal)
    assert len(history.adopted) == 100_000
    assert history.losses == ()
