"""Mails in files that somebody attaches: packed, saved as text under any name, or wrapped by a filter of ours."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest

from app.mail.domain import Kind
from app.mail.read import read
from tests.mail.formats.test_complaints_stay import SOURCE


def with_file(content: bytes, name: str, media_type: str) -> bytes:
    return (
        b"From: Ann <ann@home.test>\nTo: abuse@relay.example\nSubject: see the file\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nPlease look.\n--b\nContent-Type: "
        + f'{media_type}\nContent-Disposition: attachment; filename="{name}"\n'.encode()
        + b"Content-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(content)
        + b"--b--\n"
    )


def zipped(**files: str | bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "files",
    [
        {"Tulips are cheaper": SOURCE},
        {"source.log": SOURCE},
        {"header.txt": f"These are the headers:\n\n{SOURCE}"},
        {"Junk.mbox/mbox": f"From - Tue Nov  3 09:00:00 2026\n{SOURCE}"},
        {"all.mbox": f"From - Tue Nov  3 09:00:00 2026\n{SOURCE}"},
        {"inner.zip": zipped(**{"mail.eml": SOURCE})},
    ],
    ids=lambda files: next(iter(files)),
)
def test_a_mail_in_a_zip_file_is_found_whatever_its_name(files: dict[str, str | bytes]) -> None:
    found = read(with_file(zipped(**files), "a.zip", "application/zip"))
    assert (found.kind, len(found.originals)) == (Kind.FORWARDED, 1)


@pytest.mark.parametrize(
    "files",
    [
        {"photo.jpg": SOURCE},
        {"a.zip": zipped(**{"b.zip": zipped(**{"mail.eml": SOURCE})})},
        {"README": "Nothing to see here."},
    ],
    ids=["a picture by its name", "three deep", "no mail"],
)
def test_what_else_is_in_a_zip_file_is_left_alone(files: dict[str, str | bytes]) -> None:
    assert read(with_file(zipped(**files), "a.zip", "application/zip")).kind is Kind.PERSON


@pytest.mark.parametrize(
    ("name", "media_type", "kind"),
    [
        ("message", "text/plain", Kind.FORWARDED),
        ("original_msg", "text/plain", Kind.FORWARDED),
        ("spam.md", "text/markdown", Kind.FORWARDED),
        ("message", "image/png", Kind.PERSON),
        ("notes.doc", "text/plain", Kind.PERSON),
    ],
)
def test_source_saved_as_text_is_found_under_names_that_tell_nothing(name: str, media_type: str, kind: Kind) -> None:
    assert read(with_file(SOURCE.encode(), name, media_type)).kind is kind


COMPLAINT = (
    f"From: Ann <ann@home.test>\nTo: abuse@relay.example\nDate: Tue, 3 Nov 2026 10:00:00 +0000\n\nStop.\n\n{SOURCE}"
)


@pytest.mark.parametrize(
    ("wrapper", "inner", "count"),
    [
        ("report", COMPLAINT, 1),
        ("mixed", COMPLAINT, 1),
        ("report", COMPLAINT.replace("abuse@relay.example", "ann@home.test"), 2),
        ("report", COMPLAINT.replace("ann@home.test", "bob@home.test", 1), 2),
    ],
    ids=["a filter's", "one's own forward", "to no desk", "somebody else's"],
)
def test_a_complaint_that_was_attached_once_more_is_not_reported_itself(wrapper: str, inner: str, count: int) -> None:
    raw = (
        "From: ann@home.test\nTo: abuse@relay.example\nSubject: *****SPAM***** phishing\n"
        f"Content-Type: multipart/{wrapper}; boundary=outer\n\n--outer\n\nOur filter took it for spam.\n"
        f"--outer\nContent-Type: message/rfc822\n\n{inner}\n--outer--\n"
    )
    found = read(raw.encode())
    assert (found.kind, len(found.originals)) == (Kind.FORWARDED, count)
