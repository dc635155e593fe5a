"""gzip of a document whose long texts are close to random: each part is coded by itself, in the way that suits it.

What stands in columns seldom repeats, and then the repetitions that zlib finds cost more than the characters do. Its
codes for single characters alone are within a few parts in a hundred of the entropy. The result is one gzip member.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final

_MEMBER: Final = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
"""RFC 1952: deflate, no name, no time, slowest, of unknown origin."""
_LAST: Final = b"\x03\0"
"""RFC 1951: an empty block, the last."""
_LONG: Final = re.compile(rb'"[0-o]{1024,}"')
_WINDOW: Final = 1 << zlib.MAX_WBITS
_WAYS: Final = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY)


def gzipped(document: bytes) -> bytes:
    """One gzip member of *document*; the same bytes for the same document."""
    body = b"".join(min((_deflated(part, document, way) for way in _WAYS), key=len) for part in _parts(document))
    length = len(document) & 0xFFFFFFFF
    return _MEMBER + body + _LAST + zlib.crc32(document).to_bytes(4, "little") + length.to_bytes(4, "little")


def _parts(document: bytes) -> Iterator[slice]:
    """The long texts of a document, and what stands between them."""
    start = 0
    for found in _LONG.finditer(document):
        yield slice(start, found.start())
        yield slice(*found.span())
        start = found.end()
    yield slice(start, len(document))


def _deflated(part: slice, document: bytes, way: int) -> bytes:
    """A part, which may repeat what stands before it in the document."""
    before = document[max(0, part.start - _WINDOW) : part.start]
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL + 1, way, before)
    return stream.compress(document[part]) + stream.flush(zlib.Z_SYNC_FLUSH)
