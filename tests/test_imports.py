"""What an import costs is asserted by the modules it loads, not by a clock."""

import subprocess
import sys

import pytest

HEAVY = {"wandb", "torch", "plotly", "polars", "pandas", "numpy", "hydra", "omegaconf", "mettagrid", "gymnasium"}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import envcfg", set()),
        ("from envcfg import Tracker, Cause, tracker, load, History, Redaction, EnvcfgError", set()),
        ("import hydra_plugins.hydra_envcfg", {"hydra", "omegaconf"}),
        ("import envcfg.cli.main", set()),
    ],
)
def test_an_import_loads_no_heavy_library(statement, allowed):
    script = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not (HEAVY - allowed) & set(loaded)


def test_an_unknown_name_is_answered_with_those_there_are():
    import envcfg

    with pytest.raises(AttributeError, match="its names are Cause, Choice, EnvcfgError"):
        envcfg.Trackr  # noqa: B018


def test_every_public_name_is_there():
    import envcfg

    names = [name for name in envcfg.__all__ if name != "__version__"]
    assert [getattr(envcfg, name).__name__.rpartition(".")[2] for name in names] == names
    assert isinstance(envcfg.__version__, str)
