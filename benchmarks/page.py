"""Run benchmarks, and put what they print onto a page of the documentation: no number there was typed by hand.

    python benchmarks/page.py docs/performance.md            # all that the page names
    python benchmarks/page.py docs/performance.md record     # those with this word in their commands

Above each block of text on the page stands the command that it is the output of, in a comment.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

BLOCK: Final = re.compile(r"(?s)<!-- (python [^\n]+?) -->\n```text\n.*?```")
HERE: Final = Path(__file__).parents[1]


def output(command: str) -> str:
    """What a command prints, shown as it comes; a benchmark that misses a target may exit with 1."""
    print(f"\n$ {command}", flush=True)
    arguments = [sys.executable, "-W", "ignore", *command.split()[1:]]
    with subprocess.Popen(arguments, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    if process.returncode not in (0, 1):
        sys.exit(f"{command} ended with {process.returncode}: the page stays as it was from there on")
    return "\n".join(lines).strip("\n")


def main(path: Path, words: list[str]) -> None:
    for command in BLOCK.findall(path.read_text()):
        if all(word in command for word in words):
            block = f"<!-- {command} -->\n```text\n{output(command)}\n```"
            text = path.read_text()
            path.write_text(BLOCK.sub(lambda found: block if found[1] == command else found[0], text))  # noqa: B023


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
