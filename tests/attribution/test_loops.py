"""Who sent the report itself: which signature makes it a known loop's, and which reports must have one."""

from __future__ import annotations

import pytest

from app.attribution.domain import Origin
from app.attribution.loops import UNSIGNED_CFBL, Loop, is_worth_verifying, origin_of, refusal
from app.mail.domain import DkimResult, HashState, KeyState, Kind, Reading, SignatureResult
from app.mail.read import read

LOOP = Loop("box", "Box", ("loop.box.test",), ("feedback@box.test",))


def report(sender: str = "feedback@box.test", *, to: str = "abuse@relay.test", original: str = "") -> Reading:
    """A feedback report from `sender`; original: more header lines of the reported mail."""
    return read(
        f"From: <{sender}>\r\nTo: {to}\r\nSubject: report\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{original}From: shop@acme.test\r\nSubject: hi\r\n\r\nhello\r\n"
        "--b--\r\n".encode()
    )


def signature(domain: str, result: DkimResult = DkimResult.PASS, length: int | None = None) -> SignatureResult:
    state = HashState.PASS if result is DkimResult.PASS else HashState.FAIL
    return SignatureResult(domain, "s1", state, state, KeyState.FOUND, result, "", body_length=length)


@pytest.mark.parametrize("domain", ["loop.box.test", "eu.loop.box.test", "LOOP.box.test"])
def test_a_loop_is_known_by_its_signature_and_its_sender(domain: str) -> None:
    assert origin_of(report(), [signature(domain)], [LOOP]) == Origin((domain.lower(),), "Box")


@pytest.mark.parametrize(
    ("sender", "results"),
    [
        ("feedback@box.test", []),
        ("feedback@box.test", [signature("loop.box.test", DkimResult.FAIL)]),
        ("feedback@box.test", [signature("loop.box.test", length=10)]),
        ("feedback@box.test", [signature("evil-loop.box.test.example")]),
        ("feedback@box.test", [signature("xloop.box.test")]),
        ("somebody@box.test", [signature("loop.box.test")]),
        ("feedback@box.test.example", [signature("loop.box.test")]),
    ],
)
def test_whoever_lacks_one_of_them_is_not_the_loop(sender: str, results: list[SignatureResult]) -> None:
    assert origin_of(report(sender), results, [LOOP]).loop is None


def test_a_loop_that_is_off_authenticates_nothing() -> None:
    off = Loop("box", "Box", ("loop.box.test",), ("feedback@box.test",), active=False)
    assert origin_of(report(), [signature("loop.box.test")], [off]).loop is None
    assert not is_worth_verifying(report(), [off])


def test_a_persons_mail_proves_no_loop() -> None:
    person = read(b"From: feedback@box.test\r\nTo: abuse@relay.test\r\nSubject: hi\r\n\r\nThis is spam.\r\n")
    assert person.kind is Kind.PERSON
    assert origin_of(person, [signature("loop.box.test")], [LOOP]).loop is None


def test_only_what_can_matter_is_verified() -> None:
    assert is_worth_verifying(report(), [LOOP])
    assert not is_worth_verifying(report("else@other.test"), [LOOP])
    assert is_worth_verifying(
        report("a@other.test", to="fbl@relay.test", original="CFBL-Address: fbl@relay.test; report=arf\r\n"), [LOOP]
    )


CFBL = "CFBL-Address: other@x.test\r\nCFBL-Address: <FBL@relay.test>; report=arf\r\n"


@pytest.mark.parametrize(
    ("signed_by", "refused"), [((), True), (("other.test",), True), (("box.test",), False), (("test",), False)]
)
def test_a_report_to_a_cfbl_address_must_be_signed_by_its_from(signed_by: tuple[str, ...], refused: bool) -> None:
    told = refusal(report("a@box.test", to="Desk <fbl@relay.test>", original=CFBL), Origin(signed_by))
    assert told == (UNSIGNED_CFBL if refused else None)


def test_a_report_that_came_elsewhere_need_not_be_signed() -> None:
    assert refusal(report("a@box.test", to="abuse@relay.test", original=CFBL), Origin()) is None
    assert refusal(report("a@box.test", to="fbl@relay.test"), Origin()) is None
