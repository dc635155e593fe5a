"""However a job ends, its records and its ending are in the journal."""

import signal
from pathlib import Path

import pytest
from apps import DIR, ON, answer, app, run

from envcfg import load

TERMINATE = "os.kill(os.getpid(), signal.SIGTERM)"


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [
        ("raise ValueError('boom')", "failed", 1),
        ("raise KeyboardInterrupt", "interrupted", -signal.SIGINT),
        ("sys.exit(3)", "interrupted", 3),
        (TERMINATE, "cut off", -signal.SIGTERM),
        ("os.kill(os.getpid(), signal.SIGKILL)", "cut off", -signal.SIGKILL),
    ],
)
def test_however_a_job_ends_its_records_and_its_ending_are_in_the_journal(tmp_path, ending, status, code):
    done = run(app(tmp_path, ending=ending), ON, DIR)
    assert done.returncode == code
    history = load(tmp_path / "out")
    assert history.status == status
    assert [adoption.record.step for adoption in history.adoptions] == [0, 10, 20]


def test_an_app_that_turns_sigterm_into_an_exit_has_its_end_recorded(tmp_path):
    exits = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))"
    done = run(app(tmp_path, prelude=exits, ending=TERMINATE), ON, DIR)
    assert done.returncode == 143
    assert load(tmp_path / "out").status == "interrupted"


SIGNALS = {
    "no handler": TERMINATE,
    "a finally": f"""try:
        {TERMINATE}
    finally:
        print("finally")""",
    "every exception caught": f"""try:
        {TERMINATE}
    except BaseException as error:
        print("caught", type(error))""",
    "what is set": "print([(name, signal.getsignal(name)) for name in sorted(signal.valid_signals())])",
    "an own handler": f"""signal.signal(signal.SIGTERM, lambda *_: print("theirs"))
    {TERMINATE}""",
    # as Lightning does it: its own handler notes the signal, then calls the one that was there before
    "a chained handler": f"""before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *got: (print("theirs"), callable(before) and before(*got)))
    {TERMINATE}
    signal.signal(signal.SIGTERM, before)
    {TERMINATE}""",
    # as Slurm asks for it with --signal=USR1@60, and submitit with USR2
    "a request to save": """signal.signal(signal.SIGUSR1, lambda *_: print("saved"))
    signal.signal(signal.SIGUSR2, lambda *_: print("checkpointed"))
    os.kill(os.getpid(), signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR2)""",
    "a bypass": f"""signal.signal(signal.SIGTERM, lambda *_: None)
    {TERMINATE}; {TERMINATE}""",
    "asyncio": f"""import asyncio
    async def loop():
        done = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, done.set)
        {TERMINATE}
        await done.wait()
        print("asked to stop", asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM))
    asyncio.run(loop())
    {TERMINATE}""",
    "a fork": "pid = os.fork() or os.kill(os.getpid(), signal.SIGTERM); print('ended', os.waitpid(pid, 0)[1])",
    "a worker": """import multiprocessing, threading
    worker = multiprocessing.get_context("fork").Process(target=threading.Event().wait)
    worker.start(); worker.terminate(); worker.join(); print(worker.exitcode)""",
    "a thread": f"""import threading
    thread = threading.Thread(target=lambda: {TERMINATE})
    thread.start(); thread.join(); print("after")""",
}


@pytest.mark.parametrize("ending", SIGNALS.values(), ids=SIGNALS)
def test_signals_do_what_they_do_without_envcfg(tmp_path, ending):
    train = app(tmp_path, ending=ending)
    without, recorded = run(train, DIR), run(train, ON, DIR)
    assert recorded.stdout == without.stdout.replace("NullTracker", "Tracker")
    assert (recorded.returncode, recorded.stderr) == (without.returncode, without.stderr)
    assert len(load(tmp_path / "out").adoptions) == 3


def test_after_the_job_no_tracker_is_attached(tmp_path):
    train = app(tmp_path)
    train.write_text(f"{train.read_text()}    print(type(envcfg.tracker()).__name__)\n")
    assert run(train, ON, DIR).stdout.endswith("}\nNullTracker\n")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells which signals C code handles")
def test_a_handler_of_faulthandler_is_not_replaced(tmp_path):
    dump = "import faulthandler; faulthandler.register(signal.SIGTERM)"
    done = run(app(tmp_path, prelude=dump, ending=TERMINATE), ON, DIR)
    assert (done.returncode, "most recent call first" in done.stderr) == (0, True)
    assert answer(done)["tracker"] == "Tracker"
    assert load(tmp_path / "out").status == "completed"
