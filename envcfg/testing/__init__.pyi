from .sinks import SinkContract as SinkContract
from .sources import MetricSourceContract as MetricSourceContract
from .sources import RunSourceContract as RunSourceContract
