"""Recorded runs of the demo that ship with the package, so that you can try everything without a run."""

from pathlib import Path
from typing import Final

from envcfg.core.errors import SourceError

FOLDER: Final = Path(__file__).parents[1] / "samples"
NAMES: Final = ("forage", "sweep")


def sample(name: str = "forage") -> Path:
    """Return the folder of a bundled sample.

    `forage` is one run. `sweep` holds five runs under three curricula. Raises `SourceError` for any other name.

    Example: `history = load(sample())`
    """
    if name not in NAMES:
        raise SourceError(f"there is no sample {name!r}: the samples are {' and '.join(NAMES)}")
    return FOLDER / name
