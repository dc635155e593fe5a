"""The exported pages in a real browser with the network cut."""

import pytest
from browsing import open_page, point_at, visiting
from hostile_run import record_hostile

from envcfg import load, load_sweep, sample
from envcfg.figures.html.page import page
from envcfg.figures.pages.report import report
from envcfg.figures.run.timeline import timeline

DRAWN = "document.querySelectorAll('.main-svg').length > 0"


def opened(visit, tmp_path, text):
    return open_page(visit, tmp_path, text, until=DRAWN)


@pytest.fixture(scope="module")
def alone(chromium, tmp_path_factory):
    """A page of one figure, opened once."""
    with visiting(chromium) as visit:
        opened(visit, tmp_path_factory.mktemp("alone"), page(timeline(load(sample())), title="run"))
        yield visit


@pytest.fixture
def figure(alone):
    """That page with the mouse away from the figure."""
    alone.page.mouse.move(1, 1)
    alone.page.wait_for_selector(".hoverlayer .legendtext", state="detached")
    return alone.page


def hovered(browser_page):
    browser_page.wait_for_selector(".hoverlayer .legendtext", state="attached")
    return " | ".join(browser_page.locator(".hoverlayer .legendtext").all_text_contents())


def test_a_hover_anywhere_says_what_was_in_force(alone, figure):
    point_at(figure, 180_224)  # the end of epoch 175; a hover of where the mouse was before may come first
    figure.locator(".hoverlayer .legendtext", has_text="task forage/thicket · epoch 175").wait_for(state="attached")
    told = hovered(figure)
    assert "map_builder.width 16" in told
    assert (alone.outside, alone.errors) == ([], [])


def test_a_hover_at_a_mark_says_what_it_changed_and_why(figure):
    point_at(figure, 22_589, row="yaxis")
    told = hovered(figure)
    assert "change 1" in told
    assert "curriculum: returns 0.8553 (threshold 0.85)" in told
    assert "game.map_builder.objects.wall 0 → 12" in told


def test_a_drag_looks_closer(figure):
    point_at(figure, 50_000)
    figure.mouse.down()
    point_at(figure, 100_000)
    figure.mouse.up()
    figure.wait_for_function("document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range[1] < 110000")


def all_drawn(visit, figures):
    visit.page.wait_for_function(f"document.querySelectorAll('figure.drawn').length === {figures}")
    assert visit.page.locator("figure").count() == figures
    assert (visit.outside, visit.errors) == ([], [])


def test_the_report_of_a_run_draws_all_its_figures_and_asks_nobody(forage):
    all_drawn(forage, 4)


def test_the_report_of_a_sweep_draws_all_its_figures_and_asks_nobody(visit, tmp_path):
    opened(visit, tmp_path, report(load_sweep(sample("sweep"))))
    all_drawn(visit, 5)


def test_a_page_is_printed_as_wide_as_paper_and_shown_as_wide_as_before(forage):
    browser_page = forage.page
    width = "document.querySelector('.js-plotly-plot')._fullLayout.width"
    before = browser_page.evaluate(width)
    browser_page.evaluate("dispatchEvent(new Event('beforeprint'))")
    browser_page.wait_for_function(f"{width} === 680")
    browser_page.evaluate("dispatchEvent(new Event('afterprint'))")
    browser_page.wait_for_function(f"{width} === {before}")


def test_names_that_attack_do_nothing(visit, tmp_path):
    text = report(load_sweep(record_hostile(tmp_path / "run")))
    browser_page = opened(visit, tmp_path, text)
    point_at(browser_page, 1, row="yaxis")
    assert "alert(1)" in hovered(browser_page)
    assert browser_page.locator("img, main script:not([type='application/json'])").count() == 0
    assert (visit.outside, visit.errors, visit.dialogs) == ([], [], [])
