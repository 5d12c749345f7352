"""Signatures that hold again once the recipient is put back: from redacted reports of each loop, by dkimpy's word."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail import limits
from app.mail.dkim.signatures import judge
from app.mail.domain import DkimResult, HashState, KeyAnswer, KeyState, SignatureResult
from app.mail.read import read
from app.mail.repair.recipients import Recipient, recipients
from app.mail.repair.repair import Repair, repair
from tests.factories.loops import (
    DOMAIN,
    KEY,
    LOOPS,
    RELAXED,
    SIMPLE,
    TXT,
    Mail,
    aol,
    comcast,
    mail,
    validity_2,
    yahoo,
    zoho,
)
from tests.factories.signed import sign
from tests.mail.dkim.mutations import FORMS

NOW = datetime.now(UTC)
FOUND = KeyAnswer(KeyState.FOUND, TXT)


def repaired(report: bytes, *, domains: frozenset[str] | None = None) -> Repair | None:
    reading = read(report)
    (original,) = reading.originals
    return repair(
        original.raw,
        headers_only=original.headers_only,
        recipients=recipients(reading, original),
        key_of=lambda name: FOUND,
        as_of=NOW,
        domains=domains,
    )


def repaired_by(raw: bytes, *addresses: str, headers_only: bool = False) -> Repair | None:
    """The repair of a message whose recipient is one of these."""
    some = [Recipient(each, "Original-Rcpt-To of the report") for each in addresses]
    return repair(raw, headers_only=headers_only, recipients=some, key_of=lambda name: FOUND, as_of=NOW)


def dkimpy_passes(raw: bytes) -> bool:
    return bool(dkim.verify(raw, dnsfunc=lambda name, timeout=5: TXT))


def dkimpy_passes_the_header(raw: bytes, given: Mail) -> bool:
    """Whether dkimpy takes this header, put above the body that was sent."""
    return dkimpy_passes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + given.raw.partition(b"\r\n\r\n")[2])


# ------------------------------------------------------------------ every loop


REDACTING = [name for name in LOOPS if name not in ("Yahoo", "Zoho")]


@pytest.mark.parametrize("form", FORMS, ids="/".join)
@pytest.mark.parametrize("name", REDACTING)
def test_a_report_of_each_loop_verifies_once_the_recipient_is_put_back(name: str, form: tuple[str, str]) -> None:
    given = mail(form=form)
    report = LOOPS[name](given)
    assert not dkimpy_passes(read(report).originals[0].raw)

    found = repaired(report)

    assert found and [each.result for each in found.results] == [DkimResult.PASS]
    assert dkimpy_passes(found.raw)
    assert found.steps[0].startswith("The recipient, known from ")
    assert not any(given.local in step or "@" in step for step in found.steps)


def test_a_loop_that_hides_nothing_needs_no_repair() -> None:
    report = yahoo(mail())

    assert dkimpy_passes(read(report).originals[0].raw)
    assert repaired(report) is None


@pytest.mark.parametrize("form", FORMS, ids="/".join)
def test_without_a_body_the_header_alone_is_proven(form: tuple[str, str]) -> None:
    given = mail(form=form)

    found = repaired(zoho(given))

    assert found and found.results[0].header_hash is HashState.PASS
    assert found.results[0].body_hash is HashState.ABSENT
    assert dkimpy_passes_the_header(found.raw, given)


@pytest.mark.parametrize("to", ["{}", "<{}>", '"{}" <{}>', "{} <{}>", "Jo Reader <{}>", '"Reader, Jo" <{}>'])
def test_a_display_name_that_was_kept_and_each_way_to_name_a_lone_recipient(to: str) -> None:
    who = "jo.reader@loop.example"

    found = repaired(aol(mail(who, to=to.format(who, who))))

    assert found and dkimpy_passes(found.raw)


@pytest.mark.parametrize("to", ["<{}>", "{}", '"{}" <{}>'])
@pytest.mark.parametrize(
    "left", ["", "<>", "x", "redacted", "<redacted>", "[redacted]", "undisclosed-recipients:;", None]
)
def test_a_to_field_that_was_emptied_rewritten_or_removed(to: str, left: str | None) -> None:
    who = "jo.reader@loop.example"
    given = mail(who, to=to.format(who, who))
    named = b"To: " + to.format(who, who).encode() + b"\r\n"
    assert named in given.raw
    raw = given.raw.replace(named, b"" if left is None else b"To: " + left.encode() + b"\r\n")

    found = repaired_by(raw, who)

    assert found and dkimpy_passes(found.raw)


def test_recipients_of_two_domains_are_each_put_back_in_their_place() -> None:
    given = mail("jo@loop.example", to="<jo@loop.example>, <al@other.example>")
    raw = given.raw.replace(b"al@other.example", b"redacted@other.example")
    raw = raw.replace(b"jo@loop", b"redacted@loop").replace(b"jo=", b"redacted=").replace(b"jo%40", b"redacted%40")

    found = repaired_by(raw, "al@other.example", "jo@loop.example")

    assert found and dkimpy_passes(found.raw)


def test_a_plus_in_the_local_part_is_encoded_in_links() -> None:
    given = mail("jo@loop.example")
    link = b"e=jo%2Bnews%40loop.example"
    plain = given.raw[given.raw.index(b"From:") :].replace(b"jo%40loop.example", link[2:])
    raw = sign_again(plain.replace(b"jo@loop", b"jo+news@loop").replace(b"jo=loop", b"jo+news=loop"))
    hidden = raw.replace(b"jo+news", b"redacted").replace(b"jo%2Bnews", b"redacted")

    found = repaired_by(hidden, "jo+news@loop.example")

    assert found and dkimpy_passes(found.raw)


def sign_again(plain: bytes) -> bytes:
    return sign(plain, DOMAIN, "s1", KEY)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_fields_that_repeat_are_put_in_their_earlier_order(order: tuple[int, int]) -> None:
    lines = [b"Reply-To: a@acme.example\r\n", b"Reply-To: b@acme.example\r\n"]
    given = mail(extra="Reply-To: second@acme.example\r\n", headers=("from", "to", "reply-to", "subject"))
    both = b"Reply-To: reply-17@acme.example\r\nReply-To: second@acme.example\r\n"
    lines = both.splitlines(keepends=True)
    raw = given.raw.replace(both, b"".join(lines[at] for at in order))

    found = repaired_by(raw)

    assert (found is None) is (order == (0, 1))
    assert found is None or (dkimpy_passes(found.raw) and "earlier order" in found.steps[0])


REFORMED: dict[str, Callable[[bytes], bytes]] = {
    "joined": lambda raw: raw.replace(b"week,\r\n and", b"week, and"),
    "a tab": lambda raw: raw.replace(b"week,\r\n and", b"week,\r\n\tand"),
    "names in capitals": lambda raw: raw.replace(b"\r\nSubject:", b"\r\nSUBJECT:").replace(
        b"\r\nDate:", b"\r\ndate:"
    ),
    "quoted From": lambda raw: raw.replace(b"\r\nFrom today", b"\r\n>From today"),
    "doubled line ends": lambda raw: raw.replace(b"cheaper.\r\n", b"cheaper.\r\r\n"),
    "bare line feeds": lambda raw: raw.replace(b"\r\n", b"\n"),
    "blank lines at the end": lambda raw: raw + b"\r\n\r\n",
    "no line end at the end": lambda raw: raw.rstrip(b"\r\n"),
}


@pytest.mark.parametrize("name", [name for name in REFORMED if name != "joined"])
def test_changes_of_form_are_undone_together_with_the_redaction(name: str) -> None:
    """A line that was joined cannot be folded where it was; for all else the bytes hold what is needed."""
    given = mail(form=SIMPLE)
    report = read(aol(Mail(given.recipient, REFORMED[name](given.raw)))).originals[0].raw

    found = repaired_by(report, given.recipient)

    assert found and dkimpy_passes(found.raw)
    assert found.results[0].result is DkimResult.PASS
    assert ("Field names were spelled as they were signed." in found.steps) is (name == "names in capitals")


def test_folding_changes_nothing_under_relaxed() -> None:
    given = mail(form=RELAXED)

    found = repaired(aol(Mail(given.recipient, REFORMED["joined"](given.raw))))

    assert found and dkimpy_passes(found.raw)


def test_base64_lines_of_another_length_are_brought_back() -> None:
    text = b"\r\n".join([b"QUJD" * 19] * 3) + b"\r\n"
    head = b"From: a@acme.example\r\nTo: <jo@loop.example>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    signed = sign_again(head + text)
    raw = signed.replace(text, b"\r\n".join([b"QUJD" * 15] * 3 + [b"QUJD" * 12]) + b"\r\n")

    found = repaired_by(raw.replace(b"jo@", b"redacted@"), "jo@loop.example")

    assert found and dkimpy_passes(found.raw) and "base64" in found.steps[-1]


def test_a_redacted_body_under_a_header_that_holds_is_repaired_alone() -> None:
    given = mail(headers=("from", "subject"))
    raw = read(validity_2(given)).originals[0].raw

    found = repaired_by(raw, given.recipient)

    assert found and dkimpy_passes(found.raw)
    assert found.steps == ("The recipient, known from Original-Rcpt-To of the report, was put back in the body.",)


@pytest.mark.parametrize("header", [HashState.PASS, HashState.FAIL])
def test_what_was_judged_before_is_not_tried_again_and_loses_no_repair(header: HashState) -> None:
    given = mail(headers=("from", "subject")) if header is HashState.PASS else mail()
    raw = read(validity_2(given)).originals[0].raw
    before = judge(raw, headers_only=False, key_of=lambda name: FOUND, as_of=NOW)
    some = [Recipient(given.recipient, "Original-Rcpt-To of the report")]

    found = repair(raw, headers_only=False, recipients=some, key_of=lambda name: FOUND, as_of=NOW, before=before)

    assert [each.header_hash for each in before] == [header]
    assert found and dkimpy_passes(found.raw)


# ------------------------------------------------------------------ never what was tampered with


TAMPERINGS: dict[str, Callable[[bytes], bytes]] = {
    "Subject": lambda raw: raw.replace(b"Offers of", b"Threats of"),
    "From": lambda raw: raw.replace(b"news@acme", b"boss@acme"),
    "a second From": lambda raw: b"From: <boss@bank.example>\r\n" + raw,
    "Date": lambda raw: raw.replace(b"\r\nDate: ", b"\r\nDate: Old, "),
    "signature": lambda raw: raw.replace(b"d=acme.example", b"d=bank.example"),
    "link": lambda raw: raw.replace(b"n=17", b"n=18"),
}


@pytest.mark.parametrize("form", FORMS, ids="/".join)
@pytest.mark.parametrize("what", TAMPERINGS)
@pytest.mark.parametrize("name", LOOPS)
def test_a_changed_header_is_never_proven(name: str, what: str, form: tuple[str, str]) -> None:
    given = mail(form=form)
    changed = Mail(given.recipient, TAMPERINGS[what](given.raw))
    assert changed != given

    assert repaired(LOOPS[name](changed)) is None


@pytest.mark.parametrize("name", REDACTING)
def test_another_recipient_than_the_true_one_is_never_proven(name: str) -> None:
    report = LOOPS[name](mail())

    assert b"jo.reader@" in report
    assert repaired(report.replace(b"jo.reader", b"al.writer")) is None


def test_an_address_in_the_clear_is_not_replaced_even_by_the_true_one() -> None:
    given = mail()
    raw = given.raw.replace(b"To: <jo.reader@", b"To: <al.writer@")

    assert repaired_by(raw, given.recipient) is None


@pytest.mark.parametrize("name", REDACTING)
def test_a_body_changed_beyond_redaction_is_never_whole(name: str) -> None:
    given = mail()

    found = repaired(LOOPS[name](Mail(given.recipient, given.raw.replace(b"cheaper", b"dearer"))))

    assert found and found.results[0].body_hash is HashState.FAIL
    assert found.results[0].result is DkimResult.FAIL
    assert not dkimpy_passes(found.raw) and dkimpy_passes_the_header(found.raw, given)


def test_a_signature_of_a_domain_that_is_not_asked_for_is_left() -> None:
    report = aol(mail())

    assert repaired(report, domains=frozenset({"other.example"})) is None
    assert repaired(report, domains=frozenset({DOMAIN})) is not None


@pytest.mark.parametrize("state", [KeyState.NONE, KeyState.DNS_FAILED, KeyState.REVOKED])
def test_without_a_key_nothing_is_repaired(state: KeyState) -> None:
    given = mail()
    raw = read(aol(given)).originals[0].raw
    one = [Recipient(given.recipient, "To")]

    assert repair(raw, headers_only=False, recipients=one, key_of=lambda n: KeyAnswer(state), as_of=NOW) is None


@given(
    st.lists(st.sampled_from(sorted(TAMPERINGS)), max_size=2), st.sampled_from(sorted(LOOPS)), st.sampled_from(FORMS)
)
@settings(max_examples=40, deadline=None)
def test_whatever_is_repaired_passes_dkimpy(what: list[str], name: str, form: tuple[str, str]) -> None:
    given = mail(form=form)
    raw = given.raw
    for each in what:
        raw = TAMPERINGS[each](raw)

    found = repaired(LOOPS[name](Mail(given.recipient, raw)))

    assert found is None or not what
    assert found is None or dkimpy_passes(found.raw) == _is_pass(found.results)


def _is_pass(results: Sequence[SignatureResult]) -> bool:
    return any(each.result is DkimResult.PASS for each in results)


# ------------------------------------------------------------------ bounds


def test_ten_thousand_recipients_are_not_all_tried() -> None:
    taken = 0

    def many() -> Iterator[Recipient]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield Recipient(f"user{number}@loop.example", "To")

    raw = read(comcast(mail(form=SIMPLE))).originals[0].raw
    started = time.process_time()
    found = repair(raw, headers_only=False, recipients=many(), key_of=lambda name: FOUND, as_of=NOW)

    assert found is None and taken <= limits.REPAIR_CANDIDATES
    assert time.process_time() - started < 0.2


def test_recipients_that_do_not_fit_hide_the_true_one_only_beyond_the_limit() -> None:
    given = mail()
    raw = read(validity_2(given)).originals[0].raw
    others = [f"user{number}@elsewhere.example" for number in range(limits.REPAIR_CANDIDATES - 1)]

    assert repaired_by(raw, *others, given.recipient) is not None
    assert repaired_by(raw, *others, "one@more.example", given.recipient) is None


@pytest.mark.parametrize(
    "filling",
    [
        b"redacted " * 20_000,
        b"redacted=" * 20_000,
        b"a1" * 90_000,
        b"x@" * 90_000,
        b"\r\n " * 60_000,
        b"=40" * 60_000,
    ],
    ids=["words", "VERP", "one word", "at signs", "folds", "encoded"],
)
@pytest.mark.parametrize("form", [RELAXED, SIMPLE], ids="/".join)
def test_a_huge_signed_header_costs_little(filling: bytes, form: tuple[str, str]) -> None:
    raw = read(aol(mail(form=form))).originals[0].raw
    raw = raw.replace(b"Subject: ", b"Subject: " + filling)
    started = time.process_time()

    found = repaired_by(raw, "al@loop.example", "jo@loop.example", "jo.reader@loop.example")

    assert time.process_time() - started < 0.3
    assert found is None or (filling.isspace() and dkimpy_passes(found.raw))


def test_a_header_over_the_limit_is_left_alone() -> None:
    raw = b"X-Filler: " + b"x" * 1_000_000 + b"\r\n" + read(aol(mail())).originals[0].raw

    assert repaired_by(raw, "jo.reader@loop.example") is None


def test_a_huge_body_costs_little_and_leaves_the_header_proven() -> None:
    raw = read(aol(mail())).originals[0].raw + b"redacted@loop.example >From \r\r\n" * 150_000
    started = time.process_time()

    found = repaired_by(raw, "jo.reader@loop.example")

    assert found and found.results[0].header_hash is HashState.PASS
    assert time.process_time() - started < 1.5


def test_twelve_broken_signatures_share_one_budget() -> None:
    raw = read(aol(mail(form=SIMPLE))).originals[0].raw
    own = raw[raw.index(b"DKIM-Signature") : raw.index(b"From: Acme")]
    raw = raw.replace(b"Offers", b"Threats").replace(own, own * limits.SIGNATURES)
    started = time.process_time()

    assert repaired_by(raw, *(f"user{number}@loop.example" for number in range(40))) is None
    assert time.process_time() - started < 0.2


@given(st.binary(max_size=400), st.text(max_size=60))
@settings(deadline=None)
def test_nothing_in_a_message_makes_it_raise(raw: bytes, address: str) -> None:
    signed = read(aol(mail())).originals[0].raw
    for message in (raw, raw + signed, signed[:200] + raw + signed[200:]):
        repaired_by(message, address, "jo.reader@loop.example")
