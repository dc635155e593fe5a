"""A history as polars data frames: public. `docs/tables.md` lists their columns.

`frame.to_pandas()` converts a frame to pandas.
"""

from envcfg.core.surface import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
