"""How many secrets are found, and how many settings of games are not taken for one, on a corpus of both.

`corpus/names.txt` has names of secrets, `corpus/forms.txt` texts of secrets, `corpus/harmless.txt` settings that look
a little like secrets. `{A20}` stands for 20 random letters and digits, `{h32}` for hexadecimal digits, `{U16}` for
capital letters and digits, `{uuid}` for a UUID: no scanner of repositories finds a secret in these files.
"""

import random
import re
import string
import uuid
from pathlib import Path

import pytest
import yaml

from envcfg import Redaction
from envcfg.core.normal import normal
from envcfg.core.tree import Marker

CORPUS = Path(__file__).parent / "corpus"
LEAST_RECALL = 0.95
ALPHABETS = {
    "A": string.ascii_letters + string.digits,
    "h": "0123456789abcdef",
    "U": string.ascii_uppercase + string.digits,
}
VALUES = ("{h40}", "{A24}", "{A40}", "{uuid}", "hunter2", "Winter2024!", "correct-horse-battery-staple", "opensesame")
"""What people use as a secret. The last one is a plain word."""


def lines(name):
    return (CORPUS / name).read_text("utf-8").splitlines()


def filled(form, chance):
    """*form* with random text for its placeholders, always with a digit and a letter as real tokens have."""

    def drawn(match):
        if match[0] == "{uuid}":
            return str(uuid.UUID(int=chance.getrandbits(128), version=4))
        size = int(match[2])
        text = chance.choices(ALPHABETS[match[1]], k=size)
        text[size // 2], text[size // 3] = "7", ("E" if match[1] == "U" else "e")
        return "".join(text)

    return re.sub(r"\{uuid\}|\{([AhU])(\d+)\}", drawn, form)


def is_left_out(config):
    return all(isinstance(value, Marker) for value in Redaction().plain(normal(config)).values())


def test_the_corpus_is_large_enough_to_judge_by():
    sizes = {name: len(set(lines(name))) for name in ("names.txt", "forms.txt", "harmless.txt")}
    assert sizes["names.txt"] >= 200
    assert sizes["forms.txt"] >= 150
    assert sizes["harmless.txt"] >= 200


def judged(what, found, missed):
    """Fails unless enough were found; says what was missed."""
    recall = 1 - len(missed) / found
    assert recall >= LEAST_RECALL, f"{what}: recall {recall:.3f} of {found}; missed: {missed}"


def test_values_under_names_of_secrets_are_left_out():
    chance = random.Random(7)
    cases = [(name, filled(value, chance)) for name in lines("names.txt") for value in VALUES]
    missed = [case for case in cases if not is_left_out(dict([case]))]
    judged("values under names of secrets", len(cases), missed)
    assert {value for _, value in missed} <= {"opensesame"}, "only a plain word may pass for a setting of a game"


@pytest.mark.parametrize("around", ["{}", "see {} there", "{}\nand more"], ids=["alone", "in a line", "above a line"])
def test_texts_of_secrets_are_left_out(around):
    chance = random.Random(7)
    texts = [around.format(filled(form, chance)) for form in lines("forms.txt")]
    missed = [text for text in texts if not is_left_out({"x": text})]
    judged("texts of secrets", len(texts), missed)


@pytest.mark.parametrize("line", lines("harmless.txt"))
def test_a_setting_of_a_game_is_recorded(line):
    config = normal(yaml.safe_load(line))
    assert Redaction().plain(config) == config
    text = str(next(iter(config.values())))
    assert Redaction().text(text) == text
