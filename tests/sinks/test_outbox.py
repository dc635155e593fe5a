"""What waits for a service that refuses or hangs."""

import threading

import pytest

from envcfg.core.errors import EnvcfgError
from envcfg.sinks.outbox import Outbox


def test_items_are_sent_in_order_and_those_that_were_refused_again():
    sent, refusals = [], [OSError("no"), OSError("no")]

    def send(items):
        if refusals:
            raise refusals.pop()
        sent.extend(items)

    outbox = Outbox(send)
    raised = 0
    for item in range(5):
        try:
            outbox.add(item)
        except OSError:
            raised += 1
        outbox._uploads.wait(60.0)
    outbox.close(lambda: sent.append("last"), patience=60.0, what="it")
    assert 1 <= raised <= 2  # of two that came before the next call, the last one
    assert sent == [0, 1, 2, 3, 4, "last"]


def test_a_service_that_hangs_stops_no_training_and_is_told_at_the_end():
    may_end = threading.Event()
    outbox = Outbox(lambda _: may_end.wait(), most=3)
    for item in range(10):
        outbox.add(item)
    with pytest.raises(EnvcfgError, match=r"it did not take everything within 0\.01 s; the journal is complete"):
        outbox.close(lambda: None, patience=0.01, what="it")
    assert len(outbox._waiting) <= 3
    may_end.set()
    outbox._uploads.wait(60.0)
