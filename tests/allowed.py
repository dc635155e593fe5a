"""A plugin, `-p allowed`: a test that needs a package that is not installed is skipped. `make test-minimum` has it.

A package that is installed and lacks a part, as an old release may, is no reason to skip.
"""

import re
import subprocess
from importlib.util import find_spec

import pytest

from envcfg.core.errors import MissingExtraError

NOT_FOUND = re.compile(r"No module named '(\w+)")
EXTRA = re.compile(r"needs packages that are not installed.*\[(\w+)\]")
A_PACKAGE_OF = {
    "demo": "torch",
    "export": "kaleido",
    "figures": "plotly",
    "gymnasium": "gymnasium",
    "notebook": "anywidget",
    "ray": "ray",
    "scan": "ruptures",
    "sb3": "stable_baselines3",
    "stats": "scipy",
    "tables": "polars",
    "wandb": "wandb",
    "workspaces": "wandb_workspaces",
}


HEARD = []
"""What the processes of the test printed, and each extra that a command in the test's own process did not find."""


def missing(error):
    """The package that *error*, its cause, or a command of the test did not find; None where all are installed."""
    texts = [*HEARD]
    while error is not None:
        texts.append(str(error))
        error = error.__cause__ or error.__context__
    said = "\n".join(texts)
    names = [*NOT_FOUND.findall(said), *(A_PACKAGE_OF[extra] for extra in EXTRA.findall(said))]
    return next((name for name in names if find_spec(name) is None), None)


def listen_to_processes(communicate=subprocess.Popen.communicate):
    """Keep what processes print, for their tests show little of it."""

    def heard(process, *arguments, **named):
        printed = communicate(process, *arguments, **named)
        HEARD.extend(text if isinstance(text, str) else text.decode(errors="replace") for text in printed if text)
        return printed

    subprocess.Popen.communicate = heard


def listen_to_commands(init=MissingExtraError.__init__):
    """Keep each error about a missing extra: a command in this process prints it, and a report shows it as a part."""

    def heard(error, *arguments, **named):
        init(error, *arguments, **named)
        HEARD.append(str(error))

    MissingExtraError.__init__ = heard


def pytest_configure():
    listen_to_processes()
    listen_to_commands()


def pytest_runtest_logstart():
    HEARD.clear()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    package = missing(report.call.excinfo.value) if report.failed else None
    if package is not None:
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), 0, f"{package} is not installed")
    return report


def skip_or_raise(error):
    package = missing(error)
    if package is None:
        raise error
    pytest.skip(f"{package} is not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup():
    try:
        return (yield)
    except Exception as error:  # noqa: BLE001  # every one but a skip is raised again
        return skip_or_raise(error)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call():
    try:
        return (yield)
    except Exception as error:  # noqa: BLE001
        return skip_or_raise(error)
