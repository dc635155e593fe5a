"""The least versions that pyproject.toml promises, as constraints for pip: `python scripts/least_versions.py figures`.

`core` stands for the dependencies of every installation. `--tests figures` prints the tests that are about that extra,
and `--tools figures` the packages that they need beside it.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# only one build can be installed where this project is developed, so the pinned version replaces the least one
PINNED = "torch"
TESTS = {
    "core": "tests/cli/test_help.py tests/cli/test_docs.py tests/cli/test_without_extras.py tests/core tests/journal",
    "wandb": "tests/sinks/wandb/test_sink.py tests/sinks/wandb/test_metrics.py tests/sinks/wandb/test_online.py "
    "tests/sources/wandb/test_codes.py tests/sources/wandb/test_runs.py tests/sources/wandb/test_source.py",
    "figures": "tests/figures/changes tests/figures/run tests/figures/pages tests/figures/test_every_figure.py",
    "workspaces": "tests/figures/wandb",
    "tables": "tests/tables tests/analysis/test_dataset.py",
    "ray": "tests/tables",
    "stats": "tests/analysis/effects/test_effects.py tests/analysis/effects/test_reml.py tests/analysis/sweep",
    "scan": "tests/analysis/effects/test_scan.py",
    "notebook": "tests/figures/notebook tests/notebooks",
    "serve": "tests/serving",
    "export": "tests/browser/test_picture.py",
    "tensorboard": "tests/sinks/test_tensorboard.py",
    "mlflow": "tests/libraries/test_mlflow.py",
    "trackio": "tests/libraries/test_trackio.py",
    "gymnasium": "tests/adapters/test_gymnasium.py tests/adapters/test_transparent.py",
    "sb3": "tests/adapters/test_sb3.py",
    "demo": "tests/demo/test_conf.py tests/demo/test_curricula.py tests/demo/test_slots.py tests/demo/test_worlds.py",
}
"""Of the core and of each extra: the tests that are about it, and that end in about a minute."""
TOOLS = ("pytest", "pytest-timeout", "hypothesis")
SERVER = ("graphql-core", "polars")
"""What the W&B server of the tests needs."""
LOGS = ("wandb",)
"""What writes and reads the metrics of the tests."""
TOOLS_OF = {
    "figures": LOGS,
    "stats": LOGS,
    "tables": LOGS,
    "ray": LOGS,
    "serve": LOGS,
    "wandb": SERVER,
    "workspaces": (*SERVER, "vl-convert-python"),
    "notebook": ("nbclient",),
    "export": ("playwright",),
}


def requirements(part: str) -> Iterator[Requirement]:
    """Yield the requirements of the core or of an extra, including those of other extras that it names."""
    for line in PROJECT["dependencies"] if part == "core" else EXTRAS[part]:
        requirement = Requirement(line)
        if requirement.name == PROJECT["name"]:
            for other in sorted(requirement.extras):
                yield from requirements(other)
        elif requirement.marker is None or requirement.marker.evaluate():
            yield requirement


def extras_of(part: str) -> set[str]:
    """Return the extra and all extras that it names. The core has none."""
    if part == "core":
        return set()
    named = [Requirement(line) for line in EXTRAS[part] if Requirement(line).name == PROJECT["name"]]
    return {part}.union(*(extras_of(other) for requirement in named for other in requirement.extras))


def own_packages(part: str) -> list[str]:
    """Return the names of the packages that the core or an extra requires."""
    return sorted({requirement.name for requirement in requirements(part)})


def least(requirement: Requirement) -> Version:
    """Return the version after `>=`."""
    (bound,) = (Version(each.version) for each in requirement.specifier if each.operator == ">=")
    return bound


def tools(part: str) -> list[str]:
    """Return the packages that the tests of the core or of an extra need beside it."""
    return [*TOOLS, *TOOLS_OF.get(part, ())]


def pinned(name: str) -> str:
    """Return the version of a package in constraints.txt."""
    (version,) = re.findall(rf"(?m)^{name}==(\S+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"))
    return version


def constraints(part: str) -> list[str]:
    """Return a line for each package. If two parts need the same package, the higher bound counts."""
    found: dict[str, Version] = {}
    for requirement in [*requirements("core"), *requirements(part)]:
        found[requirement.name] = max(least(requirement), found.get(requirement.name, Version("0")))
    versions = {tool: pinned(tool) for tool in tools(part)} | found | {PINNED: pinned(PINNED)}
    return [f"{name}=={version}" for name, version in sorted(versions.items())]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--tests", part]:
            print(TESTS[part])
        case ["--tools", part]:
            print(*tools(part))
        case [part]:
            print(*constraints(part), sep="\n")
