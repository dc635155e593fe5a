"""What failed, or was lost, as one of a closed set: a remedy hangs on the code, never on the words of a message."""

import errno
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self


class Code(StrEnum):
    """What kind of thing failed or was lost; a name that this version does not know is `UNKNOWN`."""

    UNKNOWN = "unknown"

    DISK_FULL = "disk_full"
    QUOTA = "quota"
    FILE_TOO_LARGE = "file_too_large"
    TOO_MANY_FILES = "too_many_files"
    NO_PERMISSION = "no_permission"
    READ_ONLY = "read_only"
    NO_FOLDER = "no_folder"
    """A file stands where a folder is to be, or the other way round."""
    NO_FILE = "no_file"
    IO = "io"
    """The operating system refused for another reason."""

    TAKEN_AWAY = "taken_away"
    """Segments were removed or moved while they were in use."""
    CLOSED = "closed"
    ARGUMENT = "argument"
    USER_FUNCTION = "user_function"
    """A function that the training handed over raised."""
    NO_CONFIG = "no_config"
    CONFIG_TYPE = "config_type"
    CONFIG_RAISES = "config_raises"
    CONFIG_INTERPOLATION = "config_interpolation"
    CONFIG_NUMBER = "config_number"
    CONFIG_KEYS = "config_keys"
    CONFIG_DEPTH = "config_depth"

    WANDB = "wandb"
    """W&B failed in a way that it does not say more precisely."""
    WANDB_LOGIN = "wandb_login"
    WANDB_NOT_FOUND = "wandb_not_found"
    WANDB_REFUSED = "wandb_refused"
    """The server does not take the request: a quota, a size, a form."""
    WANDB_RATE = "wandb_rate"
    WANDB_SERVER = "wandb_server"
    WANDB_UNREACHABLE = "wandb_unreachable"
    WANDB_CERTIFICATE = "wandb_certificate"
    WANDB_NO_JSON = "wandb_no_json"
    """Something else than W&B answers, such as the login page of a network."""
    WANDB_LATE = "wandb_late"
    WANDB_RUNS = "wandb_runs"
    """Several runs are active, and none of them is meant."""

    TORN = "torn"
    CHECKSUM = "checksum"
    DAMAGED = "damaged"
    EMPTY = "empty"
    FOREIGN = "foreign"
    """It is none of our files."""
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
    """A sentence with the code of what it tells; it is a text like any other."""

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
    """The code of an error: the one it was marked with or that it carries, or what the operating system says."""
    for name in (_MARK, "code"):
        known = getattr(error, name, None)
        if isinstance(known, Code):
            return known
    return _BY_ERRNO.get(error.errno or 0, Code.IO) if isinstance(error, OSError) else Code.UNKNOWN


def mark(error: BaseException, code: Code) -> None:
    """Have `code_of` give *code* for somebody else's error, which stays as it is."""
    setattr(error, _MARK, code)
