"""Record the samples of the package with the demo: `make sample`, about four minutes on one core.

Of each run it keeps the journal, and the rewards of the W&B log. Neither contains facts about the machine, such as
paths, names of hosts and users, hardware or installed packages.
"""

import getpass
import gzip
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from envcfg.sources.sample import FOLDER
from envcfg.sources.wandb.log import packed, payloads, record_type

RECORDED: Final = (
    "hydra/callbacks=env_config",
    "hydra.callbacks.env_config.invariant=[returns]",
    "trainer.env_config_save_interval=500",
)
"""The returns of the demo are shares of the attainable reward, so they mean the same under every config."""
RUN: Final = ("preset=dense", "hydra.run.dir=samples/forage")
SWEEP: Final = (
    *("--multirun", "hydra.sweep.dir=sweep", "hydra.sweep.subdir='${curriculum.kind}-${seed}'"),
    *("preset=dense", "trainer.epochs=120", "trainer.patience=28", "trainer.schedule=[16,40,64,92]"),
)
STAGED: Final = (*SWEEP, "curriculum=threshold,schedule", "seed=1,2")
DRAWN: Final = (*SWEEP, "curriculum=learning_progress", "seed=1")
KEPT: Final = ("_step", "epoch", "env_config/step", "reward")
DIGITS: Final = 4


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for settings in (RUN, STAGED, DRAWN):
            command = [sys.executable, "-m", "envcfg.demo.train", *settings, *RECORDED]
            subprocess.run(command, cwd=folder, check=True)  # our own app
        keep(Path(folder, "samples", "forage"), FOLDER / "forage")
        for run in sorted(Path(folder, "sweep").iterdir()):
            if run.is_dir():
                keep(run, FOLDER / "sweep" / run.name)


def keep(run: Path, place: Path) -> None:
    """Replace the sample at *place* with the journal and the rewards of *run*."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(run / "envcfg", place / "envcfg")
    (log,) = run.glob("wandb/*run-*/run-*.wandb")
    (place / log.name).write_bytes(packed(trimmed(log)))
    check(place)


def check(place: Path) -> None:
    """Exit if a sample contains the name of this machine or user. A test elsewhere could not know these names."""
    for name in {socket.gethostname(), getpass.getuser()}:
        for path in place.rglob("*.*"):
            text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else log_text(path)
            if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text):
                sys.exit(f"{path} contains the name {name!r} of this machine or user: do not commit it")


def log_text(log: Path) -> str:
    """The records of a W&B log as text. Its bytes also have checksums, in which any letters may stand."""
    records = []
    for payload in payloads(BytesIO(log.read_bytes()), log, []):
        records.append(record_type()())
        records[-1].ParseFromString(payload)
    return "\n".join(map(str, records))


def trimmed(log: Path) -> Iterator[bytes]:
    """Yield the records of a W&B log that hold the run's id, its rewards and its exit code."""
    losses: list[str] = []
    for payload in payloads(BytesIO(log.read_bytes()), log, losses):
        record = record_type()()
        record.ParseFromString(payload)
        new = record_type()()
        match record.WhichOneof("record_type"):
            case "run":
                new.run.run_id, new.run.project = record.run.run_id, record.run.project
            case "history":
                new.history.step.num = record.history.step.num
                new.history.item.extend(kept(record.history.item))
            case "exit":
                new.exit.exit_code = record.exit.exit_code
            case _:
                continue
        yield new.SerializeToString()
    if losses:
        sys.exit(f"{log}: {losses[0]}")


def kept(items: Any) -> Iterator[Any]:
    """Yield the steps and the rewards, rounded to the digits that a figure can show."""
    for item in items:
        (name,) = item.nested_key
        if name in KEPT or name.startswith("reward/"):
            item.value_json = json.dumps(round(json.loads(item.value_json), DIGITS))
            yield item


if __name__ == "__main__":
    main()
