"""Which messages are in a file: an mbox is cut, everything else is left as it is."""

from __future__ import annotations

import mmap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.mbox import messages

LINE = b"From reporter@example.net Sun Nov 22 12:00:00 2026\n"
ONE = b"Subject: one\n\nbody one\n"
TWO = b"Subject: two\n\nbody two\n"
MOST = 10_000


def found(source: bytes, most: int = MOST) -> list[bytes | None]:
    return list(messages(source, most))


def test_an_mbox_is_its_messages_without_the_lines_between() -> None:
    assert found(LINE + ONE + b"\n" + LINE + TWO + b"\n") == [ONE, TWO]


def test_an_mbox_with_crlf_keeps_crlf() -> None:
    source = (LINE + ONE + b"\n" + LINE + TWO).replace(b"\n", b"\r\n")
    assert found(source) == [ONE.replace(b"\n", b"\r\n"), TWO.replace(b"\n", b"\r\n")]


@pytest.mark.parametrize(
    "source",
    [ONE, LINE + ONE, LINE + ONE + b"\n", b"\r\n", b"\0\xff", b"From", LINE, b"{}", b"\xd0\xcf\x11\xe0" + ONE, b""],
)
def test_everything_else_is_one_message_exactly_as_it_stands(source: bytes) -> None:
    assert found(source) == [source]


@pytest.mark.parametrize(
    "text",
    [
        b"From the start I said no.\nReally: no.\n",
        b"\nFrom here on it is all text.\nNote: text.\n",
        b"\nFrom Monday to Friday: Sun Nov 22 was free.\nNote: text.\n",
        b"\n" + LINE + b"no header field after it\n",
        b"a line before\n" + LINE + b"Subject: not after a blank line\n",
        b"\n>" + LINE + b"Subject: quoted\n",
    ],
)
def test_text_that_only_looks_like_a_separator_cuts_nothing(text: bytes) -> None:
    assert found(LINE + ONE + text) == [LINE + ONE + text]


def test_a_mail_with_an_mbox_inside_is_one_message() -> None:
    source = b"Subject: look\n\n" + LINE + ONE + b"\n" + LINE + TWO
    assert found(source) == [source]


@pytest.mark.parametrize(
    "line",
    [
        b"From MAILER-DAEMON Sun Nov  1 12:00:00 2026\n",
        b"From a@b Sun Nov 22 12:00:00 2026 +0100\n",
        b"From a@b Sun Nov 22 12:00 UTC 2026\n",
        b"From 1849@xxx Sun Nov 22 12:00:00 +0000 2026\n",
        b'From "odd name"@b  Sun Nov 22 12:00:00 2026\n',
    ],
)
def test_separators_are_known_as_mail_programs_write_them(line: bytes) -> None:
    assert found(line + ONE + b"\n" + line + TWO) == [ONE, TWO]


def test_one_quote_is_taken_from_quoted_lines_of_the_body_alone() -> None:
    message = b"Subject: q\n>From the.header\n\n>From one\n>>From two\n> From three\n"
    unquoted = b"Subject: q\n>From the.header\n\nFrom one\n>From two\n> From three\n"
    assert found(LINE + message + b"\n" + LINE + ONE) == [unquoted, ONE]


def test_a_message_over_the_limit_is_named_and_the_others_are_there() -> None:
    large = b"Subject: large\n\n" + b"x" * 200 + b"\n"
    assert found(LINE + ONE + b"\n" + LINE + large + b"\n" + LINE + TWO, most=100) == [ONE, None, TWO]
    assert found(large, most=100) == [None]


def test_a_file_may_be_mapped_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "inbox"
    path.write_bytes(LINE + ONE + b"\n" + LINE + TWO)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as source:
        assert list(messages(source, MOST)) == [ONE, TWO]


@given(
    st.lists(
        st.binary(max_size=200).map(lambda body: b"Subject: x\n\n" + body.replace(b"From ", b"") + b"\n"), min_size=2
    )
)
def test_what_is_written_as_an_mbox_is_found_again(written: list[bytes]) -> None:
    source = b"".join(LINE + message + b"\n" for message in written)
    assert found(source) == written


@given(st.binary(max_size=2_000))
def test_no_bytes_are_a_fault(source: bytes) -> None:
    assert found(source, most=5_000)
