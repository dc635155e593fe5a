"""The trackers of this process, to find a tracker that is unpickled again, and to notify all trackers of a fork."""

import os
from typing import Final, Protocol
from weakref import WeakValueDictionary

from envcfg.core.record import Status
from envcfg.tracking.processes.handoff import Key


class OpenTracker(Protocol):
    """A tracker that can be closed at the exit of its process."""

    is_job: bool

    def close_at_exit(self, status: Status | None) -> None:
        """Close an open tracker of this process; *status* is None if it is not known how the program ended."""


class RegisteredTracker(OpenTracker, Protocol):
    """A tracker that can be notified of a fork."""

    def before_fork(self) -> None:
        """Called just before the process forks."""

    def after_fork(self) -> None:
        """Called in the child. The threads of the parent do not exist there, but their locks may still be locked."""


trackers: Final[WeakValueDictionary[Key, RegisteredTracker]] = WeakValueDictionary()


def _before() -> None:
    for tracker in list(trackers.values()):
        tracker.before_fork()


def _in_child() -> None:
    for tracker in list(trackers.values()):
        tracker.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=_before, after_in_child=_in_child)
