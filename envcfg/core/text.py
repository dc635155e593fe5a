"""Text that can be written to any file."""


def writable(text: str) -> str:
    """*text* with lone surrogates escaped. Python reads a file name that is not UTF-8 with such surrogates."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
