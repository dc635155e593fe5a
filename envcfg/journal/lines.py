"""One line of a segment: a JSON object whose last member is the checksum of everything before it."""

import re
from zlib import crc32

from envcfg.core.code import Code
from envcfg.core.errors import EncodingError

_CHECKSUM = re.compile(rb',"crc":"([0-9a-f]{8})"\}')
_TAIL = len(b',"crc":"00000000"}')


def with_checksum(body: bytes) -> bytes:
    """*body* with its CRC-32 (ISO 3309) and a line feed added; *body* is a JSON object with at least one member."""
    opened = body[:-1]
    return opened + b',"crc":"%08x"}\n' % crc32(opened)


def verified(line: bytes) -> bytes:
    """The JSON object of a line; raises `EncodingError` if its checksum is missing or wrong."""
    whole = line.removesuffix(b"\n")
    opened, tail = whole[:-_TAIL], whole[-_TAIL:]
    if tail == b',"crc":"%08x"}' % crc32(opened) and opened.startswith(b"{"):
        return opened + b"}"
    found = _CHECKSUM.fullmatch(tail)
    sentence = f"the checksum of the line is not {found[1].decode()}" if found else "the line has no checksum"
    raise EncodingError(sentence, code=Code.CHECKSUM)
