"""The flight recorder for reinforcement-learning environments.

`__init__.pyi` lists what can be imported from here. Each name is loaded when it is first used. These seven packages
are the public surface: `envcfg`, `envcfg.adapters`, `envcfg.figures`, `envcfg.sinks`, `envcfg.sources`,
`envcfg.tables` and `envcfg.testing`. Every other module is private and may move.
"""

from envcfg.core.surface import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
