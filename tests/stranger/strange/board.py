"""A sink that writes the numbers of each config, and the task probabilities, into an event file of TensorBoard."""

from numbers import Real

from tensorboardX import SummaryWriter

from envcfg.sinks import BaseSink


def numbers(config, path=""):
    for key, value in config.items():
        if isinstance(value, dict):
            yield from numbers(value, f"{path}{key}.")
        elif isinstance(value, Real):
            yield f"{path}{key}", float(value)


class TensorBoardSink(BaseSink):
    def __init__(self, folder="tensorboard"):
        self.folder = folder

    def opened(self, journal, job):
        self.writer = SummaryWriter(str(journal.folder.parent / self.folder))

    def recorded(self, record, config):
        for key, value in numbers(config):
            self.writer.add_scalar(f"env/{key}", value, record.step, walltime=record.time)

    def mixed(self, mix):
        for task, share in (mix.stated or {}).items():
            self.writer.add_scalar(f"task/{task}", share, mix.step, walltime=mix.time)

    def closed(self, ending):
        self.writer.close()
