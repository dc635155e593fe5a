"""A small part of `make soak`, always the same."""

import itertools

import pytest
import soak
from found import Found

pytestmark = pytest.mark.slow
MOST = {"killed and resumed sessions": 2, "system calls that fail": 6, "damaged files": 60, "extreme values": 30}


@pytest.mark.parametrize("name", soak.ATTACKS)
def test_an_attack_loses_hides_and_invents_nothing(tmp_path, name):
    found = Found()
    soak.attack(soak.ATTACKS[name](found, tmp_path, itertools.count(7)), most=MOST[name])
    if not found.trials:
        pytest.skip("there is no C compiler")
    assert found.said == []
    assert found.trials == MOST[name]
    assert found.acknowledged or name == "damaged files"


def test_a_lost_record_a_hidden_loss_and_a_false_story_are_found():
    found = Found()
    found.loses(2, "a")
    found.hides("b")
    found.lies("c")
    assert (found.is_clean, found.said) == (False, ["2 lost: a", "untold: b", "false: c"])
