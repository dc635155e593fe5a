"""Public: recorders for Gymnasium, Stable-Baselines3, mettagrid, RLlib, Syllabus, torchrl, rsl-rl and Hydra."""

from envcfg.core.surface import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
