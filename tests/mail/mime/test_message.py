"""Splitting: parts are exact slices, whatever the sender got wrong."""

from __future__ import annotations

import pytest

from app.mail import limits
from app.mail.mime.head import lead, read_head
from app.mail.mime.media_type import read_media_type
from app.mail.mime.message import Message, parse


def mail(body: str, kind: str = 'multipart/mixed; boundary="b"') -> Message:
    return parse(f"From: a@b.example\r\nContent-Type: {kind}\r\n\r\n{body}".encode())


def bodies(message: Message) -> list[bytes]:
    return [part.body for part in message.leaves()]


def test_the_line_end_before_a_boundary_belongs_to_the_boundary() -> None:
    assert bodies(mail("--b\r\n\r\none\r\n\r\n--b\r\n\r\ntwo\r\n--b--\r\n")) == [b"one\r\n", b"two"]


def test_a_boundary_that_starts_like_another_is_not_that_one() -> None:
    assert bodies(mail("--b\r\n\r\none\r\n--bb\r\nstill one\r\n--b--\r\n")) == [b"one\r\n--bb\r\nstill one"]


def test_nothing_after_the_last_boundary_counts() -> None:
    assert bodies(mail("--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\nforged\r\n--b--\r\n")) == [b"one"]


def test_an_inner_multipart_that_never_ends_stops_at_the_outer_boundary() -> None:
    inner = 'Content-Type: multipart/mixed; boundary="c"\r\n\r\n--c\r\n\r\ndeep\r\n'
    assert bodies(mail(f"--b\r\n{inner}--b\r\n\r\nnext\r\n--b--\r\n")) == [b"deep", b"next"]


def test_what_is_inside_a_reported_mail_is_no_part_of_the_report() -> None:
    message = mail(
        "--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n\r\n"
    )
    assert [part.name for part in message.leaves()] == ["message/rfc822"]


def test_a_multipart_without_its_boundary_parameter_is_split_by_the_boundary_it_uses() -> None:
    message = mail("--found\r\n\r\none\r\n--found\r\n\r\ntwo\r\n--found--\r\n", "multipart/mixed")
    assert bodies(message) == [b"one", b"two"]
    assert message.defects == ("A multipart does not say its boundary, or a wrong one.",)


def test_a_part_without_any_header_starts_at_once() -> None:
    assert bodies(mail("--b\nno header here\n--b--\n")) == [b"no header here"]


