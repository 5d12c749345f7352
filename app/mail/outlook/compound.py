"""The compound file around an Outlook .msg (MS-CFB, MS-OXMSG), opened with bounds.

`oxmsg.Message.load` is not used: it reads every stream of a file into memory, and a file of 10 MB may name one
stream a thousand times; of a file shorter than 1,536 bytes it opens the path that the bytes spell. Here the header is
checked first, then only the streams that are wanted are read, each up to a size, and handed to oxmsg.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

from olefile import OleFileIO
from olefile.olefile import STGTY_STORAGE, STGTY_STREAM
from oxmsg.domain import constants as c
from oxmsg.storage import Storage, Stream

from app.mail import limits
from app.mail.mime.media_type import COMPOUND_FILE
from app.mail.original import MAX_RECIPIENTS
from app.mail.outlook import item as o

_LEAST = 1_536
_SLACK = 16
_ENTRIES = 5_000
_PROPERTIES = "__properties_version1.0"
_RECIPIENT = "__recip_version1.0_"
_PROPERTY_BYTES = 65_536
_TYPES = (c.PTYP_STRING, c.PTYP_STRING8, c.PTYP_BINARY)
_OF_MESSAGE = (*o.TEXTS, o.HTML, o.RTF)


def message_storage(raw: bytes) -> Storage | None:
    """The storage of the Outlook message in `raw`, None where it is no compound file, a broken one, or no message.

    It holds the properties and the streams that the desk needs, of at most `MAX_RECIPIENTS` recipients; a stream
    over `limits.MSG_STREAM_BYTES` is left out. Never raises.
    """
    if not _is_sound(raw):
        return None
    try:
        with _BoundedOle(io.BytesIO(raw)) as ole:
            if ole.root.size > len(raw):
                return None
            return _message(ole)
    except Exception:  # noqa: BLE001 - olefile fails in many ways on hostile files: it is then no message
        return None


class _BoundedOle(OleFileIO):
    """olefile compares each directory entry with all before it: without a bound that takes quadratic time."""

    entries = 0

    def _load_direntry(self, sid: int) -> Any:
        self.entries += 1
        if self.entries > _ENTRIES:
            raise ValueError("too many directory entries")
        return super()._load_direntry(sid)


def _is_sound(raw: bytes) -> bool:
    """Whether the header claims no more sectors than the file can have (MS-CFB §2.2)."""
    if len(raw) < _LEAST or not raw.startswith(COMPOUND_FILE):
        return False
    shift, mini_shift = struct.unpack_from("<HH", raw, 30)
    if shift not in (9, 12) or mini_shift != 6:
        return False
    fats, minis, difats = (struct.unpack_from("<L", raw, at)[0] for at in (44, 64, 72))
    sectors = len(raw) >> shift
    allowed = (sectors >> (shift - 2)) + _SLACK
    return bool(max(fats, minis, difats) <= allowed)


def _message(ole: Any) -> Storage | None:
    if not any(kid.name == _PROPERTIES for kid in ole.root.kids):
        return None
    streams = tuple(_streams(ole, ole.root, [], _OF_MESSAGE, limits.MSG_STREAM_BYTES))
    return Storage("", streams, tuple(_recipients(ole)))


def _recipients(ole: Any) -> Iterator[Storage]:
    found = (kid for kid in ole.root.kids if kid.entry_type == STGTY_STORAGE and kid.name.startswith(_RECIPIENT))
    for kid, _ in zip(found, range(MAX_RECIPIENTS), strict=False):
        yield Storage(kid.name, tuple(_streams(ole, kid, [kid.name], o.PERSON_TEXTS, _PROPERTY_BYTES)), ())


def _streams(ole: Any, node: Any, path: list[str], wanted: tuple[int, ...], most: int) -> Iterator[Stream]:
    """The streams of `node` that hold its properties and those wanted, each name once, none over `most` bytes."""
    names = {f"__substg1.0_{pid:04X}{kind:04X}": most for pid in wanted for kind in _TYPES}
    names[_PROPERTIES] = _PROPERTY_BYTES
    for kid in node.kids:
        if kid.entry_type == STGTY_STREAM and kid.size <= names.pop(kid.name, -1):
            with ole.openstream([*path, kid.name]) as stream:
                yield Stream("/".join((*path, kid.name)), stream.read())
