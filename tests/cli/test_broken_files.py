"""A command that writes several files loses only the one that fails."""

import pytest
from command_line import envcfg

from envcfg import tables


def broken(*_, **__):
    raise ZeroDivisionError("no reason")


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("params.csv", "envcfg.cli.commands.analyze.parameters_csv"),
        ("env_config_history.json", "envcfg.cli.commands.analyze.legacy_json"),
        ("timeline.html", "envcfg.figures.run.timeline.timeline"),
    ],
)
def test_the_other_files_of_an_analysis_are_written_if_one_fails(name, maker, staged, tmp_path, monkeypatch):
    whole = envcfg("analyze", staged, "--output-dir", "whole", cwd=tmp_path)
    monkeypatch.setattr(maker, broken)
    done = envcfg("analyze", staged, "--output-dir", "part", cwd=tmp_path)
    assert (whole.returncode, done.returncode) == (0, 2)
    assert done.stdout == whole.stdout
    assert done.stderr.startswith(
        f"envcfg: {name} could not be made: ZeroDivisionError: no reason (test_broken_files.py"
    )
    assert "The other files in part are complete" in done.stderr
    written = {path.name: path.read_bytes() for path in (tmp_path / "part").iterdir()}
    assert written == {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir() if path.name != name}


def test_the_other_tables_are_written_if_one_fails(staged, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "oscillations", broken)
    done = envcfg("export", staged, "-o", "tables", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("envcfg: oscillations.csv could not be made: ZeroDivisionError")
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        *("changes.csv", "parameters.csv", "in_force.csv", "tasks.csv", "configs.csv", "draws.csv")
    }
    assert "No metrics.csv: " in done.stderr
