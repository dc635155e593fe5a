"""Runs the examples of `docs/cli.md`."""

import re
import shlex
from pathlib import Path

import pytest
from command_line import envcfg

from envcfg.sources.sample import sample

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
EXAMPLES = re.findall(r"(?m)^envcfg (.*?)(?: {2,}#.*)?$", PAGE.read_text(encoding="utf-8"))
NEEDS = {
    "timeline": ["figures"],
    "report": ["figures"],
    "effects": ["stats", "wandb"],
    "calibrate": ["stats", "wandb"],
    "correlate": ["stats", "wandb"],
    "ablate": ["stats"],
    "compare": ["stats", "wandb"],
    "dataset": ["tables", "wandb"],
    "export": ["tables"],
}
"""The extras of the commands that need more than the core."""


def examples():
    for example in EXAMPLES:
        extras = NEEDS.get(example.split()[0], [])
        if "--install-completion" not in example:
            yield pytest.param(example, marks=[pytest.mark.needs(*extras)] if extras else [])


@pytest.mark.parametrize("example", list(examples()))
def test_an_example_runs(example, tmp_path):
    named = {"RUN": str(sample()), "SWEEP": str(sample("sweep"))}
    done = envcfg(*(named.get(word, word) for word in shlex.split(example)), cwd=tmp_path, WANDB_MODE="offline")
    assert done.returncode == 0, done.stderr
    assert done.stdout or list(tmp_path.iterdir())


def test_every_command_has_a_place_on_the_page():
    from envcfg.cli.main import app

    text = PAGE.read_text(encoding="utf-8")
    names = [command.callback.__name__ for command in app.registered_commands]
    assert len(names) > 15
    assert not [name for name in names if f"envcfg {name}" not in text]


def test_a_shell_can_complete_commands():
    done = envcfg("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert "complete" in done.stdout
