"""The plugin adds nothing heavy to any other Hydra app, and cannot break one."""

import pytest
from apps import app, run

MODULES = "import atexit; atexit.register(lambda: print(*sys.modules))"
HEAVY = {"wandb", "torch", "plotly", "polars", "pandas", "numpy", "mettagrid", "gymnasium", "rich", "msgspec"}


def test_an_app_without_the_callback_loads_nothing_for_it(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "config.yaml").write_text("seed: 1\n")
    (tmp_path / "train.py").write_text(
        "import hydra, sys\n"
        "@hydra.main(config_path='conf', config_name='config', version_base='1.3')\n"
        "def main(config):\n    print(*sys.modules)\nmain()\n"
    )
    loaded = set(run(tmp_path / "train.py").stdout.split())
    assert "hydra_plugins.hydra_envcfg" in loaded
    assert not HEAVY & loaded
    assert {name for name in loaded if name.startswith("envcfg")} == {
        "envcfg",
        "envcfg.adapters",
        "envcfg.adapters.hydra_schema",
    }


@pytest.mark.parametrize(
    "sabotage", ["raise RuntimeError('broken')", "import nothing_of_that_name", "1 / 0", "syntax error"]
)
def test_a_broken_envcfg_does_not_break_another_app(tmp_path, sabotage):
    train = app(tmp_path)
    train.write_text(
        train.read_text().replace("import envcfg", "class envcfg:\n    tracker = staticmethod(lambda: main)")
    )
    train.write_text(
        train.read_text().replace("tracker.record(", "dict(config_=").replace('seed")}, step', 'seed")}, step_')
    )
    (tmp_path / "envcfg").mkdir()
    (tmp_path / "envcfg" / "__init__.py").write_text(sabotage)
    done = run(train, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert '"tracker"' in done.stdout


def test_the_apps_output_is_its_own(tmp_path):
    train = app(tmp_path)
    without = run(train)
    recorded = run(train, "hydra/callbacks=env_config")
    assert recorded.stdout == without.stdout.replace("NullTracker", "Tracker").replace("null", "1000")
    assert recorded.stderr == without.stderr == ""
