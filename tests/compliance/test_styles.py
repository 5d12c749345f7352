"""What a style sheet hides says nothing to who reads the mail; what somebody sees does."""

from __future__ import annotations

import time

import pytest

from app.compliance.domain import Finding
from app.compliance.styles import names_of, sheets_of
from tests.compliance.letters import PLAIN, letter, line

BODY = "We write to tell you about the chairs in our garden, which are on sale.\n"


@pytest.mark.parametrize(
    ("sheet", "names"),
    [
        (".x{display:none}", {".x"}),
        ("p.x , #y { color: red; display : none !important }", {".x", "#y"}),
        ("@import url(a.css); .x{max-height:0}", {".x"}),
        ("/* .y{display:none} */ .x{opacity:0} /* .z{", {".x"}),
        ("<!-- .x{display:none} -->", {".x"}),
        (".x{font-size:0}", set()),
        (".x{display:none} .x{color:red; font-size:12px}", {".x"}),
        ("@font-face{font-family:A} .x{opacity:0}", {".x"}),
        (".x{display:none} .x td{font-size:12px} .x p{color:red}", {".x"}),
        (".x{display:none} @media (max-width:600px){ .y{color:red} .x{display:block!important} }", set()),
        (".x{display:none} @media screen{ *[class=x]{display:block} }", set()),
        (".x{display:none} body.z .x{display:table-row}", set()),
        ("@media (max-width:600px){ .x{display:none} }", set()),
        ("@supports (a:b){ @media screen { .x{display:none} } }", set()),
        (".x .y{display:none} .z:hover{display:none} .x.y{display:none}", set()),
        (".x{display:none", set()),
        ("}}} .x{display:none}", {".x"}),
    ],
)
def test_what_a_sheet_hides_from_everybody(sheet: str, names: set[str]) -> None:
    assert sheets_of(f"<html><STYLE type='text/css'>{sheet}</STYLE><p>Hello.").hidden == names


@pytest.mark.parametrize(
    "source",
    [
        "<!--[if mso]><style>.x{display:none}</style><![endif]-->",
        "<!-- <style>.x{display:none}</style>",
        "<style>.x{display:none}",
        "<p>.x{display:none}</p>",
    ],
)
def test_a_sheet_that_is_none_hides_nothing(source: str) -> None:
    assert sheets_of(source).hidden == frozenset()


def test_a_sheet_for_all_but_outlook_counts() -> None:
    source = "<!--[if !mso]><!--><style>.x{display:none}</style><!--<![endif]--><style>.y{display:none}</style>"
    assert sheets_of(source).hidden == {".x", ".y"}


def test_the_names_of_a_tag() -> None:
    assert [*names_of("<p title='class=a' CLASS=\"x  y\" id='z' class=w>")] == [".x", ".y", "#z", ".w"]


@pytest.mark.parametrize(
    ("tag", "finding"), [("<div class='a x'>", Finding.BREACHED), ("<div class='xx' id='x'>", Finding.MET)]
)
def test_an_unsubscribe_link_that_a_sheet_hides_is_none(tag: str, finding: Finding) -> None:
    hidden = (
        f"<style>.x{{display:none}}</style><p>{BODY}</p>{tag}Unsubscribe: https://s.example/1</div><p>{PLAIN}</p>"
    )

    assert line("can-spam.5.present", letter(hidden, html=True)).finding is finding


OUT = "Unsubscribe: https://s.example/1"


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        (f'<td style="font-size:0px"><div style="font-size:0"><p style="font-size:13px">{OUT}</p></div></td>', "met"),
        (f'<td style="font-size:0px"><div style="font-size:0"><p>{OUT}</p></div></td>', "breached"),
        (f'<td style="font-size:0px">{BODY}<p style="font-size:1px">{OUT}</p></td>', "breached"),
        (f'<td style="font-size:0px"><font size="2">{OUT}</font></td>', "met"),
        (f'<td style="font-size:0px"><p style="font:12px Arial">{OUT}</p></td>', "met"),
        (f'<style>.t{{font-size:12px}}</style><td style="font-size:0px"><p class="t">{OUT}</p></td>', "met"),
        (f'<style>.t{{margin:0}}</style><td style="font-size:0px"><p class="t">{OUT}</p></td>', "breached"),
        (f'<p style="color:transparent"><b style="color:#333">{OUT}</b></p>', "met"),
        (f'<p style="color:transparent"><b style="background-color:#333">{OUT}</b></p>', "breached"),
        (f'<p style="visibility:hidden"><b style="visibility:visible">{OUT}</b></p>', "met"),
        (f'<p style="display:none"><b style="display:block">{OUT}</b></p>', "breached"),
        (
            f'<style>@media(a){{.m{{display:block!important}}}}</style><p style="display:none" class="m">{OUT}</p>',
            "met",
        ),
        (f'<style>@media(a){{.m{{display:block}}}}</style><p style="display:none" class="m">{OUT}</p>', "breached"),
        (f'<p style="color:#FFF">{OUT}</p>', "breached"),
        (f'<p style="color: white">{OUT}</p>', "breached"),
        (f'<p style="color:rgb(255, 255, 255);">{OUT}</p>', "breached"),
        (f'<div style="background:#1a1a1a url(a.png);color:#1A1A1A">{OUT}</div>', "breached"),
        (f'<td bgcolor="#000000"><p style="color:#fff">{OUT}</p></td>', "met"),
        (f'<style>.d{{background-color:#000}}</style><p class="d" style="color:#fff">{OUT}</p>', "met"),
        (f'<p style="color:#000;background-color:rgb(255,255,255)">{OUT}</p>', "met"),
        (f'<p style="color:#fffff0">{OUT}</p>', "met"),
        (f'<p style="border-color:#fff;color:#222">{OUT}</p>', "met"),
        (f'<p style="color:#fff;background:#fff"><b style="color:#333">{OUT}</b></p>', "met"),
        (f'<p style="color:#fff;background:#fff"><b style="background:#333">{OUT}</b></p>', "met"),
        (f'<td style="color:#fff;background:#fff"><table bgcolor="#333333"><td>{OUT}</td></table></td>', "met"),
        (f'<p style="color:#fff;background:#fff"><b>{OUT}</b></p>', "breached"),
    ],
)
def test_what_is_in_an_element_may_say_otherwise(source: str, finding: str) -> None:
    assert line("can-spam.5.present", letter(f"<p>{BODY}</p>{source}", html=True)).finding.value == finding


@pytest.mark.parametrize(
    "piece",
    [
        "<p style='font-size:0'><b style='font-size:9px'>",
        "<p style='font-size:0'></p>",
        "<style>",
        "<style></style>",
        "<!--",
        ".x{",
        "@media{",
        "/*",
        "}",
        ".x{display:none}",
        "<p class='x' ",
    ],
)
def test_any_sheet_takes_no_long_time(piece: str) -> None:
    source = "<style>.x{display:none}" + piece * (400_000 // len(piece))
    began = time.process_time()

    sheets_of(source)
    sheets_of(source + "</style>")
    line("can-spam.5.present", letter("<style>.x{display:none}</style>" + piece * (400_000 // len(piece)), html=True))

    assert time.process_time() - began < 3
