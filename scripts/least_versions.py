"""The least versions that pyproject.toml promises, as constraints for pip: `python scripts/least_versions.py figures`.

`core` stands for the dependencies of every installation. `--extras` prints the names of all extras for users, without
`dev` and `docs`.
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


def requirements(part: str) -> Iterator[Requirement]:
    """Yield the requirements of the core or of an extra, including those of other extras that it names."""
    for line in PROJECT["dependencies"] if part == "core" else EXTRAS[part]:
        requirement = Requirement(line)
        if requirement.name == PROJECT["name"]:
            for other in sorted(requirement.extras):
                yield from requirements(other)
        elif requirement.marker is None or requirement.marker.evaluate():
            yield requirement


def least(requirement: Requirement) -> Version:
    """Return the version after `>=`."""
    (bound,) = (Version(each.version) for each in requirement.specifier if each.operator == ">=")
    return bound


def pinned() -> str:
    """Return the line of constraints.txt for `PINNED`."""
    (line,) = re.findall(rf"(?m)^{PINNED}==.*$", (ROOT / "constraints.txt").read_text(encoding="utf-8"))
    return line


def constraints(part: str) -> list[str]:
    """Return a line for each package. If two parts need the same package, the higher bound counts."""
    found: dict[str, Version] = {}
    for requirement in [*requirements("core"), *requirements(part)]:
        found[requirement.name] = max(least(requirement), found.get(requirement.name, Version("0")))
    return [pinned(), *(f"{name}=={version}" for name, version in sorted(found.items()) if name != PINNED)]


if __name__ == "__main__":
    (asked,) = sys.argv[1:]
    print(
        *([extra for extra in EXTRAS if extra not in ("dev", "docs")] if asked == "--extras" else constraints(asked)),
        sep="\n",
    )
