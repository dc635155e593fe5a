"""Messages about selected keys, tasks and slots that a run does not have."""

from collections.abc import Iterable
from typing import Final

from envcfg.core.selection import near_text, unmatched_keys
from envcfg.history.adoptions import Place
from envcfg.history.recording import Recording

_SHOWN: Final = 8


def without_keys(history: Recording, globs: Iterable[str]) -> list[str]:
    """A message for each of *globs* that matches no leaf of any adopted config."""
    adopted = dict.fromkeys(value.config for value in history.adoptions.columns.adopted.values)
    configs = (history.configs[digest] for digest in adopted if digest in history.configs)
    return unmatched_keys(globs, configs, f"no config of run {history.run}")


def without_task(history: Recording, task: str) -> list[str]:
    """A message if the run has no such task, neither adopted nor stated by its curriculum."""
    known = dict.fromkeys(history.adopted)
    for mix in history.mixes:
        known |= dict.fromkeys(mix.stated or ())
    return [] if task in known else [f"run {history.run} has no task {task}{near_text(task, filter(None, known))}"]


def without_place(history: Recording, place: "Place") -> list[str]:
    """A message if the run has no such slot."""
    if place in history.adoptions.places:
        return []
    places = sorted(history.adoptions.places)
    alike = [one for one in places if one.slot == place.slot] or places
    more = f" and {len(alike) - _SHOWN:,} more" if len(alike) > _SHOWN else ""
    there = f"there is {', '.join(map(str, alike[:_SHOWN]))}{more}" if alike else "none was recorded"
    return [f"run {history.run} has no {place}; {there}"]
