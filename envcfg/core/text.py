"""Text that every file can hold."""


def writable(text: str) -> str:
    """*text*; half a surrogate pair, as in a file name that is no UTF-8, becomes what Python would escape it to."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
