"""Every error envcfg raises. A message is a sentence that names the value and the way out."""

from typing import ClassVar

from envcfg.core.code import Code


class EnvcfgError(Exception):
    """Anything envcfg refuses; the command line prints it as one sentence and exits with status 2."""

    usual: ClassVar[Code] = Code.UNKNOWN
    """The code where none is given."""

    def __init__(self, sentence: str = "", *, code: Code | None = None) -> None:
        super().__init__(sentence)
        self.code = code or self.usual


class ConfigError(EnvcfgError):
    """A config holds something that cannot be recorded, or an argument of a recording call is wrong."""

    usual = Code.ARGUMENT


class EncodingError(EnvcfgError):
    """An encoded config does not follow the written format."""

    usual = Code.DAMAGED


class JournalError(EnvcfgError):
    """A journal cannot be written, or what lies on disk is not one that this version can read."""


class SourceError(EnvcfgError):
    """No run could be read where one was asked for."""

    usual = Code.NO_RUN


class OverrideError(EnvcfgError):
    """A recorded override is none that Hydra's own parser accepts: it is not handed to a program."""


class MissingExtraError(EnvcfgError):
    """A part of envcfg needs a package that is not installed."""

    usual = Code.MISSING_EXTRA

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(f"{what} needs packages that are not installed: pip install 'envcfg[{extra}]'")


class SelectionWarning(UserWarning):
    """A selector matches nothing, or a moment lies outside of what was recorded; something else is left to show."""
