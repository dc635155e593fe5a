"""The flight recorder for reinforcement-learning environments.

The names below are all there is to import; each is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envcfg.adapters.hydra_callback import HydraCallback
    from envcfg.analysis import tables
    from envcfg.analysis.effects.effect import effects
    from envcfg.core.errors import EnvcfgError
    from envcfg.core.record import Cause
    from envcfg.history.adoptions import Place
    from envcfg.history.history import History
    from envcfg.history.joined import joined
    from envcfg.history.sample import sample
    from envcfg.history.sources import load
    from envcfg.history.sweep import load_sweep
    from envcfg.rerun.replay import Replay, replay
    from envcfg.tracking.ambient import tracker
    from envcfg.tracking.redaction import Redaction
    from envcfg.tracking.tracker import Tracker

__all__ = [
    "Cause",
    "EnvcfgError",
    "History",
    "HydraCallback",
    "Place",
    "Redaction",
    "Replay",
    "Tracker",
    "effects",
    "joined",
    "load",
    "load_sweep",
    "replay",
    "sample",
    "tables",
    "tracker",
]

_PLACES = {
    "Cause": "envcfg.core.record",
    "EnvcfgError": "envcfg.core.errors",
    "History": "envcfg.history.history",
    "HydraCallback": "envcfg.adapters.hydra_callback",
    "Place": "envcfg.history.adoptions",
    "Redaction": "envcfg.tracking.redaction",
    "Replay": "envcfg.rerun.replay",
    "Tracker": "envcfg.tracking.tracker",
    "effects": "envcfg.analysis.effects.effect",
    "joined": "envcfg.history.joined",
    "load": "envcfg.history.sources",
    "load_sweep": "envcfg.history.sweep",
    "replay": "envcfg.rerun.replay",
    "sample": "envcfg.history.sample",
    "tables": "envcfg.analysis",
    "tracker": "envcfg.tracking.ambient",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'envcfg' has no attribute {name!r}; its names are {', '.join(__all__)}")
    place = import_module(_PLACES[name])
    return getattr(place, name) if hasattr(place, name) else import_module(f"{place.__name__}.{name}")


def __dir__() -> list[str]:
    return __all__