def test_a_digest_holds_mails_without_saying_so() -> None:
    message = mail("--b\r\n\r\nFrom: c@d.example\r\n\r\nhi\r\n--b--\r\n", "multipart/digest; boundary=b")
    assert [part.name for part in message.leaves()] == ["message/rfc822"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_each_kind_of_line_end_gives_the_same_fields(end: str) -> None:
    message = parse(end.join(["From: a@b.example", "Subject: one", "\ttwo", "", "body", ""]).encode())
    assert [(field.name, field.value) for field in message.head.fields] == [
        ("From", "a@b.example"),
        ("Subject", "one two"),
    ]
    assert message.top.body.strip() == b"body"


def test_a_field_keeps_its_bytes_and_its_place() -> None:
    raw = b"From: a@b.example\r\nX-Odd :  =?utf-8?q?=C3=BC?=\r\n  x \r\n\r\n"
    field = read_head(raw, 0, len(raw)).fields[1]
    assert (field.name, field.raw, field.start) == ("X-Odd", b"  =?utf-8?q?=C3=BC?=\r\n  x \r", 19)
    assert field.value == "ü x"


def test_a_junk_line_inside_a_header_is_stepped_over() -> None:
    raw = b"From: a@b.example\njunk here\nSubject: s\n\nbody"
    head = read_head(raw, 0, len(raw))
    assert [field.key for field in head.fields] == ["from", "subject"]
    assert head.defects == ("A line in the header is no header field.",)


def test_a_header_that_runs_into_its_body_ends_at_the_first_line_of_text() -> None:
    raw = b"From: a@b.example\nDear desk,\nplease help\n"
    head = read_head(raw, 0, len(raw))
    assert raw[head.body :] == b"Dear desk,\nplease help\n"
    assert head.defects == ("The blank line between header and body is missing.",)


@pytest.mark.parametrize("text", [b"Dear desk,\nplease help\n\nAnn\n", b"Dear desk,\nplease help\nPrice: 5\n\nAnn\n"])
def test_the_text_below_a_long_field_is_no_part_of_it(text: bytes) -> None:
    raw = b"From: a@b.example\nX-Mailer: Spade\n" + text
    assert raw[read_head(raw, 0, len(raw)).body :] == text


def test_several_lines_of_a_long_field_may_have_lost_their_blank() -> None:
    raw = b"Received: from a\nby b\nwith ESMTP\nfor c; Tue\nFrom: a@b.example\n\nbody"
    head = read_head(raw, 0, len(raw))
    assert [field.key for field in head.fields] == ["received", "from"]
    assert raw[head.body :] == b"body"


def test_a_header_over_the_limit_is_read_in_part_and_the_body_is_still_found() -> None:
    raw = b"X-A: b\r\n" * (limits.HEADER_FIELDS + 5) + b"\r\nbody"
    head = read_head(raw, 0, len(raw))
    assert len(head.fields) == limits.HEADER_FIELDS
    assert raw[head.body :] == b"body"
    assert head.defects


@pytest.mark.parametrize(
    "before",
    [b"\xef\xbb\xbf", b"\r\n \n", b"From a@b.example  Tue Nov  3 12:00:00 2026\n", b">From x\nFrom y\r\n"],
    ids=["byte order mark", "blank lines", "mbox", "mbox twice"],
)
def test_what_stands_before_the_header_is_skipped(before: bytes) -> None:
    assert lead(before + b"From: a@b.example\n") == len(before)


def test_more_parts_than_the_limit_are_left_unread() -> None:
    message = mail("--b\r\n\r\nx\r\n" * (limits.PARTS + 50))
    assert len(tuple(message.leaves())) < limits.PARTS
    assert "The mail has more parts than are read." in message.defects


def test_parts_deeper_than_the_limit_are_left_unread() -> None:
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n" for i in range(limits.DEPTH + 5))
    assert "The parts lie deeper in one another than is read." in parse(deep.encode()).defects


@pytest.mark.parametrize(
    ("value", "name", "parameters"),
    [
        ('Multipart/Report; report-type="feedback-report";\tboundary=x', "multipart/report", {"boundary": "x"}),
        ('text/plain; name="a;b=c.eml"', "text/plain", {"name": "a;b=c.eml"}),
        ('application/x; name="never closed', "application/x", {"name": "never closed"}),
        ("application/x; name*=utf-8'en'%c3%bc.eml", "application/x", {"name": "ü.eml"}),
        ("application/x; name*0=long; name*1=er.eml", "application/x", {"name": "longer.eml"}),
        ("nonsense", "text/plain", {}),
    ],
)
def test_a_content_type_is_read(value: str, name: str, parameters: dict[str, str]) -> None:
    found = read_media_type(value)
    assert found.name == name
    assert {key: found.parameters[key] for key in parameters} == parameters


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("base64", b"aGVs\r\nbG8=\r\n", b"hello"),
        ("BASE64 (old)", b"aGVsbG8", b"hello"),
        ("base64", b"!aGVs*bG8=", b"hello"),
        ("quoted-printable", b"a=3Db=\r\nc", b"a=bc"),
        ("8bit", b"a=3D", b"a=3D"),
    ],
)
def test_a_transfer_encoding_is_undone(encoding: str, body: bytes, expected: bytes) -> None:
    raw = b"From: a@b.example\r\nContent-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + body
    assert parse(raw).top.content() == expected
