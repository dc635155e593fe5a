"""A real process, killed with SIGKILL: nothing that `record()` returned from is lost."""

import signal
import subprocess
import sys

import pytest

from envcfg import load

RECORDER = """
import sys
from envcfg import Tracker
tracker = Tracker(sys.argv[1], run="killed")
tracker._out.journal.rotate_at = 3_000
step = 0
while True:
    tracker.record({"level": step, "rows": [[0] * 5] * 5}, step=step, epoch=step // 10, task=f"t{step % 7}")
    sys.stdout.write(f"{step}\\n")
    sys.stdout.flush()
    step += 1
"""


@pytest.mark.parametrize("acknowledged", [1, 2, 25, 100, 333])
def test_every_record_that_returned_is_read_back_after_a_kill(journal, acknowledged):
    with subprocess.Popen([sys.executable, "-c", RECORDER, str(journal)], stdout=subprocess.PIPE, text=True) as process:
        last = [int(process.stdout.readline()) for _ in range(acknowledged)][-1]
        process.send_signal(signal.SIGKILL)
        last = [int(line) for line in process.stdout.read().split()][-1:] or [last]
    history = load(journal)
    assert process.returncode == -signal.SIGKILL
    assert history.status == "cut off"
    steps = [adoption.record.step for adoption in history.adoptions]
    assert steps[: last[0] + 1] == list(range(last[0] + 1))
    assert all(history.at(step)["level"] == step for step in steps)
