"""The whole worksheet: where the recipient lives, where quotes stand, hostile mail, nothing met by guess."""

from __future__ import annotations

import base64
import quopri
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compliance import exhibit
from app.compliance.domain import Applies, Basis, Facts, Finding, Law, Signed, Worksheet
from app.compliance.passage import Passage, html_passage
from app.compliance.worksheet import worksheet
from app.mail import limits
from app.mail.domain import Original
from app.mail.mime.message import Part
from app.mail.read import read
from tests.compliance.letters import PLAIN, letter, line, original

CORPUS = Path(__file__).parents[1] / "corpus"
GERMAN = "Wir schreiben Ihnen, weil die Stühle für den Garten nicht mehr auf dem Lager sind und wir das sagen.\n"


def applying(facts: Facts, raw: bytes | None = None) -> dict[Law, Applies]:
    return {line.law: line.applies for line in worksheet(original(raw or letter()), facts).lines}


# Jurisdiction


@pytest.mark.parametrize(
    ("recipient", "law"),
    [("x@a.de", Law.GDPR), ("x@a.co.uk", Law.GDPR), ("x@a.ca", Law.CASL), ("x@a.com.au", Law.SPAM_ACT),
     ("x@a.gov", Law.CAN_SPAM), ("a.us", Law.CAN_SPAM), ("x@a.re", Law.GDPR), ("x@a.pr", Law.CAN_SPAM)],
)  # fmt: skip
def test_a_country_domain_tells_which_law_applies(recipient: str, law: Law) -> None:
    said = applying(Facts(recipient))

    assert [each for each, applies in said.items() if applies is Applies.YES] == [law, Law.PRACTICE]
    assert set(said.values()) == {Applies.YES, Applies.NO}


@pytest.mark.parametrize("recipient", ["x@a.zz", "x@a.um", "x@a.pm", "x@a.sx", "x@a.vu", "x@a.cd"])
def test_two_letters_that_are_no_country_or_everybodys_tell_nothing(recipient: str) -> None:
    assert Applies.NO not in applying(Facts(recipient)).values()


@pytest.mark.parametrize("recipient", ["x@a.ею", "x@a.xn--e1a4c", "x@a.ευ", "x@a.ελ", "x@a.xn--qxam", "x@a.бг"])
def test_a_country_domain_in_another_script_tells_the_country(recipient: str) -> None:
    assert applying(Facts(recipient))[Law.GDPR] is Applies.YES


def test_a_language_makes_a_law_apply_perhaps() -> None:
    said = applying(Facts("x@mail.example"), letter(GERMAN))

    assert set(said.values()) == {Applies.PERHAPS, Applies.YES}
    assert [each for each, applies in said.items() if applies is Applies.YES] == [Law.PRACTICE]


@pytest.mark.parametrize("recipient", [None, "", "x", "x@a.com", "x@start.io", "x@\ud800.é"])
def test_where_nothing_tells_every_law_applies_perhaps(recipient: str | None) -> None:
    said = applying(Facts(recipient))

    assert {applies for law, applies in said.items() if law is not Law.PRACTICE} == {Applies.PERHAPS}


def test_staff_know_better_than_the_domain() -> None:
    found = worksheet(original(letter()), Facts("x@a.de", countries=("AU",)))

    assert found.jurisdiction.basis is Basis.STAFF
    assert {line.law for line in found.lines if line.applies is Applies.YES} == {Law.SPAM_ACT, Law.PRACTICE}


# Places


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "utf-16-le", "nonsense"])
@pytest.mark.parametrize("html", [False, True])
def test_a_quote_stands_where_it_says_in_every_encoding(encoding: str, charset: str, html: bool) -> None:
    words = f"{'Grüße aus der Ferne. ' * 20}\n{'<p>' * html}Jetzt abmelden: raus@shop.example\n{'Ende. ' * 30}"
    body = words.encode("utf-8" if charset == "nonsense" else charset)
    coded = {"8bit": body, "quoted-printable": quopri.encodestring(body), "base64": base64.encodebytes(body)}[
        encoding
    ]
    head = (
        f"Content-Type: text/{'html' if html else 'plain'}; charset={charset}\nContent-Transfer-Encoding: {encoding}"
    )
    raw = f"From: a@shop.example\n{head}\n\n".encode() + coded

    found = line("can-spam.5.present", raw)

    assert found.finding is Finding.MET
    assert found.quotes[0].text == "abmelden"
    before = raw[: found.quotes[0].offset]
    assert len(before) > len(head) and len(found.quotes[0].raw) <= 600


