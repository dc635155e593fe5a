"""However a job ends, its records and its ending are in the journal."""

import signal
from pathlib import Path

import pytest
from apps import DIR, ON, answer, app, run
from side_by_side import both, differences

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


REQUEUED = """
import os, signal
from pathlib import Path
import hydra
import envcfg

@hydra.main(config_path="conf", config_name="config", version_base="1.3")
def main(config):
    print("started", signal.getsignal(signal.SIGUSR2).__qualname__, signal.getsignal(signal.SIGTERM).__qualname__)
    for step in range(4):
        envcfg.tracker().record({"level": step}, step=step)
        if step == 2 and not Path("seen").exists():
            Path("seen").touch()
            os.kill(os.getpid(), signal.SIGTERM)  # submitit goes on, because Slurm sends it to all processes
            os.kill(os.getpid(), signal.SIGUSR2)  # submitit calls `checkpoint`, and starts the job again
    Path("trained").write_text("to the end")

if __name__ == "__main__":
    main()
"""


def started(folder):
    """What the job printed at each of its starts: the handlers that it found."""
    texts = [path.read_text() for path in sorted(folder.rglob("*_log.out"))]
    return [line for text in texts for line in text.splitlines() if line.startswith("started")]


def test_submitit_starts_a_preempted_job_again_as_it_does_without_envcfg(tmp_path, compared):
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "config.yaml").write_text("seed: 1\n")
    (tmp_path / "train.py").write_text(REQUEUED)
    asked = ["hydra/launcher=submitit_local", "hydra.launcher.timeout_min=5"]
    command = [str(tmp_path / "train.py"), "-m", *asked, "hydra.sweep.dir=out", "hydra.job.chdir=true"]
    without, recorded = both(tmp_path, command)
    found = compared("submitit, preempted", "hydra-submitit-launcher", differences(without, recorded))
    assert not any(found.values()), (found, without, recorded)
    assert without.status == 0, without.stderr
    assert {Path(name).name for name in without.files} >= {"seen", "trained"}
    assert started(tmp_path / "without") == started(tmp_path / "run")
    assert len(started(tmp_path / "run")) == 2
    assert load(tmp_path / "run" / "out").sessions == 2


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
