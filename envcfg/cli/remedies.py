"""Says what to do about each failure or loss in a journal. It is found by words of the message."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from envcfg.core.code import Code

_OTHERS: Final = "the config's other keys were recorded"
_WHOLE: Final = (
    "look for a whole copy: ls wandb/*run-*/files/envcfg, or envcfg doctor ENTITY/PROJECT/RUN_ID; all else is read"
)
_AGAIN: Final = "the journal is complete: start the job again in its folder, which uploads the rest"

REMEDIES: Final[Mapping[Code, str]] = MappingProxyType(
    {
        Code.UNKNOWN: "what is known of it is the sentence above; Tracker(strict=True), or "
        "hydra.callbacks.env_config.strict=true, stops the training there with a traceback",
        Code.DISK_FULL: "df -h {folder}, and make room: recording goes on by itself, and what was recorded is whole",
        Code.QUOTA: "quota -s, and make room: recording goes on by itself, and what was recorded is whole",
        Code.FILE_TOO_LARGE: "ulimit -f unlimited, in the shell that starts the training",
        Code.TOO_MANY_FILES: "ulimit -n 65536, in the shell that starts the training",
        Code.NO_PERMISSION: "ls -ld {folder}, and give your user the right to read and write there: "
        "chmod u+rwx {folder}",
        Code.READ_ONLY: "mount | grep rw, and write to one of those: hydra.run.dir=... or Tracker(folder)",
        Code.NO_FOLDER: "ls -ld {folder}: move away the file that stands where a folder is needed, or name another "
        "folder",
        Code.NO_FILE: "ls -l {folder}: see whether the file that the sentence names was moved or deleted",
        Code.IO: "dmesg | tail, and df -h {folder}: see whether the disk or the network drive of the folder fails",
        Code.TAKEN_AWAY: "keep what cleans up or moves out of {folder}; what is gone may be in "
        "wandb/*run-*/files/envcfg",
        Code.CLOSED: "record before close(), or with a Tracker for each training",
        Code.ARGUMENT: "mend that argument where the training calls envcfg",
        Code.USER_FUNCTION: "mend the function that the training handed to envcfg; the sentence above says what it "
        "raised",
        Code.NO_CONFIG: "mend what the training hands to record(): a mapping, or an object with fields",
        Code.CONFIG_TYPE: f"convert it where the config is made, or leave it out; {_OTHERS}",
        Code.CONFIG_RAISES: f"record a plain dict of what it holds; {_OTHERS}",
        Code.CONFIG_INTERPOLATION: f"mend the interpolation, or what it refers to; {_OTHERS}",
        Code.CONFIG_NUMBER: f"record it as a text; {_OTHERS}",
        Code.CONFIG_KEYS: f"rename one of them; {_OTHERS}",
        Code.CONFIG_DEPTH: f"look for an object that holds itself; {_OTHERS}",
        Code.WANDB: f"{_AGAIN}; for metrics: wandb sync --include-online",
        Code.WANDB_LOGIN: "wandb login, with a user who may see and write that project; or set WANDB_API_KEY",
        Code.WANDB_NOT_FOUND: "check entity, project and run on the page of the run, and that your user may see them: "
        "wandb login",
        Code.WANDB_REFUSED: "look at the storage and the limits of your W&B plan, on its page Settings > Billing; "
        f"{_AGAIN}",
        Code.WANDB_RATE: f"ask W&B less often: save_interval=, artifact_gap=; {_AGAIN}",
        Code.WANDB_SERVER: f"see https://status.wandb.com, or ask who runs your W&B server; {_AGAIN}",
        Code.WANDB_UNREACHABLE: "check the network, a proxy, and WANDB_BASE_URL; or WANDB_MODE=offline, and wandb sync "
        "where there is a network",
        Code.WANDB_CERTIFICATE: "export SSL_CERT_FILE=FILE, with the certificate of your W&B server or of your proxy",
        Code.WANDB_NO_JSON: "open the address of your W&B server in a browser: log in to the network there, or mend "
        "WANDB_BASE_URL",
        Code.WANDB_LATE: f"{_AGAIN}; to wait longer: last_upload=SECONDS",
        Code.WANDB_RUNS: "give the run to publish to: wandb_sinks(run=...)",
        Code.TORN: "nothing: a process or a disk ended in this line, no call had returned from it, and nothing is lost",
        Code.CHECKSUM: f"check the disk; {_WHOLE}",
        Code.DAMAGED: _WHOLE,
        Code.EMPTY: f"nothing, if the machine was switched off or the disk was full; else {_WHOLE}",
        Code.FOREIGN: "move that file out of the folder: it is named like one of envcfg, and is none",
        Code.NEWER: "install a newer envcfg: git pull in its checkout, or a newer wheel",
        Code.UNKNOWN_LINE: "install a newer envcfg, if one wrote it: git pull in its checkout; other lines are read",
        Code.MISSING_SEGMENT: _WHOLE,
        Code.MISSING_CONFIG: _WHOLE,
        Code.OTHER_RUN: "give each training a folder of its own: hydra.run.dir=... or Tracker(folder)",
        Code.CACHE_DAMAGED: "delete the file that the sentence names: it is fetched anew",
        Code.NO_RUN: "name a run that was recorded: its output folder, or wandb:ENTITY/PROJECT/RUN_ID",
        Code.MISSING_EXTRA: "install what the sentence names, into the environment of your training",
    }
)
"""One sentence for each code; `{folder}` is that of the journal."""


def of(code: Code, folder: Path | None = None) -> str:
    """What to do about *code*, of a run whose journal is in *folder*."""
    return REMEDIES[code].format(folder=folder or "its folder")
