"""Mails in a zip file: people pack an .eml so that no mail server on the way touches it.

Little is unpacked, whatever the archive says of itself: a few files, together at most so much larger than all of it.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from app.mail import limits
from app.mail.message import Part

_MAGIC = b"PK\x03\x04"
_NAMES = (".eml", ".email", ".txt", ".mht")
_FILES = 20
_TIMES = 6
"""How much larger than the archive the mails in it may be; text and base64 shrink to a third or fifth."""
_SPARE_BYTES = 65_536


def is_zip(part: Part) -> bool:
    """Whether a part is a zip file, by what it starts with."""
    return part.name.startswith("application/") and part.content(16).startswith(_MAGIC)


def files_in(part: Part) -> Iterator[bytes]:
    """The contents of the files that may be mails by their names; none of an archive that is broken or locked."""
    packed = part.content()
    left = min(_TIMES * len(packed) + _SPARE_BYTES, limits.MESSAGE_BYTES)
    try:
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            for each in archive.infolist()[:_FILES]:
                if each.filename.lower().endswith(_NAMES) and each.file_size <= left:
                    with archive.open(each) as file:
                        content = file.read(left)
                    left -= len(content)
                    yield content
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        return
