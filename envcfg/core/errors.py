"""The exceptions of envcfg. A message names the value, what was expected, and what to do."""

from typing import ClassVar

from envcfg.core.code import Code


class EnvcfgError(Exception):
    """The base of all exceptions of envcfg. The command line prints its message and exits with status 2."""

    usual: ClassVar[Code] = Code.UNKNOWN
    """The code if none is given."""

    def __init__(self, sentence: str = "", *, code: Code | None = None) -> None:
        super().__init__(sentence)
        self.code = code or self.usual


class ConfigError(EnvcfgError):
    """A config contains a value that cannot be recorded, or an argument of a recording call is wrong."""

    usual = Code.ARGUMENT


class EncodingError(EnvcfgError):
    """An encoded config does not follow the written format."""

    usual = Code.DAMAGED


class JournalError(EnvcfgError):
    """A journal cannot be written, or this version cannot read it."""


class SourceError(EnvcfgError):
    """A run, or a part of it that was asked for, could not be read."""

    usual = Code.NO_RUN


class OverrideError(EnvcfgError):
    """Hydra's parser does not accept a recorded override, so it is not passed to a program."""


class MissingExtraError(EnvcfgError):
    """A part of envcfg needs a package that is not installed."""

    usual = Code.MISSING_EXTRA

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(f"{what} needs packages that are not installed: pip install 'envcfg[{extra}]'")


class SelectionWarning(UserWarning):
    """A selector matches nothing, or a moment is outside of the recording, but something else is left to show."""
