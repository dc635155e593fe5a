"""Reads the config that Hydra saved in the folder of a job, which may come from anybody."""

from pathlib import Path
from typing import Any, Final

import yaml

from envcfg.core.errors import EncodingError
from envcfg.core.whole_file import read_file

MOST: Final = 1 << 18
"""The most bytes of a config of Hydra. It has some 5 kB."""
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parsed(text: str) -> dict[str, Any]:
    """The mapping that *text* states as YAML; empty for any other text.

    A text with an alias is not read: Hydra writes none, and a few lines of them can stand for gigabytes.
    """
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=_Loader)):
            return {}
        found = yaml.load(text, Loader=_Loader)  # noqa: S506  # it is a safe loader
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def text_of(path: Path) -> str:
    """The text of a file of Hydra or of an app; empty if it cannot be read, or is too large to be one."""
    try:
        return read_file(path, MOST).decode(errors="replace")
    except (OSError, EncodingError, ValueError):
        return ""
