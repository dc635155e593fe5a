"""A code for each kind of failure or loss. Programs choose a remedy by the code, not by the words of a message."""

import errno
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self


class Code(StrEnum):
    """The kind of a failure or loss. A name that this version does not know becomes `UNKNOWN`."""

    UNKNOWN = "unknown"

    DISK_FULL = "disk_full"
    QUOTA = "quota"
    FILE_TOO_LARGE = "file_too_large"
    TOO_MANY_FILES = "too_many_files"
    NO_PERMISSION = "no_permission"
    READ_ONLY = "read_only"
    NO_FOLDER = "no_folder"
    """There is a file instead of a folder, or a folder instead of a file."""
    NO_FILE = "no_file"
    IO = "io"
    """The operating system refused for another reason."""

    TAKEN_AWAY = "taken_away"
    """Segments were removed or moved while they were in use."""
    CLOSED = "closed"
    TWO_CLOCKS = "two_clocks"
    """Two trainings set the step of one tracker."""
    TWO_WRITERS = "two_writers"
    """Two sessions wrote to one shard at the same time."""
    TWO_ENVIRONMENTS = "two_environments"
    """Two environments used one slot at the same time."""
    ARGUMENT = "argument"
    USER_FUNCTION = "user_function"
    """A function of the user raised an exception."""
    NO_CONFIG = "no_config"
    CONFIG_TYPE = "config_type"
    CONFIG_RAISES = "config_raises"
    CONFIG_INTERPOLATION = "config_interpolation"
    CONFIG_NUMBER = "config_number"
    CONFIG_KEYS = "config_keys"
    CONFIG_DEPTH = "config_depth"
    CONFIG_SIZE = "config_size"

    WANDB = "wandb"
    """W&B failed without a more precise reason."""
    WANDB_LOGIN = "wandb_login"
    WANDB_NOT_FOUND = "wandb_not_found"
    WANDB_REFUSED = "wandb_refused"
    """The server rejected the request, because of a quota, its size or its form."""
    WANDB_RATE = "wandb_rate"
    WANDB_SERVER = "wandb_server"
    WANDB_UNREACHABLE = "wandb_unreachable"
    WANDB_CERTIFICATE = "wandb_certificate"
    WANDB_NO_JSON = "wandb_no_json"
    """Something other than W&B answered, such as the login page of a network."""
    WANDB_LATE = "wandb_late"
    WANDB_RUNS = "wandb_runs"
    """Several runs are active, and it is not clear which one to use."""

    TORN = "torn"
    CHECKSUM = "checksum"
    DAMAGED = "damaged"
    EMPTY = "empty"
    FOREIGN = "foreign"
    """envcfg did not write the file."""
    NEWER = "newer"
    UNKNOWN_LINE = "unknown_line"
    MISSING_SEGMENT = "missing_segment"
    MISSING_CONFIG = "missing_config"
    OTHER_RUN = "other_run"
    CACHE_DAMAGED = "cache_damaged"
    NO_RUN = "no_run"
    MISSING_EXTRA = "missing_extra"

    @classmethod
    def _missing_(cls, _: object) -> "Code":
        return cls.UNKNOWN


class Coded(str):
    """A message with a code. It can be used like any other text."""

    __slots__ = ("code",)

    code: Code

    def __new__(cls, sentence: str, code: Code = Code.UNKNOWN) -> Self:
        coded = super().__new__(cls, sentence)
        coded.code = code
        return coded


_BY_ERRNO: Final[Mapping[int, Code]] = MappingProxyType(
    {
        errno.ENOSPC: Code.DISK_FULL,
        errno.EDQUOT: Code.QUOTA,
        errno.EFBIG: Code.FILE_TOO_LARGE,
        errno.EMFILE: Code.TOO_MANY_FILES,
        errno.ENFILE: Code.TOO_MANY_FILES,
        errno.EACCES: Code.NO_PERMISSION,
        errno.EPERM: Code.NO_PERMISSION,
        errno.EROFS: Code.READ_ONLY,
        errno.EEXIST: Code.NO_FOLDER,
        errno.ENOTDIR: Code.NO_FOLDER,
        errno.EISDIR: Code.NO_FOLDER,
        errno.ENOENT: Code.NO_FILE,
    }
)
_MARK: Final = "__envcfg_code__"


def code_of(error: BaseException) -> Code:
    """The code of an error: from `mark`, from its own attribute `code`, or from the operating system's error number."""
    for name in (_MARK, "code"):
        known = getattr(error, name, None)
        if isinstance(known, Code):
            return known
    return _BY_ERRNO.get(error.errno or 0, Code.IO) if isinstance(error, OSError) else Code.UNKNOWN


def mark(error: BaseException, code: Code) -> None:
    """Set the code that `code_of` returns for an error of another library."""
    setattr(error, _MARK, code)
