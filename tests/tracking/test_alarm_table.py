"""The table of alarms: what was asked for, what the environments then used, and the sentence that a user reads."""

import enum
import math
import pathlib
import struct

import numpy as np
import pytest

from envcfg import Tracker
from envcfg.core.agreement import agrees


class Level(enum.Enum):
    EASY = 1
    HARD = 2


class Broken:
    """A value that cannot be recorded."""


def ask(value, *slots, key="gravity"):
    """A request of a key, for all slots or for some."""
    return "ask", {key: value}, slots or None


def reset(value, slot=0, *, key="gravity", times=1):
    """Resets of a slot, after which it uses a value."""
    return "reset", {key: value}, slot, times


def bfloat(number):
    return struct.unpack("f", struct.pack("I", struct.unpack("I", struct.pack("f", number))[0] & 0xFFFF0000))[0]


LATE = "the request gravity=20.0 of step 20 is not effective yet"
AT_50 = "the request gravity=20.0 of step 50 is not effective yet"
STILL = f"{LATE}: after 3 resets, slot 0 still uses 9.8"

QUIET = {
    "the next reset adopts it": [reset(9.8), ask(20.0), reset(20.0, times=5)],
    "the third reset adopts it": [reset(9.8), ask(20.0), reset(9.8, times=2), reset(20.0)],
    "a whole number that is kept as a float": [reset(9.8), ask(20), reset(20.0, times=4)],
    "1 that is kept as True": [reset(False), ask(1), reset(True, times=4)],
    "False that is kept as 0": [reset(1), ask(False), reset(0, times=4)],
    "single precision": [reset(0.0), ask(0.1), reset(float(np.float32(0.1)), times=4)],
    "half precision": [reset(0.0), ask(0.1), reset(float(np.float16(0.1)), times=4)],
    "bfloat16": [reset(0.0), ask(9.8), reset(9.8125, times=4)],
    "bfloat16 of a negative number": [reset(0.0), ask(-0.3), reset(-0.30078125, times=4)],
    "a member of an enum, asked by its name": [reset(Level.EASY), ask("HARD"), reset(Level.HARD, times=4)],
    "a member, asked by its name in small letters": [reset(Level.EASY), ask("hard"), reset(Level.HARD, times=4)],
    "a member, asked with its class": [reset(Level.EASY), ask("Level.HARD"), reset(Level.HARD, times=4)],
    "a name, asked by the member": [reset("EASY"), ask(Level.HARD), reset("HARD", times=4)],
    "a path, asked as text": [reset(""), ask("a/b"), reset(pathlib.PurePosixPath("a/b"), times=4)],
    "a tuple that is kept as a list": [reset([0, 0]), ask((1, 2)), reset([1, 2], times=4)],
    "a number that is not a number": [reset(0.0), ask(math.nan), reset(math.nan, times=4)],
    "the value that it had already": [reset(20.0), ask(20.0), reset(20.0, times=4)],
    "nothing is reset": [reset(9.8), ask(20.0)],
    "too few resets to say": [reset(9.8), ask(20.0), reset(9.8, times=2)],
    "resets of other slots": [reset(9.8), reset(9.8, 1), ask(20.0, 0), reset(9.8, 1, times=5)],
    "a value that cannot be read": [reset(Broken()), ask(20.0), reset(Broken(), times=4)],
    "a ramp that each reset follows one value late": [
        reset(1.0),
        *(step for value in range(2, 9) for step in (ask(float(value)), reset(value - 1.0))),
    ],
    "the old value is asked for again in time": [reset(9.8), ask(20.0), reset(9.8), ask(9.8), reset(9.8, times=5)],
    "a request of one slot that another one did not get": [
        *(reset(9.8, slot) for slot in (0, 1)),
        *(ask(20.0, 1), reset(20.0, 1, times=3), reset(9.8, 0, times=5)),
    ],
}
TOLD = {
    "it still uses the old value": ([reset(9.8), ask(20.0), reset(9.8, times=9)], [STILL]),
    "it became another value": (
        [reset(9.8), ask(20.0), reset(15.0, times=3)],
        [f"{LATE}: after 3 resets, it became 15.0 in slot 0, where 20.0 was asked"],
    ),
    "it was rounded to a whole number": (
        [reset(1), ask(2.7), reset(2, times=3)],
        [
            (
                "the request gravity=2.7 of step 20 is not effective yet: after 3 resets, it became 2 in slot 0, "
                "where 2.7 was asked"
            )
        ],
    ),
    "a near value that no rounding explains": ([reset(9.8), ask(20.0), reset(9.8), reset(9.8, times=2)], [STILL]),
    "a text instead of a number": (
        [reset(9.8), ask("20.0"), reset(9.8, times=3)],
        ['the request gravity="20.0" of step 20 is not effective yet: after 3 resets, slot 0 still uses 9.8'],
    ),
    "a list of another length": (
        [reset([1]), ask([1, 2]), reset([1], times=3)],
        ["the request gravity[1]=2 of step 20 is not effective yet: the config of slot 0 has no such key"],
    ),
    "another member of the enum": (
        [reset(Level.EASY), ask("HARD"), reset(Level.EASY, times=3)],
        [
            (
                'the request gravity="HARD" of step 20 is not effective yet: after 3 resets, slot 0 still uses '
                '{"$enum":"Level.EASY"}'
            )
        ],
    ),
    "a key that is spelt wrong": (
        [reset(9.8), ask(20.0, key="gravty"), reset(9.8, times=3)],
        [
            (
                "the request gravty=20.0 of step 20 is not effective yet: the config of slot 0 has no such key; "
                "did you mean gravity?"
            )
        ],
    ),
    "a key that is like no other": (
        [reset(9.8), ask(20.0, key="zz"), reset(9.8, times=3)],
        ["the request zz=20.0 of step 20 is not effective yet: the config of slot 0 has no such key"],
    ),
    "a ramp that asks anew before each reset": (
        [reset(9.8), *(step for value in range(10, 20) for step in (ask(float(value)), reset(9.8)))],
        ["the request gravity=12.0 of step 60 is not effective yet: after 3 resets, slot 0 still uses 9.8"],
    ),
    "some of the slots": (
        [
            *(reset(9.8, slot) for slot in range(4)),
            ask(20.0),
            *(reset(20.0 if slot < 2 else 9.8, slot) for _ in range(3) for slot in range(4)),
        ],
        [f"{AT_50} in 2 of 4 slots: after 3 resets, slot 2 still uses 9.8"],
    ),
    "one of the slots that were asked": (
        [
            *(reset(9.8, slot) for slot in range(4)),
            ask(20.0, 1, 3),
            *(reset(20.0 if slot == 1 else 9.8, slot) for _ in range(3) for slot in range(4)),
        ],
        [f"{AT_50} in 1 of 2 slots: after 3 resets, slot 3 still uses 9.8"],
    ),
    "it comes after all": (
        [reset(9.8), ask(20.0), reset(9.8, times=4), reset(20.0)],
        [STILL, "the request gravity=20.0 of step 20 is effective now: slot 0 uses it"],
    ),
    "it comes in the last of two slots": (
        [
            reset(9.8),
            reset(9.8, 1),
            ask(20.0),
            *(reset(9.8, slot) for _ in range(4) for slot in (0, 1)),
            reset(20.0),
            reset(20.0, 1),
        ],
        [
            "the request gravity=20.0 of step 30 is not effective yet: after 3 resets, slot 0 still uses 9.8",
            "the request gravity=20.0 of step 30 is effective now: slot 1 uses it",
        ],
    ),
    "the old value is asked for again too late": (
        [reset(9.8), ask(20.0), reset(9.8, times=4), ask(9.8), reset(9.8, times=9)],
        [STILL],
    ),
    "one key of two": (
        [
            ("reset", {"gravity": 9.8, "length": 1}, 0, 1),
            ("ask", {"gravity": 20.0, "length": 2}, None),
            ("reset", {"gravity": 9.8, "length": 2}, 0, 4),
        ],
        [STILL],
    ),
}


