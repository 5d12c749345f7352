"""Long texts are taken in pieces, and nothing is lost where one piece ends and the next begins."""

from __future__ import annotations

import pytest

from app.mail import limits
from app.mail.every_address import every_address
from app.mail.mime.blocks import line_blocks
from app.mail.mime.message import parse
from app.mail.mime.text import human_texts, text_of_html


@pytest.mark.parametrize("text", ["", "a", "a\n", "ab\n" * 50_000, "a" * 200_000, "\n" * 200_000])
def test_blocks_of_lines_make_up_the_text(text: str) -> None:
    found = list(line_blocks(text))

    assert "".join(found) == text
    assert all(block.endswith("\n") for block in found[:-1])
    assert b"".join(line_blocks(text.encode())) == text.encode()


@pytest.mark.parametrize(
    "end", ["<br>", "<br>\r\n", "\n<BR />", "<div>", "</div>\n<div class='a'>", "</li>", "\u2028"]
)
@pytest.mark.parametrize("blank", [" ", "  ", "\t", "\xa0", " \u3000", "", "\n"])
def test_lines_of_html_have_no_needless_blanks(end: str, blank: str) -> None:
    assert text_of_html(f"{blank}a{blank}{end}{blank}b <b>c</b>{blank}{end}") == "a\nb c"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\t \n", "\x0c"])
def test_white_space_of_html_is_one_blank_but_where_it_is_kept(end: str) -> None:
    assert text_of_html(f"a{end}b<br>c") == "a b\nc"
    assert text_of_html(f"a{end}<pre>b\nc</pre>d{end}e") == "a\nb\nc\nd e"
    assert text_of_html("a <pre>b\nc") == "a\nb\nc"
    assert text_of_html("a\n<span style='color:red; white-space: pre-wrap'>b\nc</span>d\ne") == "a b\ncd e"


def test_an_address_that_was_not_escaped_is_no_tag() -> None:
    assert text_of_html("<b>From:</b> Ann <ann@home.test><br><a href='mailto:b@c.test'>b</a>") == (
        "From: Ann <ann@home.test>\nb"
    )


def test_cells_of_a_row_are_words_of_a_line() -> None:
    assert text_of_html("<tr><td>From:</td><td>Ann</td></tr>\n<tr><td>To:</td><td>Bob</td></tr>") == (
        "From: Ann\nTo: Bob"
    )


def test_a_table_begins_and_ends_a_line() -> None:
    assert (
        text_of_html("Look:\n<table><tr><td>From:</td><td>Ann</td></tr></table>and go")
        == "Look:\nFrom: Ann\n\nand go"
    )


@pytest.mark.parametrize("element", ["p", "div", "P class='a'"])
def test_a_paragraph_in_a_cell_is_no_line_of_its_own(element: str) -> None:
    end = f"</{element.split()[0]}>"
    cells = f"<td>\n<{element}>From:{end}\n</td><td><{element}>Ann{end}<{element}>Bee{end}</td>"
    text = text_of_html(f"<table><tr>{cells}</tr><tr>{cells}</tr></table>")

    assert [line for line in text.split("\n") if line] == ["From: Ann", "Bee", "From: Ann", "Bee"]


@pytest.mark.parametrize("start", ["<p class=MsoNormal>", '<P style="x:y" class="MsoPlainText" lang=en>'])
def test_paragraphs_of_outlook_are_lines_without_space_between(start: str) -> None:
    blank = f"{start}<span>&nbsp;<o:p></o:p></span></p>\n"

    assert text_of_html(f"{start}a</p>\n{start}b</p>{blank}{start}c</p>") == "a\nb\n\nc"
    assert text_of_html("<p class='text'>a</p>\n<p class='text'>b</p>") == "a\n\nb"


def test_a_tag_is_not_cut_where_a_block_ends() -> None:
    source = "<b>word</b> " * 20_000

    assert text_of_html(source) == ("word " * 20_000).strip()[: limits.TEXT_CHARS]


@pytest.mark.parametrize("before", [0, 262_138, 262_144, 600_000])
@pytest.mark.parametrize("blank", [" ", "\n"])
def test_an_address_is_found_wherever_it_stands_in_a_long_line(before: int, blank: str) -> None:
    body = "x" * before + blank + "reader@home.example" + blank + "y" * 300_000

    assert every_address(f"From: a@b.example\n\n{body}".encode()) == {"a@b.example", "reader@home.example"}


def test_texts_end_where_the_limit_is_reached() -> None:
    part = b"--b\r\n\r\n" + b"a" * 60_000 + b"\r\n"
    texts = human_texts(parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 3 + b"--b--\r\n"))

    assert [len(text) for text in texts] == [60_000, limits.TEXT_CHARS - 60_000]


@pytest.mark.parametrize("near", [b"--bx\n", b"--b--x\n", b"--b x\n"])
def test_a_boundary_is_found_behind_many_lines_that_nearly_are_one(near: bytes) -> None:
    body = (
        near * 100 + b"--b\nX-A: 1\n\nfirst\n" + near * 100 + b"--b \t\r\nX-B: 2\n\nsecond\n" + near * 40 + b"--b--"
    )
    found = parse(b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + body)

    assert [len(part.body) for part in found.leaves()] == [5 + 1 + 100 * len(near) - 1, 6 + 1 + 40 * len(near) - 1]
    assert found.defects == ()
