"""Public: sinks, which receive each record while the training runs."""

from envcfg.core.surface import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
