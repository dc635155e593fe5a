"""One line of a segment: a JSON object whose last member is the checksum of everything before it."""

import re
from zlib import crc32

from envcfg.core.errors import EncodingError

_CHECKED = re.compile(rb'(?s)(\{.*),"crc":"([0-9a-f]{8})"\}\n?')


def checked(body: bytes) -> bytes:
    """*body*, a JSON object with at least one member, with its CRC-32 (ISO 3309) and a line feed added."""
    opened = body[:-1]
    return opened + b',"crc":"%08x"}\n' % crc32(opened)


def verified(line: bytes) -> bytes:
    """The JSON object of a line; raises `EncodingError` when its checksum is missing or wrong."""
    found = _CHECKED.fullmatch(line)
    if found is None:
        raise EncodingError("a line without a checksum")
    opened, crc = found.groups()
    if crc32(opened) != int(crc, 16):
        raise EncodingError(f"a line whose checksum is not {crc.decode()}")
    return bytes(opened) + b"}"
