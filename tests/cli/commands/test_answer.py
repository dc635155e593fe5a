"""`envcfg RUN`: the answer on one screen."""

import json

import pytest
from command_line import envcfg

from envcfg import answer, load, sample


def test_a_run_in_the_place_of_a_command_is_answered():
    done = envcfg(sample())
    assert done.returncode == 0
    assert done.stdout == envcfg("answer", sample()).stdout
    assert done.stdout.splitlines()[2] == str(answer(load(sample())))


def test_the_options_of_the_answer_follow_the_run():
    document = json.loads(envcfg(sample(), "--format", "json").stdout)
    found = answer(load(sample()))
    assert document == {
        "format": "envcfg-answer",
        "version": 1,
        "run": "samples/forage",
        "text": found.text,
        **found._asdict(),
    }


def test_a_short_name_may_stand_there_too():
    done = envcfg("fora", cwd=sample().parent)
    assert done.stdout.startswith("samples/forage\n")


def test_the_next_commands_can_be_typed(tmp_path):
    (tmp_path / "my run").symlink_to(sample())
    lines = envcfg("my run", cwd=tmp_path).stdout.splitlines()
    assert lines[-3].startswith("envcfg log 'my run'  ")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("analyse", "Did you mean 'analyze'"),
        ("outputs/nothing", "outputs/nothing: no such folder"),
    ],
)
def test_a_mistyped_command_or_run_is_named_with_what_may_be_meant(tmp_path, typed, said):
    done = envcfg(typed, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
