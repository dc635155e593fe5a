"""numpy and scipy for the effects, imported here only: they come with the extra `stats`."""

from typing import TypeAlias

from envcfg.core.errors import MissingExtraError

try:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.special import ndtri, stdtr, stdtrit
except ImportError as error:
    raise MissingExtraError("measuring an effect", extra="stats") from error

__all__ = ["Floats", "Ints", "ndtri", "np", "stdtr", "stdtrit"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
