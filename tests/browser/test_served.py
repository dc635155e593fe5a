"""The live page in a real browser."""

import pytest
from served import serving

from envcfg import Tracker

pytestmark = [pytest.mark.slow, pytest.mark.needs("serve")]

SLOW = 60_000  # milliseconds: a busy machine answers slowly. The policy of the page forbids to wait for an expression
MARKS = """document.querySelector(".js-plotly-plot").data
    .filter(trace => trace.yaxis === "y" && trace.mode === "markers")
    .reduce((count, trace) => count + trace.x.length, 0)"""


@pytest.fixture
def growing(tmp_path):
    """A tracker that is not closed, and its server."""
    tracker = Tracker(tmp_path / "job" / "envcfg", run="job")
    for level in range(3):
        tracker.record({"level": level}, step=10 * level)
        tracker.end_epoch(step=10 * level + 10)
    with serving(tmp_path) as running:
        yield tracker, running
    tracker.close()


def test_the_page_grows_with_a_running_job_and_keeps_the_chosen_change(visit, growing):
    tracker, running = growing
    page = visit.page
    page.goto(running.address)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the only link
    page.locator("#change-list").wait_for(timeout=SLOW)
    assert "This page grows with the run" in page.locator("#live").text_content()
    page.focus("#change-list")
    page.keyboard.press("Home")
    tracker.record({"level": 3}, step=30)
    tracker.end_epoch(step=40)
    page.locator("#change-list option >> nth=3").wait_for(state="attached", timeout=SLOW)
    assert page.evaluate(MARKS) == 4
    assert page.locator("#change-title").text_content() == "Initial config (number 0)"
    tracker.close()
    page.locator("#the-run", has_text="The run completed at step 40").wait_for(timeout=SLOW)
    assert page.locator("#live").text_content() == ""
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(running.root)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert (visit.outside, visit.errors) == ([], [])
