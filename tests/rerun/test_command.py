"""The command that runs a recorded job again."""

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import envcfg
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from envcfg import EnvcfgError, Tracker, load
from envcfg.rerun.command import ablated, quoted, replayed
from envcfg.rerun.interventions import Intervention


@pytest.fixture
def history(journal):
    given = (
        "preset=tiny",
        "curriculum=threshold",
        "curriculum.window=8",
        "+curriculum.more=1",
        "~hydra.callbacks.other",
        "hydra.run.dir=x",
        "hub_token=hunter2",
        "seed=3",
        "++env.note='a b'",
        "curriculum_note=kept",
    )
    with Tracker(journal, run="r", job={"overrides": given}) as tracker:
        tracker.record({"level": 1}, step=0)
    return load(journal)


def test_a_job_keeps_its_overrides_and_gets_the_replay_as_its_curriculum(history):
    assert replayed(history, "/runs/7") == (
        *("python", "-m", "envcfg.demo.train"),
        *("preset=tiny", "seed=3", "++env.note='a b'", "curriculum_note=kept"),
        *("hydra/callbacks=env_config", "curriculum=replay", "curriculum.run=/runs/7"),
    )


def test_an_ablation_is_one_multirun_over_seeds_and_both_arms(history):
    intervention = Intervention("set", 2, key="game.size", value=[1, 2])
    options = {"app": ("my-train",), "seeds": (3, 4), "folder": Path("/a b"), "extra": ("hydra/launcher=joblib",)}
    command = ablated(history, "/runs/7", intervention, **options)
    assert command[:2] == ("my-train", "--multirun")
    assert "seed=3" not in command
    assert command[-4:] == (
        "curriculum.intervention=null,'set:2:game.size=[1,2]'",
        "seed=3,4",
        "hydra.sweep.dir='/a b'",
        "hydra/launcher=joblib",
    )


@pytest.mark.parametrize(
    "text",
    ["--experimental-rerun=x.pickle", "-cn=other", "--multirun", "--", "a", "a=$(date)", "\n--x=1", ""],
)
def test_a_recorded_text_that_is_not_an_override_starts_nothing(journal, text):
    with Tracker(journal, run="r", job={"overrides": ["seed=1", text]}) as tracker:
        tracker.record({"level": 1}, step=0)
    with pytest.raises(EnvcfgError, match="not a Hydra override"):
        replayed(load(journal), "/runs/7")
    with pytest.raises(EnvcfgError, match="nothing was started"):
        ablated(load(journal), "/runs/7", Intervention("drop", 1), app=("my-train",), seeds=(3,), folder=Path("x"))


PICKLED = """
import os, pickle, sys
class Boom:
    def __reduce__(self):
        return os.mkdir, (sys.argv[1],)
with open(sys.argv[2], "wb") as file:
    pickle.dump(Boom(), file)
"""


def test_a_journal_that_asks_for_a_rerun_executes_no_pickle(tmp_path):
    was_executed, pickled, journal = tmp_path / "executed", tmp_path / "job.pickle", tmp_path / "envcfg"
    subprocess.run([sys.executable, "-c", PICKLED, was_executed, pickled], check=True)
    with Tracker(journal, run="r", job={"overrides": [f"--experimental-rerun={pickled}"]}) as tracker:
        for step in (0, 10):
            tracker.record({"level": step}, step=step)
    done = envcfg("ablate", journal, "--change", "1", "--run", "-o", tmp_path / "plan")
    assert done.returncode == 2
    assert "is not a Hydra override" in done.stderr
    assert not was_executed.exists()
    assert not (tmp_path / "plan").exists()


@example("NULL")
@example("true")
@example("nan")
@example("a,b c=d")
@example("it's")
@example("(x)[y]{z}")
@example("a\\'b\\")
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_hydra_reads_a_quoted_value_unchanged(text):
    override = OverridesParser.create().parse_override(f"key={quoted(text)}")
    assert OmegaConf.create({"key": str(override.value())}).key == text
