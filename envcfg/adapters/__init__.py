"""Recorders for the libraries that environments and trainings are made of: public."""

from envcfg.core.surface import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
