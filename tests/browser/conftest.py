"""A real Chromium, which reaches nothing but this machine; where there is none, the tests say so and are skipped."""

import shutil

import pytest
from browsing import go_to, visiting

from envcfg import load_sweep, sample
from envcfg.figures.pages.report import report

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(names)} is installed; `make browser` installs one with apt-get")
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    with visiting(chromium) as visit:
        yield visit


@pytest.fixture(scope="session")
def forage_report(tmp_path_factory):
    """The address of the report of the sample run."""
    path = tmp_path_factory.mktemp("forage") / "page.html"
    path.write_text(report(load_sweep(sample())), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def forage(chromium, forage_report):
    """That report, opened once for all tests of a file."""
    with visiting(chromium) as visit:
        go_to(visit, forage_report, until="document.getElementById('change-picker')?.hidden === false")
        yield visit
