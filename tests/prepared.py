"""Python programs in processes of their own, which find their imports made: each is forked from one that made them.

Importing W&B, Hydra or torch takes a small program a second or two. A program here is a process as any other: it has
its own folder, variables, streams and exit status, and it ends as the interpreter ends. What a test says of a *fresh*
interpreter (what it imports, how it starts) does not belong here.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType

LAUNCHERS = ("hydra_joblib_launcher.joblib_launcher", "hydra_submitit_launcher.submitit_launcher")
HYDRA = (
    "envcfg.adapters.hydra_callback",
    "envcfg.sinks.wandb.sink",
    *(f"hydra_plugins.{launcher}" for launcher in LAUNCHERS),
)
RECORDING = ("envcfg.sinks.wandb.sink", "envcfg.tracking.tracker")
READING = ("envcfg.sources.load", "envcfg.sources.wandb.source", "envcfg.sources.wandb.client")
WANDB = ("wandb.apis.public", "requests", *RECORDING, *READING)
PARTS = ("logbook", "slots", "ppo", "cartpole_world", "mettagrid_world")
DEMO = (*HYDRA, *WANDB, "torch._dynamo", "gymnasium", *(f"envcfg.demo.{part}" for part in PARTS))
READ_AT_START = ("PYTHON", "LC_", "LANG")
"""How the names of those variables begin that the interpreter reads when it starts."""
AT_START = dict(os.environ)
"""The variables of the processes that make the imports; a test may change those of its own process."""


def run(arguments, *, cwd, env, imports):
    """What `subprocess.run([sys.executable, *arguments], ...)` gives, with its output as text."""
    arguments = [str(argument) for argument in arguments]
    if not hasattr(os, "fork") or _read_at_start(env) != _read_at_start(AT_START):
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    with tempfile.TemporaryDirectory() as folder:
        streams = [os.devnull, str(Path(folder, "out")), str(Path(folder, "err"))]
        job = {"arguments": arguments, "cwd": str(cwd), "env": dict(env), "streams": streams}
        status = _answer(_parent(imports, threading.get_ident()), job)
        said = [Path(path).read_text(encoding="utf-8") for path in streams[1:]]
    return subprocess.CompletedProcess([sys.executable, *arguments], status, *said)


def _read_at_start(env):
    return {name: value for name, value in env.items() if name.startswith(READ_AT_START)}


@cache
def _parent(imports, _thread):
    """The process that has made these imports, and that answers one thread; it ends with this one."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    parent = subprocess.Popen([sys.executable, __file__, *imports], text=True, env=AT_START, **pipes)
    atexit.register(parent.communicate)
    return parent


def _answer(parent, job):
    parent.stdin.write(json.dumps(job) + "\n")
    parent.stdin.flush()
    return int(parent.stdout.readline())


def _serve(imports):
    """Fork a child for each job, and say how it ended; a child gets its job here, and goes on as that program."""
    gc.disable()
    for name in imports:
        with suppress(ImportError):  # an extra that is not installed
            importlib.import_module(name)
    gc.collect()
    gc.enable()
    gc.freeze()  # or each child goes through all objects of the imports when it ends, and so copies their memory
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            return json.loads(line)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201
    sys.exit()


def _become(job):
    """Run a program as `python` with these arguments would."""
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    for number, path in enumerate(job["streams"]):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    first, *rest = job["arguments"]
    match first:
        case "-c":
            sys.argv, sys.path[0] = ["-c", *rest[1:]], ""
            main = sys.modules["__main__"] = ModuleType("__main__")
            exec(compile(rest[0], "<string>", "exec"), vars(main))  # noqa: S102
        case "-m":
            sys.argv, sys.path[0] = rest, ""
            runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        case _:
            sys.argv, sys.path[0] = [first, *rest], str(Path(first).parent.resolve())
            runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    _become(_serve(sys.argv[1:]))
