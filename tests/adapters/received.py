"""A Hydra callback that writes the config that a job receives, and the one that it leaves, beside the job's files."""

from pathlib import Path

from hydra.experimental.callback import Callback
from omegaconf import DictConfig


def _described(config):
    """Every key in its order, with its value as written, the class of its node and its declared types."""
    about = f"{type(config).__name__} { {**vars(config._metadata), 'resolver_cache': _cache(config)} }"
    content = config._content if isinstance(config, DictConfig) else None
    if not isinstance(content, dict):
        return f"{about} {config!r}"
    return "\n".join([about, *(f"{key}: {_described(node)}" for key, node in content.items() if key != "hydra")])


def _cache(config):
    """What resolvers gave, without the time."""
    return {name: values for name, values in config._metadata.resolver_cache.items() if name != "now"}


class Received(Callback):
    def on_job_start(self, config, **_):
        self.folder = Path(config.hydra.runtime.output_dir)
        self.config = config
        self._write("received.txt")

    def on_job_end(self, **_):
        self._write("received-at-end.txt")

    def _write(self, name):
        (self.folder / name).write_text(_described(self.config))
