"""A history as polars data frames: public. `docs/tables.md` lists their columns.

`frame.to_pandas()` makes a pandas frame of one.
"""

from envcfg.core.surface import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
