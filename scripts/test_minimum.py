"""Run the tests of the core and of each extra with the least versions: `python scripts/test_minimum.py core figures`.

Each part gets an environment of its own. All parts are tried, also if the tests of one fail. A table at the end says
which versions were installed, how many tests passed, and why others were skipped. Without names, it runs all parts.
`--tests` replaces the tests that scripts/least_versions.py names for a part.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
from typing import Any

from least_versions import ROOT, TESTS, constraints, tools

FOLDER = ROOT / ".venv-minimum"
PYTHON = FOLDER / ("Scripts" if os.name == "nt" else "bin") / "python"
RESULT = FOLDER / "result.json"


def install(part: str) -> bool:
    """Make the environment of a part anew. Return whether everything could be installed."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
    limits = FOLDER / "constraints.txt"
    limits.write_text("\n".join(constraints(part)), encoding="utf-8")
    package = "." if part == "core" else f".[{part}]"
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", "-c", limits]
    return subprocess.run([*pip, "-e", package, *tools(part)], cwd=ROOT, check=False).returncode == 0


def tried(part: str, tests: str | None) -> dict[str, Any]:
    """Run the tests of a part, and return their counts."""
    print(f"The least versions of {part}:", flush=True)
    if not install(part):
        return {"fault": "could not be installed"}
    named = shlex.split(tests or TESTS[part])
    plugin = ["-p", "allowed", "--part", part, "--result", RESULT, "--ignore", "tests/fuzz"]
    heavy = {"ENVCFG_LIBRARIES": "1"} if any(name.startswith("tests/libraries") for name in named) else {}
    command = [PYTHON, "-m", "pytest", *plugin, *named]
    status = subprocess.run(command, cwd=ROOT, env=os.environ | heavy, check=False).returncode
    counts = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    return {**counts, "fault": f"pytest ended with status {status}" if status else ""}


def row(part: str, result: dict[str, Any]) -> str:
    """Return the lines of the table about a part."""
    versions = ", ".join(f"{name} {number}" for name, number in result.get("versions", {}).items())
    lines = [
        f"{part}: {result.get('passed', 0)} passed{' - ' * bool(result['fault'])}{result['fault']}",
        f"  {versions}",
    ]
    return "\n".join([*lines, *(f"  {count} skipped: {why}" for why, count in result.get("skipped", {}).items())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", default=list(TESTS))
    parser.add_argument("--tests")
    chosen = parser.parse_args()
    results = {part: tried(part, chosen.tests) for part in chosen.parts}
    print(*(row(part, result) for part, result in results.items()), sep="\n")
    failed = [part for part, result in results.items() if result["fault"]]
    if failed:
        sys.exit(f"Their tests fail with the least versions: {' '.join(failed)}")


if __name__ == "__main__":
    main()
