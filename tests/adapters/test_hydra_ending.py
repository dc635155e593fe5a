"""However a job ends, its records and its ending are in the journal."""

import signal
from pathlib import Path

import pytest
from apps import DIR, ON, answer, app, run

from envcfg import load

TERMINATE = "os.kill(os.getpid(), signal.SIGTERM)"
UNWIND = f"""try:
        {TERMINATE}
    finally:
        tracker.record({{"level": "last"}}, step=30, epoch=3)"""


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [
        ("raise ValueError('boom')", "failed", 1),
        ("raise KeyboardInterrupt", "interrupted", -signal.SIGINT),
        ("sys.exit(3)", "interrupted", 3),
        (TERMINATE, "interrupted", 128 + signal.SIGTERM),
        ("os.kill(os.getpid(), signal.SIGKILL)", "cut off", -signal.SIGKILL),
    ],
)
def test_however_a_job_ends_its_records_and_its_ending_are_in_the_journal(tmp_path, ending, status, code):
    done = run(app(tmp_path, ending=ending), ON, DIR)
    assert done.returncode == code
    history = load(tmp_path / "out")
    assert history.status == status
    assert [adoption.record.step for adoption in history.adoptions] == [0, 10, 20]


def test_an_app_that_is_terminated_can_still_record_while_it_unwinds(tmp_path):
    done = run(app(tmp_path, ending=UNWIND), ON, DIR)
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "")
    history = load(tmp_path / "out")
    assert (history.status, history.at(30)) == ("interrupted", {"level": "last"})


def test_an_apps_own_sigterm_handler_is_left_alone(tmp_path):
    own = "signal.signal(signal.SIGTERM, lambda *_: print('theirs'))"
    done = run(app(tmp_path, prelude=own, ending=TERMINATE), ON, DIR)
    assert (done.returncode, "theirs" in done.stdout) == (0, True)
    assert load(tmp_path / "out").status == "completed"


def test_a_forked_worker_dies_of_sigterm_as_without_envcfg(tmp_path):
    worker = "pid = os.fork() or os.kill(os.getpid(), signal.SIGTERM); print('ended', os.waitpid(pid, 0)[1])"
    done = run(app(tmp_path, ending=worker), ON, DIR)
    assert f"ended {int(signal.SIGTERM)}\n" in done.stdout
    assert answer(done)["tracker"] == "Tracker"
    assert load(tmp_path / "out").status == "completed"


def test_after_the_job_the_signal_handlers_are_restored(tmp_path):
    train = app(tmp_path)
    after = "print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, type(envcfg.tracker()).__name__)"
    train.write_text(f"{train.read_text()}    {after}\n")
    assert "True NullTracker\n" in run(train, ON, DIR).stdout


CHAINING = """
before = signal.getsignal(signal.SIGTERM)
    def chain(number, frame):
        print('theirs')
        if callable(before):
            before(number, frame)
    signal.signal(signal.SIGTERM, chain)
    """
"""As Lightning does it: its own handler notes the signal, then calls the one that was there before."""


def test_a_later_handler_of_the_app_that_calls_ours_decides_how_to_stop(tmp_path):
    done = run(app(tmp_path, ending=CHAINING.strip() + f"\n    {TERMINATE}"), ON, DIR)
    assert (done.returncode, "theirs" in done.stdout) == (0, True), done.stderr
    assert load(tmp_path / "out").status == "completed"


def test_our_handler_ends_an_app_that_restores_it_within_its_job(tmp_path):
    back = CHAINING.strip() + f"\n    signal.signal(signal.SIGTERM, before); {TERMINATE}"
    done = run(app(tmp_path, ending=back), ON, DIR)
    assert done.returncode == 128 + signal.SIGTERM
    assert load(tmp_path / "out").status == "interrupted"


def test_our_handler_does_nothing_if_an_app_restores_it_after_its_job(tmp_path):
    train = app(
        tmp_path, prelude="kept = []", ending=f"kept.append(signal.getsignal(signal.SIGTERM)); {CHAINING.strip()}"
    )
    train.write_text(f"{train.read_text()}    signal.signal(signal.SIGTERM, kept[0])\n    {TERMINATE}\n")
    assert run(train, ON, DIR).returncode == -signal.SIGTERM
    assert load(tmp_path / "out").status == "completed"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells which signals C code handles")
def test_a_handler_of_faulthandler_is_not_replaced(tmp_path):
    dump = "import faulthandler; faulthandler.register(signal.SIGTERM)"
    done = run(app(tmp_path, prelude=dump, ending=TERMINATE), ON, DIR)
    assert (done.returncode, "most recent call first" in done.stderr) == (0, True)
    assert load(tmp_path / "out").status == "completed"
