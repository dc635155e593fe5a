"""Says what to do about each failure or loss in a journal. It is found by words of the message."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

_FAILURES: Final = (
    ("the disk is full", "df -h {folder}, and make room: recording goes on by itself, and what was recorded is whole"),
    ("File too large", "ulimit -f unlimited, in the shell that starts the training"),
    ("quota", "quota -s, and make room: recording goes on by itself, and what was recorded is whole"),
    (
        "Permission denied",
        "ls -ld {folder}, and give the user that trains the right to write there: chmod u+rwx {folder}",
    ),
    ("Read-only file system", "mount | grep rw, and write to one of those: hydra.run.dir=... or Tracker(folder)"),
    ("Too many open files", "ulimit -n 65536, in the shell that starts the training"),
    (
        "was taken away",
        "keep what cleans up or moves out of {folder}; what is gone may be in wandb/*run-*/files/envcfg",
    ),
    (
        "WandbSink: ",
        "start the job again in its folder, which uploads the rest; for metrics: wandb sync --include-online",
    ),
    ("the tracker is closed", "record before close(), or with a Tracker for each training"),
    ("record: config: ", "mend what the training hands to record(): a mapping, or an object with fields"),
    ("cannot record", "convert it where the config is made, or leave it out; the config's other keys were recorded"),
    ("when it is read", "record a plain dict of what it holds; the config's other keys were recorded"),
    ("digits", "record it as a text; the config's other keys were recorded"),
    ("two keys of this mapping", "rename one of them; the config's other keys were recorded"),
    ("a config is a mapping", "mend what the training hands to record()"),
    ("nested more than", "look for an object that holds itself; the config's other keys were recorded"),
    ("expected a whole number", "mend that argument where the training calls envcfg.tracker()"),
)
_ANY_FAILURE: Final = "hydra.callbacks.env_config.strict=true or Tracker(strict=True), to stop there with a traceback"
_LOSSES: Final = (
    ("version", "install a newer envcfg: git pull in its checkout, or a newer wheel"),
    ("segments of another run", "give each training a folder of its own: hydra.run.dir=... or Tracker(folder)"),
)
_ANY_LOSS: Final = (
    "look for a whole copy: ls wandb/*run-*/files/envcfg, or envcfg doctor ENTITY/PROJECT/RUN_ID; all else is read"
)
_TORN: Final = "the last line was cut off"


def of_failure(failure: str, folder: Path | None) -> str:
    """Return what to do about *failure*, a message of the recorder."""
    return _first(_FAILURES, failure, _ANY_FAILURE).format(folder=folder or "its folder")


def of_loss(loss: str) -> str:
    """Return what to do about *loss*, a message of the reader."""
    return _first(_LOSSES, loss, _ANY_LOSS)


def is_torn(loss: str) -> bool:
    """Whether only the unfinished last line is lost. The call that wrote it had not returned, so no record is lost."""
    return _TORN in loss


def _first(remedies: Sequence[tuple[str, str]], sentence: str, otherwise: str) -> str:
    return next((todo for words, todo in remedies if words in sentence), otherwise)
