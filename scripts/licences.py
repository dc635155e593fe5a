"""Prints the licence of every package that an installation of envcfg brings along: `python scripts/licences.py`.

The extras for users count, those for development do not. The exit status is 1 if a licence is not known to allow
commercial use.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NOT_FOR_USERS: Final = ("dev", "docs")
ALLOWED: Final = re.compile(
    r"\b(MIT|MIT-0|BSD|[0-3]-Clause|0BSD|Apache|ISC|ISCL|PSF|Python Software Foundation|Python-2\.0|MPL|Mozilla Public|"
    r"Unlicense|Zlib|HPND|CC0|CNRI|Boost|NCSA)\b",
    re.IGNORECASE,
)


def packages() -> list[str]:
    """The names of the installed packages that envcfg with its extras for users requires, at any depth."""
    extras = set(distribution("envcfg").metadata.get_all("Provides-Extra") or ()) - set(NOT_FOR_USERS)
    found: dict[str, set[str]] = {}
    waiting = [("envcfg", extra) for extra in ("", *extras)]
    while waiting:
        name, extra = waiting.pop()
        if extra in found.setdefault(name, set()):
            continue
        found[name].add(extra)
        waiting += [(other, each) for other, wanted in _required(name, extra) for each in ("", *wanted)]
    return sorted(name for name in found if name != "envcfg" and _is_installed(name))


def _required(name: str, extra: str) -> Iterator[tuple[str, set[str]]]:
    if _is_installed(name):
        for requirement in map(Requirement, distribution(name).requires or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                yield canonicalize_name(requirement.name), requirement.extras


def _is_installed(name: str) -> bool:
    """Whether the package is installed. One for another platform or another Python is not."""
    try:
        return bool(distribution(name).version)
    except PackageNotFoundError:
        return False


def licence(name: str) -> str:
    """The licence that the metadata of a package states, in a line; empty if it states none."""
    metadata = distribution(name).metadata
    classifiers = [line for line in metadata.get_all("Classifier") or () if line.startswith("License ::")]
    stated = [metadata.get("License-Expression"), *(line.rpartition(" :: ")[2] for line in classifiers)]
    known = [text for text in stated if text and text != "OSI Approved"] or [metadata.get("License") or ""]
    return ", ".join(dict.fromkeys(text.strip().partition("\n")[0] for text in known))


if __name__ == "__main__":
    rows = [(name, distribution(name).version, licence(name)) for name in packages()]
    for row in rows:
        print("  ".join(row))
    others = [name for name, _, found in rows if not ALLOWED.search(found)]
    if others:
        sys.exit(f"read the licence of: {', '.join(others)}")
