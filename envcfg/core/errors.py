"""Every error envcfg raises. A message is a sentence that names the value and the way out."""


class EnvcfgError(Exception):
    """Anything envcfg refuses; the command line prints it as one sentence and exits with status 2."""


class ConfigError(EnvcfgError):
    """A config holds something that cannot be recorded, or an argument of a recording call is wrong."""


class EncodingError(EnvcfgError):
    """An encoded config does not follow the written format."""


class JournalError(EnvcfgError):
    """A journal cannot be written, or what lies on disk is not one that this version can read."""


class SourceError(EnvcfgError):
    """No run could be read where one was asked for."""


class OverrideError(EnvcfgError):
    """A recorded override is none that Hydra's own parser accepts: it is not handed to a program."""


class MissingExtraError(EnvcfgError):
    """A part of envcfg needs a package that is not installed."""

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(f"{what} needs packages that are not installed: pip install 'envcfg[{extra}]'")


class SelectionWarning(UserWarning):
    """A selector matches nothing, or a moment lies outside of what was recorded; something else is left to show."""
