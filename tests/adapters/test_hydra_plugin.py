"""The plugin adds nothing heavy to any other Hydra app, and cannot break one."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from inspect import isabstract
from pathlib import Path

import pytest
from apps import DIR, ON, app, run
from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
from hydra.core.config_store import ConfigStore
from hydra.plugins.search_path_plugin import SearchPathPlugin

from hydra_plugins.hydra_envcfg import EnvcfgPlugin

HEAVY = {"wandb", "torch", "plotly", "polars", "pandas", "numpy", "mettagrid", "gymnasium", "rich", "msgspec"}
ANOTHER = """
import sys
import hydra

@hydra.main(config_path=None, version_base="1.3")
def main(config):
    print(*sys.modules)

main()
"""

STRICT = "error,ignore:The version_base parameter is deprecated"
"""Warnings are errors, without the one of Hydra 1.4 about an app that is written for 1.3."""


def loaded(folder, **environment):
    """The modules that an app without envcfg has loaded when its task function runs."""
    (folder / "another.py").write_text(ANOTHER)
    env = {**os.environ, **environment}
    command = [sys.executable, "another.py"]  # a fresh interpreter, whose modules are its own
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", env=env, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


OF_THE_SCHEMA = {"envcfg.adapters.hydra_schema", "envcfg.adapters.hydra_key", "envcfg.core.save_interval"}
OF_THE_SURFACE = {f"envcfg.core{name}" for name in ("", ".code", ".errors", ".renamed", ".surface")}
"""What the public packages need to load their names lazily."""


def test_an_app_without_the_callback_loads_nothing_for_it(tmp_path):
    modules = loaded(tmp_path)
    assert "hydra_plugins.hydra_envcfg" in modules
    assert not HEAVY & modules
    ours = {name for name in modules if name.startswith("envcfg")}
    assert ours == {"envcfg", "envcfg.adapters"} | OF_THE_SCHEMA | OF_THE_SURFACE


@pytest.mark.parametrize(
    "sabotage", ["raise RuntimeError('broken')", "import nothing_of_that_name", "1 / 0", "syntax error"]
)
def test_a_broken_envcfg_does_not_break_another_app(tmp_path, sabotage):
    (tmp_path / "envcfg").mkdir()
    (tmp_path / "envcfg" / "__init__.py").write_text(sabotage)
    assert "hydra_plugins.hydra_envcfg" in loaded(tmp_path, PYTHONPATH=str(tmp_path), PYTHONWARNINGS=STRICT)


def test_the_plugin_is_a_concrete_class_as_hydra_requires():
    plugin = EnvcfgPlugin()
    assert isinstance(plugin, SearchPathPlugin)
    search_path = ConfigSearchPathImpl()
    plugin.manipulate_search_path(search_path)
    assert search_path.get_path() == []
    assert "env_config.yaml" in ConfigStore.instance().list("hydra/callbacks")


def test_the_plugin_does_not_change_the_output_of_an_app(tmp_path):
    train = app(tmp_path)
    without = run(train)
    recorded = run(train, ON, DIR)
    assert recorded.stdout == without.stdout.replace("NullTracker", "Tracker")
    assert recorded.stderr == without.stderr == ""


def test_the_entry_point_names_a_plugin_that_hydra_can_create():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    module, _, name = project["entry-points"]["hydra.plugins"]["envcfg"].partition(":")
    plugin = getattr(import_module(module), name)
    assert issubclass(plugin, SearchPathPlugin)
    assert not isabstract(plugin)
