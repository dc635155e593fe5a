"""A training as a process of its own, which a Ctrl-C reaches before it reaches us."""

import signal
import subprocess
import sys
from collections.abc import Sequence


def run(command: Sequence[str]) -> int:
    """The exit status. Ctrl-C reaches the training as well: it closes its journal, and we wait for that.

    A handler that does nothing, since `Popen.wait` hangs for ever where a second Ctrl-C hits it holding its lock; the
    training has Python's own again, unless whoever started us has Ctrl-C ignored.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.call(command, stdout=sys.stderr)  # noqa: S603  # the user's own app
    finally:
        signal.signal(signal.SIGINT, before)
