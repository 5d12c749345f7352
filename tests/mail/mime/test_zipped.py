"""How much is unpacked of an archive, whatever it says of itself."""

from __future__ import annotations

import base64
import io
import time
import zipfile

from app.mail.mime.message import Part, parse
from app.mail.mime.zipped import files_in


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def part_of(content: bytes) -> Part:
    head = b"Content-Type: application/zip\nContent-Transfer-Encoding: base64\n\n"
    return parse(head + base64.encodebytes(content)).top


def test_files_of_an_archive_in_the_archive_are_given_in_their_order() -> None:
    inner = zipped({"b.eml": b"two", "c": b"three"})
    assert list(files_in(part_of(zipped({"a.eml": b"one", "in.zip": inner, "d.log": b"four"})))) == [
        b"one",
        b"two",
        b"three",
        b"four",
    ]


def test_a_broken_archive_in_the_archive_hides_nothing_beside_it() -> None:
    assert list(files_in(part_of(zipped({"in.zip": b"PK\x03\x04broken", "a.eml": b"one"})))) == [b"one"]


def test_archives_in_an_archive_share_its_bound() -> None:
    bomb = zipped({f"{number}.eml": bytes(60_000) for number in range(20)})
    packed = zipped({f"{number}.zip": bomb for number in range(20)})
    start = time.process_time()
    unpacked = sum(map(len, files_in(part_of(packed))))
    assert unpacked <= 6 * len(packed) + 65_536
    assert time.process_time() - start < 1
