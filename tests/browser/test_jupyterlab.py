"""Notebooks in a real JupyterLab in a real browser: they draw, answer, look closer, and follow a running job."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from browsing import Visit, visiting
from playwright.sync_api import TimeoutError as NotYet

from envcfg import Tracker

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
PLOTS = "document.querySelectorAll('.jp-Notebook .js-plotly-plot .main-svg:first-of-type').length"
READY = "window.jupyterapp?.shell?.currentWidget?.context?.sessionContext?.session?.kernel?.status === 'idle'"
SWITCH = """source => {
    const cells = [...jupyterapp.shell.currentWidget.content.model.cells];
    cells.find(cell => cell.type === 'code').sharedModel.setSource(source);
}"""
LAST = "[...document.querySelectorAll('.jp-Notebook .js-plotly-plot')].at(-1)"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab on this machine, with a home of its own and copies of the notebooks."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(NOTEBOOKS, home / "notebooks")
    for name, values in SETTINGS.items():
        place = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(values))
    own = {name: str(home / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "HOME")}
    arguments = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": "0",
        "ServerApp.allow_root": "True",
        "ServerApp.root_dir": str(home / "notebooks"),
        "IdentityProvider.token": "",
        "LabApp.open_browser": "False",
        "LabApp.expose_app_in_browser": "True",
        "LabApp.user_settings_dir": str(home / "settings"),
        "LabApp.workspaces_dir": str(home / "workspaces"),
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in arguments.items())]
    with (
        (home / "log").open("w") as log,
        subprocess.Popen(command, env={**os.environ, **own}, stdout=log, stderr=log) as server,
    ):
        yield address(home / "JUPYTER_RUNTIME_DIR", server)
        server.terminate()


def address(folder, server):
    """Where the server says that it is, once it says so."""
    while not (said := list(folder.glob("jpserver-*.json"))):
        assert server.poll() is None, "JupyterLab ended before it began"
        time.sleep(0.05)
    return json.loads(said[0].read_text())["url"]


def opened(visit, lab, name, *, figures, source=None):
    """Open a notebook, switch its source, run all cells, and wait for its figures."""
    visit.page.goto(f"{lab}lab/tree/{name}.ipynb?reset")
    visit.page.wait_for_function(READY, timeout=60_000)
    if source is not None:
        visit.page.evaluate(SWITCH, source)
    visit.page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    visit.page.wait_for_function(f"{PLOTS} === {figures}", timeout=60_000)


@pytest.fixture(scope="module")
def timeline(chromium, lab):
    """The notebook `timeline` after all its cells; its explorer is the last of four figures."""
    with visiting(chromium) as visit:
        opened(visit, lab, "timeline", figures=4)
        visit.page.evaluate(f"{LAST}.scrollIntoView()")
        yield visit


def point_at(page, step, *, row):
    """Point at *step* in a row of the explorer."""
    page.evaluate(f"{LAST}.scrollIntoView()")
    x, y = page.evaluate(
        f"""([step, row]) => {{
            const g = {LAST}, l = g._fullLayout, box = g.getBoundingClientRect();
            return [box.x + l._size.l + l.xaxis.d2p(step), box.y + l[row]._offset + l[row]._length / 2];
        }}""",
        [step, row],
    )
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)


def test_all_figures_of_a_notebook_are_drawn_without_asking_anybody(timeline):
    assert timeline.page.locator(".jp-Notebook .jupyter-widgets.widget-vbox .js-plotly-plot").count() == 1
    assert (timeline.outside, timeline.errors) == ([], [])


def test_the_explorer_is_as_wide_as_its_place(timeline):
    timeline.page.wait_for_function(f"{LAST}._fullLayout.width === {LAST}.parentElement.clientWidth")


def test_a_hover_tells_of_a_change(timeline):
    point_at(timeline.page, 22_589, row="yaxis")
    told = timeline.page.locator(".hoverlayer .legendtext", has_text="change 1")
    assert "curriculum: returns 0.8553 (threshold 0.85)" in told.text_content()


def test_a_click_on_a_mark_shows_what_it_changed(timeline):
    details = timeline.page.locator(".jp-Notebook .widget-html", has_text="change 1")
    for _ in range(5):  # a press before Plotly has seen the mouse arrive is none: a person would press again
        point_at(timeline.page, 22_589, row="yaxis")
        timeline.page.locator(".hoverlayer .legendtext", has_text="change 1").wait_for()
        timeline.page.mouse.down()
        timeline.page.mouse.up()
        with suppress(NotYet):
            details.wait_for(state="attached", timeout=5_000)
            break
    assert "wall012+12" in details.text_content()


def test_a_drag_draws_the_stretch_anew(timeline):
    point_at(timeline.page, 50_000, row="yaxis2")
    timeline.page.locator(".hoverlayer .legendtext", has_text="task forage/meadow").wait_for()  # it follows the mouse
    timeline.page.mouse.down()
    point_at(timeline.page, 160_000, row="yaxis2")
    timeline.page.wait_for_selector(".zoombox", state="attached")
    timeline.page.mouse.up()
    timeline.page.wait_for_function(f"{LAST}._fullLayout.title.text.includes('2 changes from step')")
    timeline.page.locator(".jp-Notebook button", has_text="whole run").click()
    timeline.page.wait_for_function(f"{LAST}._fullLayout.title.text.includes('4 changes in 307,200 steps')")


def test_another_metric_can_be_chosen(timeline):
    timeline.page.locator(".jp-Notebook .widget-dropdown select").nth(1).select_option("reward/forage/winter")
    timeline.page.wait_for_function(f"{LAST}._fullLayout.yaxis2?.title.text === 'reward/forage/winter'")
    assert (timeline.outside, timeline.errors) == ([], [])


@pytest.mark.skip(
    reason="passes alone, but after the other files of a whole run the page stays empty: not yet understood"
)
def test_a_running_job_is_followed_until_it_ends(timeline, lab, tmp_path):
    visit = Visit(timeline.page.context)  # its browser has loaded JupyterLab once
    with Tracker(tmp_path / "envcfg", run="running") as tracker:
        tracker.record({"level": 0}, step=0)
        turn = f"source = {str(tmp_path)!r}"
        opened(visit, lab, "live", figures=1, source=turn)
        visit.page.wait_for_function(f"{LAST}._fullLayout.title.text.includes('0 changes in')", timeout=120_000)
        tracker.record({"level": 1}, step=100)
        visit.page.wait_for_function(
            f"{LAST}._fullLayout.title.text.includes('1 change in 100 steps')", timeout=120_000
        )
    visit.page.locator(".jp-Notebook .widget-html", has_text="run running: completed").wait_for(state="attached")
    assert (visit.outside, visit.errors) == ([], [])
