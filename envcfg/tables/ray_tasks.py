"""Ray as the way in which one function is called for many runs."""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, Final

from envcfg.core.errors import MissingExtraError

IN_FLIGHT: Final = 4
"""Calls that are under way for each CPU of the cluster: thousands of runs are not queued at once."""


def on_ray(function: Callable[[Any], Any], places: Sequence[Any]) -> Iterator[Any]:
    """What *function* returns for each of *places*, as they come; on the cluster that Ray is connected to, or here.

    Every machine of it must see the runs and the folder that is written at the same paths. Raises `MissingExtraError`
    without Ray.
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
