"""Whoever uses an old public name is told the new one."""

import importlib
import pickle

import pytest
from command_line import envcfg as command

import envcfg
from envcfg.core.errors import EnvcfgError
from envcfg.core.renamed import ARGUMENTS, ATTRIBUTES, CALLS, OPTIONS, check_options
from envcfg.figures.changes.cards import Cards


@pytest.fixture(scope="module")
def history():
    return envcfg.load(envcfg.sample())


@pytest.mark.parametrize("old", [old for old in ATTRIBUTES if old.startswith("envcfg.")])
def test_an_old_name_of_a_package_is_answered_with_the_new_one(old):
    package, _, name = old.rpartition(".")
    with pytest.raises(AttributeError, match=rf"^{old} is now {ATTRIBUTES[old]}$"):
        getattr(importlib.import_module(package), name)
    new_package, _, new_name = ATTRIBUTES[old].rpartition(".")
    assert new_name in importlib.import_module(new_package).__all__


@pytest.mark.parametrize("name", ["reach", "advance"])
def test_an_old_method_of_a_tracker_is_answered_with_the_new_one(name, tmp_path):
    with envcfg.Tracker(tmp_path) as tracker:
        for one in (tracker, envcfg.tracker()):
            with pytest.raises(AttributeError, match=rf"^tracker\.{name} is now tracker\.(set_step|end_epoch)$"):
                getattr(one, name)
            assert hasattr(one, ATTRIBUTES[f"tracker.{name}"].rpartition(".")[2])


def test_an_old_attribute_of_a_history_is_answered_with_the_new_one(history):
    with pytest.raises(AttributeError, match=r"^history\.transactions is now history\.changes$"):
        history.transactions  # noqa: B018
    with pytest.raises(AttributeError, match=r"^history\.effects is now envcfg\.effects\(history\)$"):
        history.effects()
    with pytest.raises(TypeError, match=r"^history\.changes\(transaction\) is now history\.edits\(change\)$"):
        history.changes(history.changes[1])


def test_an_old_attribute_of_cards_is_answered_with_the_new_one():
    with pytest.raises(AttributeError, match=r"^cards\.said is now cards\.summary$"):
        Cards((), ()).said  # noqa: B018


def test_an_attribute_that_never_was_is_answered_as_python_does(history):
    with pytest.raises(AttributeError, match=r"^'History' object has no attribute 'chnges'"):
        history.chnges  # noqa: B018
    assert not hasattr(envcfg.tracker(), "reachable")
    assert pickle.loads(pickle.dumps(history.changes[0])) == history.changes[0]


def test_an_old_argument_is_answered_with_the_new_one():
    with pytest.raises(TypeError, match=r"^replay\(edit=\) is now replay\(intervention=\)$"):
        envcfg.replay(envcfg.sample(), edit="drop:2")
    with pytest.raises(TypeError, match="unexpected keyword argument 'edits'"):
        envcfg.replay(envcfg.sample(), edits="drop:2")


def test_an_old_key_of_the_replay_curriculum_is_answered_with_the_new_one():
    from omegaconf import OmegaConf

    from envcfg.demo.train import curriculum_of

    settings = OmegaConf.create({"kind": "replay", "run": str(envcfg.sample()), "edit": "drop:2"})
    with pytest.raises(TypeError, match=r"^replay\(edit=\) is now replay\(intervention=\)$"):
        curriculum_of(settings, [], seed=0)


@pytest.mark.parametrize("arguments", [("--by", "way"), ("--by=way",)])
def test_an_old_value_of_an_option_is_answered_with_the_new_one(arguments, tmp_path):
    done = command("compare", envcfg.sample("sweep"), *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "envcfg: --by way is now --by schedule\n")


def test_new_values_of_an_option_are_let_pass():
    check_options(["--by", "schedule", "way"])
    with pytest.raises(EnvcfgError):
        check_options(["--by", "way"])


def test_every_old_name_has_a_line_in_the_changelog(request):
    changes = (request.config.rootpath / "CHANGELOG.md").read_text(encoding="utf-8")
    old = [*ATTRIBUTES, *CALLS, *ARGUMENTS, *(" ".join(option) for option in OPTIONS)]
    assert [name for name in old if f"| `{name}`" not in changes] == []
