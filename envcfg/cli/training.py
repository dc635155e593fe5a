"""Runs a training as a child process that handles Ctrl-C itself."""

import signal
import subprocess
import sys
from collections.abc import Sequence


def run(command: Sequence[str]) -> int:
    """Run *command* and return its exit status.

    Ctrl-C reaches the training too. It then closes its journal, and this function waits for it. Meanwhile our own
    handler does nothing, because a second Ctrl-C could make `Popen.wait` hang forever. The training gets Python's usual
    handler, unless Ctrl-C was ignored when `envcfg` started.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.call(command, stdout=sys.stderr)  # noqa: S603  # the user's own app
    finally:
        signal.signal(signal.SIGINT, before)
