"""Public: contract tests for sinks and sources, which need pytest, and spies for adapters, which need Gymnasium."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
