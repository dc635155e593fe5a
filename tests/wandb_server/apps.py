"""A trainer that uses the real client, and how the tests run Python against the server."""

import os

import prepared

TRAINER = """
import sys, threading, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

name, first = sys.argv[1], int(sys.argv[2])
run = wandb.init(project="p", id=name, name="brisk-" + name, resume="allow", settings=wandb.Settings(console="off"))
tracker = Tracker("envcfg-" + name, run="r", sinks=wandb_sinks(artifact_gap=0.0), job={"overrides": ["lr=0.1"]})
for epoch in range(first, first + 12):
    tracker.record({"max_steps": 100 + epoch // 6}, step=epoch * 10, epoch=epoch, task=f"t{epoch // 6}")
    run.log({"reward": epoch / 10, **({"eval/reward": epoch / 5} if epoch % 4 == 0 else {})}, step=epoch * 250_000)
    tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
tracker.close()
wandb.finish()
"""


def run_python(server, folder, script, *arguments, status=0, stderr="", imports=prepared.WANDB, **variables):
    """What a script prints; it must end with *status*, and say *stderr* on stderr, or nothing."""
    places = {"ENVCFG_CACHE_DIR": str(folder / "cache"), "HOME": str(folder), "NETRC": str(folder / "netrc")}
    environment = {**os.environ, **server.environment(folder), **places, **variables}
    done = prepared.run(["-c", script, *arguments], cwd=folder, env=environment, imports=imports)
    assert done.returncode == status, done.stderr
    assert (stderr in done.stderr) if stderr else (done.stderr == ""), done.stderr
    return done.stdout
