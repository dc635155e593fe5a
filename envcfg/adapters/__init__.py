"""Public: recorders for Gymnasium, Stable-Baselines3, mettagrid, RLlib, Syllabus, torchrl, rsl-rl and Hydra."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
