"""`envcfg ablate --run` starts nothing that somebody else recorded, unless the user agrees."""

import dataclasses
import io
import sys
from contextlib import nullcontext

import msgspec
import pytest
from command_line import envcfg_process

from envcfg import Tracker, load
from envcfg.cli.consent import ask_for_consent, is_own
from envcfg.core.errors import EnvcfgError

OVERRIDES = ["seed=1", "+trainer._target_=os.system"]


@pytest.fixture
def recorded(tmp_path):
    with Tracker(tmp_path / "run" / "envcfg", run="r", job={"overrides": OVERRIDES}) as tracker:
        for step in (0, 10):
            tracker.record({"level": step}, step=step)
    return tmp_path / "run"


@pytest.fixture
def app(tmp_path):
    """The options that start an app which leaves a file."""
    path = tmp_path / "app.py"
    path.write_text(f"open({str(tmp_path / 'started')!r}, 'w').close()")
    return ["--app", f"python '{path}'", "--run", "-o", tmp_path / "plan", "--change", "1"]


def of_somebody_else(tmp_path):
    return {"XDG_CONFIG_HOME": str(tmp_path / "other")}


@pytest.mark.slow
def test_a_recording_of_ones_own_is_started_without_a_question(recorded, app, tmp_path):
    said = envcfg_process("ablate", recorded, *app).stderr
    assert (tmp_path / "started").exists()
    assert "was recorded by another" not in said


@pytest.mark.slow
def test_a_foreign_recording_is_shown_and_not_started(recorded, app, tmp_path):
    done = envcfg_process("ablate", recorded, *app, **of_somebody_else(tmp_path))
    assert done.returncode == 2
    assert not (tmp_path / "started").exists()
    assert "Run r was recorded by another user, on another machine, or by an older envcfg." in done.stderr
    assert f"app.py --multirun {OVERRIDES[1]} " in done.stderr
    assert f"These name code to be called: {OVERRIDES[1]}\n" in done.stderr
    assert done.stderr.endswith("nothing was started: read the command above, and add --yes if you trust it\n")


@pytest.mark.slow
def test_a_foreign_recording_is_started_if_the_user_says_yes(recorded, app, tmp_path):
    envcfg_process("ablate", recorded, *app, "--yes", **of_somebody_else(tmp_path))
    assert (tmp_path / "started").exists()


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("answer", ["y", "n", ""])
def test_on_a_terminal_the_user_is_asked(recorded, monkeypatch, capsys, answer):
    history = load(recorded)
    foreign = dataclasses.replace(history, jobs=(msgspec.structs.replace(history.jobs[-1], signed=None),))
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    with nullcontext() if answer == "y" else pytest.raises(EnvcfgError, match="nothing was started"):
        ask_for_consent(foreign, ["python", "app.py"], is_given=False)
    assert "Start it? [y/N]" in capsys.readouterr().err


def test_overrides_that_were_changed_later_are_foreign(recorded):
    history = load(recorded)
    assert is_own(history)
    job = msgspec.structs.replace(history.jobs[-1], overrides=("seed=1", "+trainer._target_=os.remove"))
    assert not is_own(dataclasses.replace(history, jobs=(job,)))


def test_a_run_without_overrides_needs_no_consent(tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        tracker.record({"level": 1}, step=0)
    assert is_own(load(tmp_path))
