"""Public: reads metrics, and runs on the W&B server."""

from envcfg.core.surface import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
