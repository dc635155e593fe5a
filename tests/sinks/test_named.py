"""Sinks by name: what there is, what is refused, and what imports nothing."""

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
def test_a_sink_is_made_by_its_name_or_its_reference(installed, asked):
    assert named_sink(asked).create().folder == "tb"
    assert named_sink({"name": asked, "folder": "x"}).create().folder == "x"
    assert isinstance(named_sink(asked).create(), BaseSink)


def test_a_name_is_looked_up_without_importing_anything(installed):
    named_sink("tensorboard")
    assert "strange" not in sys.modules


def test_an_unknown_name_is_answered_with_the_nearest_names(installed):
    with pytest.raises(
        ConfigError, match=r"no plugin named 'tensorbord' is installed; the nearest name is tensorboard$"
    ):
        named_sink("tensorbord")


@pytest.mark.parametrize("asked", [":Board", "strange:", "a b:c", "strange:Board:x"])
def test_a_reference_that_can_lead_nowhere_is_refused(asked):
    with pytest.raises(ConfigError, match="expected an installed name or module:attribute"):
        named_sink(asked)


@pytest.mark.parametrize("asked", [5, None, {}, {"folder": "tb"}, {"name": 5}, {"name": "strange:Board", 1: 2}])
def test_what_names_no_sink_is_refused(asked):
    with pytest.raises(ConfigError, match="expected a name, or"):
        named_sink(asked)


def test_a_factory_that_gives_no_sink_is_told_what_to_derive_from(installed):
    with pytest.raises(ConfigError, match=r"Mute is not a sink: derive it from envcfg\.sinks\.BaseSink"):
        named_sink("mute").create()