def said(events, tmp_path, capsys):
    with Tracker(tmp_path) as tracker:
        for number, (what, values, *given) in enumerate(events, 1):
            if what == "ask":
                tracker.request(values, step=10 * number, slot=given[0])
            for turn in range(given[1] if what == "reset" else 0):
                tracker.record(dict(values), step=10 * number + turn, slot=given[0])
    lines = [line.removeprefix("envcfg: ") for line in capsys.readouterr().err.splitlines()]
    return [line.removesuffix(" (shown once)") for line in lines if "the request " in line]


@pytest.mark.parametrize("name", QUIET)
def test_what_works_or_cannot_be_known_raises_no_alarm(name, tmp_path, capsys):
    assert said(QUIET[name], tmp_path, capsys) == []


@pytest.mark.parametrize("name", TOLD)
def test_what_does_not_work_is_told_once_with_the_right_words(name, tmp_path, capsys):
    events, sentences = TOLD[name]
    assert said(events, tmp_path, capsys) == sentences


@pytest.mark.parametrize("number", [0.1, 9.8, -0.3, 1e-5, 300.7, 65_519.0])
def test_a_number_agrees_with_itself_in_each_precision_and_with_no_other_number(number):
    for rounded in (np.float16, np.float32):
        assert agrees(number, float(rounded(number)))
    assert not agrees(number, number * 1.01)
    assert not agrees(301, 302)
    assert not agrees(9.8, 9.5)
