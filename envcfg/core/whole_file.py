"""Reads files within a budget, and replaces a file as a whole."""

import os
import secrets
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

from envcfg.core.code import Code
from envcfg.core.errors import EncodingError

MAX_BYTES: Final = 20 << 20
"""The most bytes of a file that is read at once. No file of envcfg has as many."""

# without O_NONBLOCK, opening a pipe waits for its writer; Windows knows O_BINARY alone
_READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_file(path: Path, at_most: int = MAX_BYTES) -> BufferedReader:
    """Open a file that may come from anybody.

    Raises `EncodingError` if it is no regular file, such as a pipe or a device, or if it has more than *at_most* bytes.
    Raises `OSError` if it cannot be opened.
    """
    file = os.fdopen(os.open(path, _READ), "rb")
    try:
        _check(os.fstat(file.fileno()), path, at_most)
    except EncodingError:
        file.close()
        raise
    return file


def _check(found: os.stat_result, path: Path, at_most: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise EncodingError(f"{path} is no regular file, so it is not read", code=Code.FOREIGN)
    if found.st_size > at_most:
        said = f"{path} has {found.st_size:,} bytes: files of more than {at_most:,} bytes are not read"
        raise EncodingError(said, code=Code.FOREIGN)


def read_file(path: Path, at_most: int = MAX_BYTES) -> bytes:
    """Return the content of a file that may come from anybody. Raises the errors of `open_file`."""
    with open_file(path, at_most) as file:
        return file.read(at_most)


def replace_file(path: Path, content: bytes) -> None:
    """Write *content* to a new file beside *path*, and rename it to *path*. A link stays a link.

    After a kill or on a full disk, the file has its old content or its new one. Raises `OSError` if that fails. Then
    the old file is unchanged, and the new one is removed.
    """
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
