"""Mails in a zip or gzip file: people pack an .eml so that no mail server on the way touches it, or a whole folder.

Little is unpacked, whatever the archive says of itself: a few files, together at most so much larger than all of it,
those of an archive in it included.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator
from io import BytesIO

from app.mail import limits
from app.mail.mime.message import Part

_MAGIC = b"PK\x03\x04"
_GZIP = b"\x1f\x8b\x08"
_NAMES = (".eml", ".emlx", ".email", ".mbox", ".txt", ".log", ".mht", ".zip")
_FILES = 20
_DEPTH = 1
"""How deep archives within the archive are opened."""
_TIMES = 6
"""How much larger than the archive the mails in it may be; text and base64 shrink to a third or fifth."""
_SPARE_BYTES = 65_536
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)
"""What `zipfile` raises on a damaged archive; RuntimeError where it is locked or wants what Python does not have."""


def is_zip(part: Part) -> bool:
    """Whether a part is a zip or gzip file, by what it starts with."""
    return part.name.startswith("application/") and part.content(16).startswith((_MAGIC, _GZIP))


def files_in(part: Part) -> Iterator[bytes]:
    """The contents of the files that may be mails by their names, also in an archive that lies in the archive; none
    of one that is broken or locked."""
    packed = part.content()
    left = min(_TIMES * len(packed) + _SPARE_BYTES, limits.MESSAGE_BYTES)
    if packed.startswith(_GZIP):
        yield from _out_of_gzip(packed, left)
    else:
        yield from _out_of_zip(packed, left, _DEPTH)


def _out_of_zip(packed: bytes, left: int, depth: int) -> Generator[bytes, None, int]:
    """The files in it, and how many bytes of `left` may be unpacked after them."""
    try:
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            for each in archive.infolist()[:_FILES]:
                if not _may_be_read(each) or each.file_size > left:
                    continue
                with archive.open(each) as file:
                    content = file.read(left)
                left -= len(content)
                if not content.startswith(_MAGIC):
                    yield content
                elif depth:
                    left = yield from _out_of_zip(content, left, depth - 1)
    except _BROKEN:
        pass
    return left


def _out_of_gzip(packed: bytes, most: int) -> Iterator[bytes]:
    """The one file in it, where it is no larger than `most`."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(packed, most)
    except zlib.error:
        return
    if unpacker.eof:
        yield content


def _may_be_read(file: zipfile.ZipInfo) -> bool:
    """LZMA and bzip2 are left alone: no mail client packs so, and an archive may ask them for gigabytes.

    A name without an ending may be a subject, or Apple Mail's `mbox` in the folder that it exports.
    """
    name = file.filename.lower().rpartition("/")[2]
    is_named = bool(name) and ("." not in name or name.endswith(_NAMES))
    return is_named and file.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
