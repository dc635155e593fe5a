"""The default of the save interval. It is alone in this file, because every Hydra app of the environment loads it."""

from typing import Final

DEFAULT_SAVE_INTERVAL: Final = 1000
"""After this many epochs an artifact version is saved even if nothing changed."""
