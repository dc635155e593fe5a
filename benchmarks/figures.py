"""The cost of building, storing, drawing and hovering the timeline of a long run, compared with plain Plotly.

    python benchmarks/figures.py

The run has 5,000 changes and 1,000,000 rewards. The peer is the simplest figure: every reward in one trace, and a line
for each change. Building is in CPU seconds. Drawing is in seconds of the clock, in headless Chromium. A hover is the
time from the move of the mouse to Plotly's hover event.
"""

import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from shutil import which
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright
from plotly import graph_objects as go
from plotly.offline import get_plotlyjs

from envcfg import Cause, History, Tracker, load
from envcfg.analysis.run.timeline import timeline
from envcfg.figures.html.page import page
from envcfg.figures.run.timeline import draw
from envcfg.sources.series import Series

CHANGES, REWARDS, HOVERS = 5_000, 1_000_000, 20
DRAW = """async figure => {
    const place = document.createElement('div');
    document.body.replaceChildren(place);
    const start = performance.now();
    await Plotly.newPlot(place, figure.data, figure.layout);
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    window.place = place;
    place.on('plotly_hover', () => { window.answered = performance.now(); });
    document.addEventListener('mousemove', () => { window.moved ??= performance.now(); }, true);
    return (performance.now() - start) / 1000;
}"""
PLACE = """share => {
    const size = place._fullLayout._size, box = place.getBoundingClientRect();
    window.moved = window.answered = undefined;
    return [box.x + size.l + share * size.w, box.y + size.t + 100];
}"""


class Cost(NamedTuple):
    """The cost of one figure, in seconds and megabytes."""

    build: float
    megabytes: float
    first: float
    hover: float
    slowest: float


def recorded(folder: Path) -> History:
    with Tracker(folder, run="long") as tracker:
        for change in range(CHANGES):
            config = {"level": change, "mode": f"m{change % 3}", "speed": change * 7 % 11, "x": {"y": change % 100}}
            cause = Cause("schedule" if change % 2 else "curriculum")
            tracker.record(config, step=200 * change, epoch=change, task=f"task/{change % 40}", cause=cause)
    return load(folder)


def rewards(count: int) -> Series:
    chance = random.Random(0)
    steps = tuple(float(step) for step in range(count))
    return Series("reward", "step", steps, tuple(chance.random() + step / count for step in steps), (None,) * count)


def naive(series: Series, changes: int) -> go.Figure:
    every = series.steps[-1] / changes
    lines = [
        {"type": "line", "x0": every * i, "x1": every * i, "y0": 0, "y1": 1, "yref": "paper"} for i in range(changes)
    ]
    layout = {"shapes": lines, "hovermode": "x unified", "meta": {"summary": "naive"}}
    return go.Figure(go.Scatter(x=series.steps, y=series.values), layout)


def built(drawn: Callable[[], go.Figure]) -> tuple[go.Figure, float]:
    start = time.process_time()
    figure = drawn()
    return figure, time.process_time() - start


def cost(figure: go.Figure, build: float, browser: Page) -> Cost:
    text = page(figure, title="run")
    first = browser.evaluate(DRAW, json.loads(figure.to_json()))
    hovers = [hover(browser, (turn + 1) / (HOVERS + 1)) for turn in range(HOVERS)]
    return Cost(build, (len(text) - len(get_plotlyjs())) / 1e6, first, median(hovers), max(hovers))


def hover(browser: Page, share: float) -> float:
    """The seconds from the move of the mouse to the hover event."""
    x, y = browser.evaluate(PLACE, share)
    browser.mouse.move(x, y)
    browser.wait_for_function("window.answered !== undefined")
    return float(browser.evaluate("(answered - moved) / 1000"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        history, series = recorded(Path(folder)), rewards(REWARDS)
        path = which("chromium") or which("chromium-browser") or which("google-chrome")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"]).new_page()
        browser.set_viewport_size({"width": 1200, "height": 900})
        browser.add_script_tag(content=get_plotlyjs())
        ours = cost(*built(lambda: draw(timeline(history, metric=series))), browser)
        peer = cost(*built(lambda: naive(series, CHANGES)), browser)
    print_cost("the timeline of 5,000 changes and 1,000,000 rewards", ours)
    print_cost("every reward, and a line for each change", peer)


def print_cost(name: str, found: Cost) -> None:
    print(
        f"{name}: {found.build:.2f} s CPU to build, {found.megabytes:.2f} MB without plotly.js, first drawn after "
        f"{found.first:.2f} s, a hover {1e3 * found.hover:.0f} ms (slowest {1e3 * found.slowest:.0f} ms)"
    )


if __name__ == "__main__":
    main()
