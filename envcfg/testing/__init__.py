"""Public: contract tests for sinks and sources, as pytest base classes. Needs pytest."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
