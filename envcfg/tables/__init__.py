"""A history as polars data frames: public. `docs/tables.md` lists their columns.

`frame.to_pandas()` converts a frame to pandas.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
