"""The runs that ship with the package: real ones of the demo, to try everything on without a run of your own."""

from pathlib import Path
from typing import Final

from envcfg.core.errors import SourceError

FOLDER: Final = Path(__file__).parents[1] / "samples"
NAMES: Final = ("forage", "sweep")


def sample(name: str = "forage") -> Path:
    """The folder of a bundled sample: `forage` is one run, `sweep` holds five under three curricula.

    Raises `SourceError` for any other name.
    """
    if name not in NAMES:
        raise SourceError(f"there is no sample {name!r}: the samples are {' and '.join(NAMES)}")
    return FOLDER / name
