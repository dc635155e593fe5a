"""While a training runs, a row whose step disagrees with the run clock is reported once."""

import pytest

from envcfg.sinks.wandb.step_check import STEP_NAMES, StepCheck

STEPS = 1000


def said(capsys, row_of, *, epochs=8, ends=True):
    """What the check prints during a training whose rows *row_of* gives, one for each epoch."""
    check = StepCheck()
    for epoch in range(epochs):
        step = (epoch + 1) * STEPS - 1
        check(row_of(epoch, step), step)
        if ends:
            check.end_epoch(step)
    return capsys.readouterr().err


@pytest.mark.parametrize("name", STEP_NAMES)
def test_a_step_that_disagrees_is_named_once_with_what_to_do(capsys, name):
    printed = said(capsys, lambda epoch, _: {name: epoch * 4})
    assert printed.count("envcfg: a row that your program logs says") == 1
    assert f"{name}=20, but the run is at step 5,999" in printed
    assert "tracker.end_epoch(step=...)" in printed


@pytest.mark.parametrize(
    "row_of",
    [
        lambda _, step: {"global_step": step},
        lambda _, step: {"global_step": step - STEPS},  # a row of the epoch before
        lambda _, step: {"global_step": step + STEPS},
        lambda epoch, _: {"step": epoch, "epoch": epoch},  # names that may mean anything
        lambda epoch, _: {"global_step": f"{epoch}"},
        lambda *_: {},
    ],
)
def test_a_step_at_most_an_epoch_away_and_a_key_of_another_meaning_are_not_reported(capsys, row_of):
    assert said(capsys, row_of) == ""


def test_nothing_is_reported_before_the_clock_is_known(capsys):
    assert said(capsys, lambda epoch, _: {"global_step": epoch * 4}, epochs=3) == ""
    assert said(capsys, lambda epoch, _: {"global_step": epoch * 4}, ends=False) == ""
