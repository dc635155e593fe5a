"""Run benchmarks and write their output into a page of the documentation. No number there is typed by hand.

    python benchmarks/page.py docs/performance.md            # all commands on the page
    python benchmarks/page.py docs/performance.md record     # only commands with this word

A comment above each block of the page has the command that printed it.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

BLOCK: Final = re.compile(r"(?s)<!-- (python [^\n]+?) -->\n```text\n.*?```")
HERE: Final = Path(__file__).parents[1]


def output(command: str) -> str:
    """The output of a command. It is also shown while the command runs. Exit status 1 means a missed target."""
    print(f"\n$ {command}", flush=True)
    arguments = [sys.executable, "-W", "ignore", *command.split()[1:]]
    with subprocess.Popen(arguments, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    if process.returncode not in (0, 1):
        sys.exit(f"{command} ended with status {process.returncode}: this block and those after it are unchanged")
    return "\n".join(lines).strip("\n")


def main(path: Path, words: list[str]) -> None:
    for command in BLOCK.findall(path.read_text(encoding="utf-8")):
        if all(word in command for word in words):
            block = f"<!-- {command} -->\n```text\n{output(command)}\n```"
            text = path.read_text(encoding="utf-8")
            path.write_text(BLOCK.sub(lambda found: block if found[1] == command else found[0], text), encoding="utf-8")  # noqa: B023


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
