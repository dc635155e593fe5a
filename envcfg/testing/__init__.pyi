from .comparison import assert_books as assert_books
from .comparison import differences as differences
from .sinks import SinkContract as SinkContract
from .sources import MetricSourceContract as MetricSourceContract
from .sources import RunSourceContract as RunSourceContract
from .spy import SpyEnv as SpyEnv
from .spy import books as books
from .spy import spies as spies
