"""Call one function for many runs on a Ray cluster."""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, Final

from envcfg.core.errors import MissingExtraError

IN_FLIGHT: Final = 4
"""The most calls in progress for each CPU of the cluster. So thousands of runs are not queued at once."""


def on_ray(function: Callable[[Any], Any], places: Sequence[Any]) -> Iterator[Any]:
    """Call *function* for each of *places* with Ray, and return an iterator over the results in order of completion.

    It uses the cluster that Ray is connected to, or else this machine. Every machine of the cluster must see the runs
    and the output folder at the same paths. Raises `MissingExtraError` without Ray.

    >>> from envcfg import tables
    >>> tables.write_dataset("multirun/today", "dataset", spread=tables.on_ray)  # doctest: +SKIP
    """
    ray: Any
    try:
        ray = import_module("ray")
    except ImportError as error:
        raise MissingExtraError("reading on a cluster", extra="ray") from error
    if not ray.is_initialized():
        ray.init(include_dashboard=False, log_to_driver=False)
    remote = ray.remote(_called)
    most = IN_FLIGHT * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting = list(reversed(places))
    running: list[Any] = []
    while waiting or running:
        while waiting and len(running) < most:
            running.append(remote.remote(function, waiting.pop()))
        done, running = ray.wait(running)
        yield from ray.get(done)


def _called(function: Callable[[Any], Any], place: Any) -> Any:
    return function(place)
