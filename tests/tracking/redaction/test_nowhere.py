"""A training with every kind of secret: no file and no byte that reaches the server has one."""

import gzip
import json
import os
import subprocess
import sys

from known_secrets import SECRETS
from wandb_server.server import WandbServer

from envcfg import load

TRAINER = """
import json, os, sys
from pathlib import Path
import wandb
from omegaconf import OmegaConf
from envcfg import Cause, Redaction, Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

texts = json.loads(sys.stdin.read())  # not in the source of this program, which W&B may upload
hub = texts[-1]

class Broken:
    def model_dump(self, mode):
        raise ValueError(f"cannot dump {hub}")

root = OmegaConf.create({
    "hub": "${oc.env:HUB}", "at": "https://hub/${oc.env:HUB}/maps", "again": {"and": "${hub}"},
    "wrong": "${oc.decode:'{${oc.env:HUB}'}", "denied": texts[0], "password": Path(texts[0]),
    "keys": {text: {"level": 1} for text in texts[1:]},
})
run = wandb.init(project="p", id="run-1", settings=wandb.Settings(console="off"))
overrides = [f"+{texts[1]}.password=x", f"+{hub}.password=x"]
overrides += [f"+hub={texts[1]}", f"password={texts[0]}", f"note={hub}", "+login={user:me,password:%s}" % texts[0]]
job = {"name": hub, "overrides": overrides, "config": root}
rules = Redaction(deny=("denied", "map.seed"))
tracker = Tracker("envcfg", run="r", job=job, redaction=rules, curriculum=hub, sinks=wandb_sinks(artifact_gap=0.0))
for epoch, text in enumerate(texts):
    cause = Cause("manual", metric=f"reward {hub}", note=f"because of {text if epoch else hub}")
    config = {"max_steps": epoch, "map": {"seed": texts[0]}, "api_key": texts[0].encode(), "broken": Broken()}
    config |= {"where": [text if epoch else hub], "set": {f"see {text}" if epoch else hub}, "max_steps_of": hub}
    config |= {"keys": {f"of {text if epoch else hub}": {"max_steps": epoch}}, text if epoch else hub: epoch}
    task = f"task {text if epoch else hub}"
    tracker.record(config, step=epoch, epoch=epoch, task=task, cause=cause)
    tracker.record(root, step=epoch, epoch=epoch, slot=1, task=hub)
    asked = {"password": texts[0], "map": {"seed": hub, text if epoch else hub: 1}}
    tracker.request(asked, step=epoch, task=task, cause=cause)
    tracker.record({"x": 1}, step=f"no {hub}")
    tracker.mix({task: 1.0}, step=epoch)
    tracker.end_epoch(step=epoch, epoch=epoch, rewards={task: [1.0]})
    run.log({"reward": epoch})
tracker.close()
run.finish()
"""


def unpacked(path):
    content = path.read_bytes()
    return content + gzip.decompress(content) if path.suffix == ".gz" else content


def test_no_byte_of_a_secret_is_in_any_file_or_reaches_the_server(tmp_path):
    """There are secrets of a known form, one with only a secret's name, and one from the environment."""
    texts = ["plain-old-opensesame", *(text for texts in SECRETS.values() for text in texts), "from-the-environment"]
    with WandbServer() as server:
        environment = {**os.environ, **server.environment(tmp_path), "HUB": texts[-1]}
        done = subprocess.run(
            [sys.executable, "-c", TRAINER],
            cwd=tmp_path,
            env=environment,
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    written = b"".join(unpacked(path) for path in tmp_path.rglob("*") if path.is_file())
    seen = {"files": written, "server": b"".join(server.received_bytes), "shown": (done.stdout + done.stderr).encode()}
    assert b"max_steps_of" in written
    assert b"max_steps" in seen["server"]
    for place, content in seen.items():
        for text in texts:
            assert text.encode() not in content, (place, text)
            assert json.dumps(text)[1:-1].encode() not in content, (place, text)
    assert load(tmp_path / "envcfg").losses == ()
