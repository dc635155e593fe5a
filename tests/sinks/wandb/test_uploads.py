import threading

import pytest

from envcfg.sinks.wandb.uploads import Uploads


def test_only_the_latest_of_several_waiting_uploads_is_made():
    uploads, made = Uploads(), []
    is_running, may_end = threading.Event(), threading.Event()

    def first():
        is_running.set()
        may_end.wait()
        made.append(0)

    uploads.submit(first)
    is_running.wait()
    for number in range(1, 5):
        uploads.submit(lambda number=number: made.append(number))
    assert not uploads.wait(0.0)
    may_end.set()
    assert uploads.wait(60.0)
    assert made == [0, 4]


def test_an_upload_never_runs_on_the_thread_that_submits_it():
    uploads, threads = Uploads(), []
    uploads.submit(lambda: threads.append(threading.current_thread()))
    assert uploads.wait(60.0)
    assert threads != [threading.current_thread()]


def test_raise_error_raises_an_error_once_and_later_uploads_are_made():
    uploads, made = Uploads(), []
    uploads.submit(lambda: 1 / 0)
    assert uploads.wait(60.0)
    uploads.submit(lambda: made.append(1))
    assert uploads.wait(60.0)
    assert uploads.has_failed
    with pytest.raises(ZeroDivisionError):
        uploads.raise_error()
    assert not uploads.has_failed
    uploads.raise_error()
    assert made == [1]


def test_uploads_that_replace_none_are_all_made_in_order():
    uploads, made = Uploads(), []
    may_begin = threading.Event()
    uploads.submit(may_begin.wait, replaces=False)
    for number in range(3):
        uploads.submit(lambda number=number: made.append(number), replaces=False)
    may_begin.set()
    assert uploads.wait(60.0)
    assert made == [0, 1, 2]
