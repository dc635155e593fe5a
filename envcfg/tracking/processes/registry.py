"""The trackers of this process: found again when one comes back in a pickle, told when it forks, closed at its exit."""

import os
from typing import Final, Protocol
from weakref import WeakValueDictionary

from envcfg.core.record import Status
from envcfg.tracking.processes.handoff import Key


class Unclosed(Protocol):
    """A tracker that may be closed for its owner."""

    is_job: bool

    def close_at_exit(self, status: Status | None) -> None:
        """Close it, unless somebody has or it is another process's; None where nobody knows how the program ended."""


class Registered(Unclosed, Protocol):
    """A tracker, as this file sees it."""

    def before_fork(self) -> None:
        """The process is about to fork."""

    def after_fork(self) -> None:
        """This is the child; the threads of the parent are gone, with whatever locks they held."""


trackers: Final[WeakValueDictionary[Key, Registered]] = WeakValueDictionary()


def _before() -> None:
    for tracker in list(trackers.values()):
        tracker.before_fork()


def _in_child() -> None:
    for tracker in list(trackers.values()):
        tracker.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(before=_before, after_in_child=_in_child)
