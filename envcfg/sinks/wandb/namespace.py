"""The key of envcfg in the config and in the summary of a W&B run. A key that the trainer uses stays its own."""

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

NAMESPACE: Final = "envcfg"
RECORDER: Final[Mapping[str, str]] = {"recorder": "envcfg"}
"""What a dict of envcfg contains. So a resumed run knows it again."""


def own_key(held: Any) -> str:
    """The first of `envcfg`, `envcfg_2`, ... that *held*, a config or a summary, does not have from somebody else."""
    names = (NAMESPACE if number == 1 else f"{NAMESPACE}_{number}" for number in count(1))
    return next(name for name in names if held.get(name) is None or is_own(held.get(name)))


def is_own(value: Any) -> bool:
    """Whether envcfg wrote this value. A summary has dicts of a class of its own."""
    return hasattr(value, "keys") and RECORDER.items() <= dict(value).items()
