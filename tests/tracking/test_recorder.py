"""One protocol for what a training loop calls, and two classes that have it."""

import inspect

import pytest

import envcfg
from envcfg.tracking.ambient import NullTracker


def methods(kind):
    return {name: call for name, call in inspect.getmembers(kind, callable) if not name.startswith("_")}


def parameters(call):
    return list(inspect.signature(call).parameters.values())


@pytest.mark.parametrize("kind", [envcfg.Tracker, NullTracker])
@pytest.mark.parametrize("name", sorted(methods(envcfg.Recorder)))
def test_a_recorder_takes_what_the_protocol_says(kind, name):
    assert parameters(getattr(kind, name)) == parameters(getattr(envcfg.Recorder, name))


def test_the_silent_recorder_has_no_method_that_the_protocol_lacks():
    assert methods(NullTracker).keys() == methods(envcfg.Recorder).keys()


def test_the_trackers_further_methods_are_for_processes_not_for_training_loops():
    further = methods(envcfg.Tracker).keys() - methods(envcfg.Recorder).keys()
    assert further == {"after_fork", "before_fork", "close_at_exit"}
