"""What worker processes run in the tests: they are started anew, so it has to lie in a module."""

import contextlib
import os
import shutil
import signal

from envcfg.core.errors import ConfigError


def config(level):
    return {"level": level, "rows": [[0] * 5] * 5}


def adopt(tracker, slot, levels):
    """An environment that adopts one config after another at its resets, and knows nothing of the trainer's steps."""
    for level in levels:
        tracker.record(config(level), slot=slot, task=f"t{level}")
        assert tracker.digest(slot) is not None


def adopt_and_die(tracker, slot, levels):
    adopt(tracker, slot, levels)
    os.kill(os.getpid(), signal.SIGKILL)


def serve(tracker, slot, pipe):
    """A worker of a vector env: adopts what it is sent, and says so."""
    for level in iter(pipe.recv, None):
        tracker.record(config(level), slot=slot, task=f"t{level}")
        pipe.send(tracker.digest(slot))


def two_envs(one, other):
    """Two environments of one worker, each of which was pickled with the tracker."""
    assert one is other
    one.record(config(1), slot=0)
    other.record(config(2), slot=1)


def record_plain(tracker, plain):
    tracker.record(plain)
    assert tracker.digest() is not None


def outlive(tracker, slot, pipe, trainers_end):
    """A worker whose trainer dies after its first adoption: the pipe tells it."""
    trainers_end.close()
    adopt(tracker, slot, [1])
    pipe.send("adopted")
    try:
        pipe.recv()
    except EOFError:
        adopt(tracker, slot, [2])
        os.write(1, b"recorded on\n")


def fail(tracker, _):
    tracker.record({"fn": print})


def fail_and_swallow(tracker, _):
    with contextlib.suppress(ConfigError):
        tracker.record({"fn": print})


def fail_and_go_on(tracker):
    tracker.record({"a": 1}, step="soon")


def lose_the_folder(tracker, folder):
    adopt(tracker, 0, [1])
    shutil.rmtree(folder)
