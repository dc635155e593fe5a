"""This version reads every earlier version of the journal format."""

from pathlib import Path

import msgspec
import pytest

from envcfg import load
from envcfg.core import encoding
from envcfg.history.adoptions import Adoptions

HERE = Path(__file__).parent


def said(history):
    """The content of a history as plain JSON values."""
    lists = ("adoptions", "mixes", "jobs", "links", "failures", "ending", "abandoned", "losses")
    clock = ("epochs", "phases", "drawn")
    return {
        "run": history.run,
        "status": history.status,
        "configs": {digest: encoding.jsonable(config) for digest, config in sorted(history.configs.items())},
        **{name: msgspec.to_builtins(_listed(getattr(history, name))) for name in lists},
        **{name: msgspec.to_builtins(getattr(history, name)) for name in clock if getattr(history, name)},
        **_told_of_slots(history),
    }


def _told_of_slots(history):
    """The lives and the evaluation environments; from format version 4 on."""
    if history.evaluation is None:
        return {}
    evaluation = history.of_role("eval")
    return {
        "lives": msgspec.to_builtins([*history.lives, *evaluation.lives]),
        "evaluation": msgspec.to_builtins(list(evaluation.adoptions)),
    }


def _listed(found):
    return list(found) if isinstance(found, Adoptions) else found


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_the_golden_journal_of_every_version_is_read_unchanged(version):
    expected = msgspec.json.decode((HERE / f"{version}.json").read_bytes())
    assert msgspec.json.decode(msgspec.json.encode(said(load(HERE / version)))) == expected
