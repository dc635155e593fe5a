"""Whether a file that is being written is still the one that its name stands for."""

import os
from pathlib import Path

from envcfg.core.whole_file import read_file, replace_file


def is_gone(path: Path) -> bool:
    """Whether no file has this name. False if that cannot be seen."""
    try:
        return not path.stat()
    except FileNotFoundError:
        return True
    except OSError:  # it may exist, but we have no permission to see it
        return False


def is_another(file: int, path: Path) -> bool:
    """Whether another file than the open *file* has this name, such as a copy."""
    try:
        return not os.path.samestat(os.fstat(file), path.stat())
    except OSError:  # it is gone, or may not be looked at
        return False


def put_back(file: int, size: int, path: Path) -> bool:
    """Replace a copy of the beginning of the open *file* by all of its *size* bytes; False for any other file.

    Raises `OSError` if that fails.
    """
    content = os.pread(file, size, 0)
    if not content.startswith(read_file(path)):
        return False
    replace_file(path, content)
    return True
