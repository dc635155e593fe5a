"""The protocol of the calls in a training loop, and its two classes."""

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
def test_each_recorder_has_the_signatures_of_the_protocol(kind, name):
    assert parameters(getattr(kind, name)) == parameters(getattr(envcfg.Recorder, name))


def test_the_null_tracker_has_only_methods_of_the_protocol():
    assert methods(NullTracker).keys() == methods(envcfg.Recorder).keys()


def test_the_other_methods_of_the_tracker_are_for_processes():
    further = methods(envcfg.Tracker).keys() - methods(envcfg.Recorder).keys()
    assert further == {"after_fork", "before_fork", "close_at_exit"}
