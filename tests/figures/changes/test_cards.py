"""Effect cards in a notebook: the text of the command line, with all names as plain text."""

import re

import pytest
from command_line import envcfg
from hostile import HOSTILE
from noise import autoregressive, log, run, series

from envcfg import Tracker, load
from envcfg.figures.changes.cards import MOST, effect_cards, pooled_cards

pytestmark = pytest.mark.needs("figures", "stats")


@pytest.fixture
def recorded(tmp_path):
    changes = {0: {"wall": 1, "reward": 1}, 60: {"wall": 2, "reward": 1}, 120: {"wall": 3, "reward": 1}}
    run(tmp_path / "envcfg", {**changes, 180: {"wall": 3, "reward": 2}})
    log(tmp_path, series([value + 3 * (index >= 60) for index, value in enumerate(autoregressive(240))], "reward"))
    return tmp_path


def test_a_notebook_shows_what_the_command_line_prints(recorded):
    printed = envcfg("effects", recorded).stdout
    assert str(effect_cards(load(recorded))).replace("1 not testable.", "1 not testable").split() == printed.split()


def test_found_untested_and_refused_cards_differ_in_more_than_colour(recorded):
    shown = effect_cards(load(recorded))._repr_html_()
    assert re.findall('<article class="(.*?)"', shown) == ["found", "open", "refused"]
    assert "q &lt; 0.0001" in shown
    assert "no effect can be measured: metric not invariant" in shown


def test_a_refused_change_shows_its_split_or_how_to_get_one(recorded):
    assert "is then still split into task mix and skill" in effect_cards(load(recorded))._repr_html_()


def test_several_runs_have_cards_of_their_common_changes(tmp_path):
    for seed in range(3):
        run(tmp_path / str(seed) / "envcfg", {0: {"wall": 1}, 60: {"wall": 2}})
        log(tmp_path / str(seed), series(autoregressive(120, seed=seed), "reward"))
    shown = pooled_cards([load(tmp_path / str(seed)) for seed in range(3)])._repr_html_()
    assert shown.count("<article") == 1
    assert "over 3 runs" in shown


def test_runs_that_are_refused_a_test_together_show_their_splits(tmp_path):
    for seed, played in enumerate((0.5, 0.75)):
        with Tracker(tmp_path / str(seed) / "envcfg") as tracker:
            for epoch in range(80):
                tracker.record({"max_steps": 1 + epoch // 40}, step=100 * epoch, epoch=epoch)
                rewards = {"easy": [1.0], "hard": [played * (epoch // 40)]}
                tracker.end_epoch(step=100 * epoch + 99, epoch=epoch, rewards=rewards)
        log(tmp_path / str(seed), series(autoregressive(80, seed=seed), "reward"))
    shown = str(pooled_cards([load(tmp_path / "0"), load(tmp_path / "1")]))
    assert "no test over runs: 0 runs could be tested, 3 are needed" in shown
    assert "task mix +0, skill +0.25 to +0.375, in 2 runs" in shown


def test_hostile_names_stay_text(tmp_path):
    run(tmp_path / "envcfg", {0: {HOSTILE: 1}, 60: {HOSTILE: 2}})
    log(tmp_path, series(autoregressive(120), "reward"))
    shown = effect_cards(load(tmp_path))._repr_html_()
    assert "<img" not in shown
    assert "<script" not in shown
    assert "alert(1)" in shown


@pytest.mark.slow
def test_only_the_first_of_very_many_cards_are_shown_and_the_rest_are_counted(tmp_path):
    run(tmp_path / "envcfg", {8 * index: {"wall": index} for index in range(MOST + 4)})
    log(tmp_path, series(autoregressive(8 * (MOST + 4)), "reward"))
    shown = effect_cards(load(tmp_path))._repr_html_()
    assert (shown.count("<article"), "… and 3 more cards" in shown) == (MOST, True)
