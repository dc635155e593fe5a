"""Sinks by name: valid names, invalid names, and that nothing is imported early."""

import sys

import pytest

from envcfg.core.errors import ConfigError
from envcfg.sinks import BaseSink
from envcfg.sinks.named import named_sink


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A distribution with three sinks, as a package installer leaves it."""
    info = tmp_path / "strange-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n")
    names = "tensorboard = strange:Board\nclearml = strange:Board\nmute = strange:Mute\n"
    (info / "entry_points.txt").write_text(f"[envcfg.sinks]\n{names}")
    (tmp_path / "strange.py").write_text(
        "import envcfg.sinks\n"
        "class Board(envcfg.sinks.BaseSink):\n    def __init__(self, folder='tb'):\n        self.folder = folder\n"
        "class Mute:\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("strange", None)


@pytest.mark.parametrize("asked", ["tensorboard", "strange:Board"])
def test_a_sink_is_created_by_its_name_or_its_reference(installed, asked):
    assert named_sink(asked).create().folder == "tb"
    assert named_sink({"name": asked, "folder": "x"}).create().folder == "x"
    assert isinstance(named_sink(asked).create(), BaseSink)


def test_a_name_is_looked_up_without_importing_anything(installed):
    named_sink("tensorboard")
    assert "strange" not in sys.modules


def test_the_error_for_an_unknown_name_has_the_nearest_names(installed):
    with pytest.raises(
        ConfigError, match=r"no plugin named 'tensorbord' is installed; the nearest name is tensorboard$"
    ):
        named_sink("tensorbord")


@pytest.mark.parametrize("asked", [":Board", "strange:", "a b:c", "strange:Board:x"])
def test_an_invalid_reference_raises_an_error(asked):
    with pytest.raises(ConfigError, match="expected the name of an installed plugin, or module:attribute"):
        named_sink(asked)


@pytest.mark.parametrize("asked", [5, None, {}, {"folder": "tb"}, {"name": 5}, {"name": "strange:Board", 1: 2}])
def test_an_argument_that_names_no_sink_raises_an_error(asked):
    with pytest.raises(ConfigError, match="expected the name of a sink, or"):
        named_sink(asked)


def test_the_error_for_an_object_that_is_not_a_sink_names_the_base_class(installed):
    with pytest.raises(ConfigError, match=r"Mute is not a sink: derive it from envcfg\.sinks\.BaseSink"):
        named_sink("mute").create()
