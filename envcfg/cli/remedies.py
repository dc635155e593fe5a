"""Says what to do about each failure or loss in a journal. It is found by the code of the message."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from envcfg.core.code import Code

_REST_RECORDED: Final = "all other keys of the config were recorded"
_WHOLE_COPY: Final = (
    "look for a complete copy: ls wandb/*run-*/files/envcfg, or envcfg doctor ENTITY/PROJECT/RUN_ID; all else was read"
)
_RESTART: Final = "the journal is complete; to upload the rest, start the job again in its folder"

REMEDIES: Final[Mapping[Code, str]] = MappingProxyType(
    {
        Code.UNKNOWN: "read the message above; to stop the training there with a traceback: Tracker(strict=True), or "
        "hydra.callbacks.env_config.strict=true",
        Code.DISK_FULL: "df -h {folder}, then free some space: recording continues by itself; earlier records are kept",
        Code.QUOTA: "quota -s, then free some space: recording continues by itself; earlier records are kept",
        Code.FILE_TOO_LARGE: "ulimit -f unlimited, in the shell that starts the training",
        Code.TOO_MANY_FILES: "ulimit -n 65536, in the shell that starts the training",
        Code.NO_PERMISSION: "ls -ld {folder}, and allow your user to read and write there: chmod u+rwx {folder}",
        Code.READ_ONLY: "mount | grep rw, and choose a folder on one of these: hydra.run.dir=... or Tracker(folder)",
        Code.NO_FOLDER: "ls -ld {folder}: rename the file that has the name of the needed folder, or choose another "
        "folder",
        Code.NO_FILE: "ls -l {folder}: see whether the file in the message was moved or deleted",
        Code.IO: "dmesg | tail, and df -h {folder}: look for errors of the disk or of the network drive",
        Code.TAKEN_AWAY: "stop the program that deletes or moves files in {folder}; a copy may be in "
        "wandb/*run-*/files/envcfg",
        Code.CLOSED: "record before close(), and use one Tracker for each training",
        Code.TWO_CLOCKS: "give each training its own tracker: Tracker(folder), with a folder for each",
        Code.TWO_WRITERS: "give each training its own folder: hydra.run.dir=... or Tracker(folder); if one run was "
        "resumed twice, end one of them",
        Code.TWO_ENVIRONMENTS: "give each environment its own number, or leave slot= out; for evaluation "
        "environments, add role='eval'",
        Code.ARGUMENT: "correct that argument where the training calls envcfg",
        Code.USER_FUNCTION: "correct the function that the training passed to envcfg; the message above says what it "
        "raised",
        Code.NO_CONFIG: "pass a mapping, or an object with fields, to record()",
        Code.CONFIG_TYPE: f"convert it where the config is made, or leave it out; {_REST_RECORDED}",
        Code.CONFIG_RAISES: f"record a plain dict of its values; {_REST_RECORDED}",
        Code.CONFIG_INTERPOLATION: f"correct the interpolation, or the key that it refers to; {_REST_RECORDED}",
        Code.CONFIG_NUMBER: f"record it as text; {_REST_RECORDED}",
        Code.CONFIG_KEYS: f"rename one of them; {_REST_RECORDED}",
        Code.CONFIG_DEPTH: f"look for an object that contains itself; {_REST_RECORDED}",
        Code.CONFIG_SIZE: "leave its large values out, such as arrays; record the name of their file instead",
        Code.WANDB: f"{_RESTART}; for metrics, run wandb sync --include-online",
        Code.WANDB_LOGIN: "wandb login, as a user who may read and write that project; or set WANDB_API_KEY",
        Code.WANDB_NOT_FOUND: "check entity, project and run, or use wandb login as a user who may read them",
        Code.WANDB_REFUSED: "check the storage and the limits of your W&B plan, on its page Settings > Billing; "
        f"{_RESTART}",
        Code.WANDB_RATE: f"send data to W&B less often: set save_interval= and artifact_gap=; {_RESTART}",
        Code.WANDB_SERVER: f"see https://status.wandb.com, or ask the operator of your W&B server; {_RESTART}",
        Code.WANDB_UNREACHABLE: "check the network, the proxy and WANDB_BASE_URL; or set WANDB_MODE=offline, and run "
        "wandb sync later on a machine with a network",
        Code.WANDB_CERTIFICATE: "export SSL_CERT_FILE=FILE with the certificate of your W&B server or of your proxy",
        Code.WANDB_NO_JSON: "open the address of your W&B server in a browser: log in to the network there, or correct "
        "WANDB_BASE_URL",
        Code.WANDB_LATE: f"{_RESTART}; to wait longer at the end, set last_upload=SECONDS",
        Code.WANDB_RUNS: "name the run to publish to: wandb_sinks(run=...)",
        Code.TORN: "nothing: the process ended while it wrote this line; its call had not returned, so nothing is lost",
        Code.CHECKSUM: f"check the disk; {_WHOLE_COPY}",
        Code.DAMAGED: _WHOLE_COPY,
        Code.EMPTY: f"nothing, if the machine was switched off or the disk was full; otherwise {_WHOLE_COPY}",
        Code.FOREIGN: "move that file out of the folder: it has the name of a segment, but it is not one",
        Code.NEWER: "install a newer envcfg: git pull in its checkout, or a newer wheel",
        Code.UNKNOWN_LINE: "install a newer envcfg, if one wrote it: git pull in its checkout; other lines were read",
        Code.MISSING_SEGMENT: _WHOLE_COPY,
        Code.MISSING_CONFIG: _WHOLE_COPY,
        Code.OTHER_RUN: "use a separate folder for each training: hydra.run.dir=... or Tracker(folder)",
        Code.CACHE_DAMAGED: "delete the file in the message; envcfg downloads it again",
        Code.NO_RUN: "name a recorded run: its output folder, or wandb:ENTITY/PROJECT/RUN_ID",
        Code.MISSING_EXTRA: "install the package in the message into the environment of your training",
    }
)
"""One text for each code; `{folder}` stands for the folder of the journal."""


def of(code: Code, folder: Path | None = None) -> str:
    """What to do about *code*, of a run whose journal is in *folder*."""
    return REMEDIES[code].format(folder=folder or "its folder")