def test_a_quote_of_plain_text_is_exact_to_the_byte() -> None:
    for html in (False, True):
        raw = letter(f"{PLAIN}Please <b>unsubscribe</b> at https://shop.example/ now.\n", html=html)
        quote = line("can-spam.5.present", raw).quotes[0]
        assert (quote.raw, quote.offset) == (b"unsubscribe", raw.index(b"unsubscribe"))


@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "gbk", "koi8-r", "hz"])
def test_where_ascii_stands_for_other_letters_a_quote_is_one_line(charset: str) -> None:
    words = "отписаться" if charset == "koi8-r" else "退订" if charset in ("gbk", "hz") else "配信停止"
    head = f"From: a@shop.example\nContent-Type: text/plain; charset={charset}\n\n".encode()
    wanted = f"{words}: a\n".encode(charset)
    raw = head + b"Garden chairs\n" * 99 + wanted + b"Garden tables\n" * 99

    quote = line("can-spam.5.present", raw).quotes[0]

    assert (quote.raw, quote.offset) == (wanted, raw.index(wanted))


def test_no_text_is_opened_beyond_what_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Passage] = []

    def opening(part: Part) -> Passage:
        opened.append(html_passage(part))
        return opened[-1]

    monkeypatch.setattr(exhibit, "html_passage", opening)
    part = "--b\nContent-Type: text/html\n\n" + "<p>chair\n" * 40_000
    message = original(letter(part * 3 + "--b--\n", Content_Type="multipart/mixed; boundary=b"))

    found = worksheet(message, Facts())

    assert [len(each.text) // 1_000 for each in opened] == [limits.TEXT_CHARS // 1_000]
    assert {each.finding for each in found.lines if each.rule == "can-spam.5.present"} == {Finding.UNKNOWN}


def test_what_nobody_sees_is_no_text() -> None:
    hidden = "<!-- unsubscribe --><style>unsubscribe</style><script>unsubscribe</script>"

    assert not line("can-spam.5.present", letter(f"<p>{PLAIN}</p>{hidden}", html=True)).quotes


def test_lone_carriage_returns_leave_every_byte_at_its_place() -> None:
    raw = letter(f"{PLAIN}To unsubscribe: https://shop.example/out\n").replace(b"\r\n", b"\r")

    found = line("can-spam.5.present", raw)

    assert found.quotes[0].raw == b"unsubscribe"


# Hostile mail


@given(st.binary(max_size=3_000))
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    message = Original(raw=raw, headers_only=False, headers=())

    hold_quotes(message, worksheet(message, Facts(sender="x y z")))


PIECES = st.sampled_from(
    [
        *(b"From: ", b"Subject: Re: ", b"Reply-To: <", b"List-Unsubscribe: <https://", b"Received: from a by b; "),
        *(
            b"\r\n",
            b"\r\n\r\n",
            b"Content-Type: text/html; charset=",
            b"utf-16",
            b"utf-7",
            b"hex",
            b"base64",
            b"idna",
        ),
        *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n", b"=C3="),
        *(b"<p>", b"<a href=https://x/unsub>", b"<!--", b"<script", b"&#x110000;", b"&#9999999;", b"&amp;", b"a@b"),
        *(b"=?utf-8?b?", b"Mon, 2 Mar 9999 10:00:00 +0000", b"\xff\xfe", b"\xd8\x00", b"\r", b"--x", b"unsubscribe "),
        *(b"DKIM-Signature: v=1; d=b; s=s; h=from:", b"12 Main Street, ", b"multipart/mixed; boundary=x"),
    ]
)


@given(st.lists(PIECES, max_size=40), st.booleans())
@settings(max_examples=300, deadline=None)
def test_no_pieces_of_mail_make_it_raise(pieces: list[bytes], headers_only: bool) -> None:
    message = original(b"From: a@b\r\n" + b"".join(pieces))

    hold_quotes(message, worksheet(replace(message, headers_only=headers_only), Facts(recipient="\x00@", sender="(")))


def hold_quotes(message: Original, found: Worksheet) -> None:
    for each in found.lines:
        assert each.quotes or each.finding is not Finding.MET
        for quote in each.quotes:
            assert message.raw[quote.offset : quote.offset + len(quote.raw)] == quote.raw
            assert 0 <= quote.offset <= len(message.raw)


@pytest.mark.parametrize("charset", ["hex", "zip", "utf-7", "iso2022_jp_ext", "hz", "unicode_escape", "mbcs"])
def test_no_charset_makes_it_raise(charset: str) -> None:
    body = bytes(range(256)) * 8

    for encoding in ("8bit", "base64", "quoted-printable"):
        head = (
            f"From: a@b.test\nContent-Type: text/html; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
        )
        message = original(head.encode() + body)
        hold_quotes(message, worksheet(message, Facts()))


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "&amp;", "<a href ", "unsubscribe ", "Aa Bb 12 ", "a.b-", "\n ", "x@a.", "<p>a\n"]
)
@pytest.mark.parametrize("html", [False, True])
def test_a_megabyte_of_nonsense_takes_no_long_time(piece: str, html: bool) -> None:
    message = original(letter(piece * (1_000_000 // len(piece)), html=html))
    began = time.process_time()

    worksheet(message, Facts(sender="a b"))

    assert time.process_time() - began < 5


def test_the_corpus_is_read() -> None:
    for path in sorted(CORPUS.glob("*.eml")):
        for message in read(path.read_bytes()).originals:
            hold_quotes(message, worksheet(message, Facts()))


# Nothing is met by taking evidence away

HEADERS = {
    "Reply-To": ("<a@shop.example>", "<a@x.example>"),
    "Sender": ("<a@shop.example>", "<a@x.example>"),
    "Return-Path": ("<a@shop.example>", "<a@x.example>"),
    "Subject": ("Re: garden chairs", "GARDEN CHAIRS", "You have won", "Your invoice", "Garden chairs"),
    "In-Reply-To": ("<1@home.test>",),
    "List-Id": ("<news.shop.example>",),
    "List-Unsubscribe": ("<https://shop.example/u>", "<mailto:u@shop.example>"),
    "List-Unsubscribe-Post": ("List-Unsubscribe=One-Click", "yes"),
    "Date": ("Mon, 2 Mar 2026 10:00:00 +0000",),
}
SENTENCES = (
    "To unsubscribe, write to out@shop.example.",
    "To opt out, please call our office.",
    "This is an advertisement.",
    "Shop Ltd, 12 High Street, Leeds, LS1 4AB",
    "You get this because you signed up at our shop.",
    "We found your address online.",
    "You subscribed on 2024-05-03.",
    "Guaranteed income, no risk.",
    "Buy now, 20 % off, best prices.",
    "VAT no: DE123456789, garden chairs by Acme.",
    "https://shop.example/one https://shop.example/two",
)
FACTS = {
    "recipient": ("x@a.de",),
    "sender": ("Acme", "Nobody"),
    "parents": (("Shop",),),
    "signatures": (
        (Signed("shop.example", ("from", "list-unsubscribe", "list-unsubscribe-post"), True),),
        (Signed("x.example", ("from",), True),),
        (Signed("shop.example", ("from",), False),),
    ),
}
EVIDENCE = [
    *(("head", name, value) for name, values in HEADERS.items() for value in values),
    *(("text", sentence, sentence) for sentence in SENTENCES),
    *(("fact", name, value) for name, values in FACTS.items() for value in values),
]


def findings(evidence: list[tuple[str, str, object]]) -> dict[str, Finding]:
    """The worksheet of a message made of this evidence: at most one of each name."""
    head = {name.replace("-", "_"): str(value) for sort, name, value in evidence if sort == "head"}
    body = "\n\n".join(["We write to you today.", *(str(value) for sort, _, value in evidence if sort == "text")])
    facts = Facts(**{name: value for sort, name, value in evidence if sort == "fact"})  # type: ignore[arg-type]
    raw = letter(body, **{"Subject": None, **head})
    return {each.rule: each.finding for each in worksheet(original(raw), facts).lines}


@given(st.lists(st.sampled_from(EVIDENCE), unique_by=lambda each: each[1], max_size=14), st.data())
@settings(max_examples=250, deadline=None)
def test_unknown_never_becomes_met_by_taking_evidence_away(
    evidence: list[tuple[str, str, object]], data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(evidence), unique_by=lambda each: each[1])) if evidence else []
    before, after = findings(evidence), findings([each for each in evidence if each in kept])

    assert {rule for rule in before if before[rule] is Finding.UNKNOWN and after[rule] is Finding.MET} == set()
