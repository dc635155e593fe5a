"""Plotly figures and HTML pages of runs and sweeps: public."""

from envcfg.core.surface import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
