"""One person's address, planted wherever a complaint, a note or a decision may hold it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from app import pipeline
from app.audit.domain import Actor
from app.bootstrap import Desk
from app.compliance import service as compliance
from app.compliance.domain import Facts, Opinion
from app.enforcement import service as enforcement
from app.enforcement.domain import ActionKind
from app.enforcement.service import Decision
from app.intake import service as intake
from app.intake.domain import Arrival, Category, Door
from app.mail.read import read
from app.notices import service as notices
from app.triage import service as triage
from app.uow import Work
from tests.factories.customers import customers

LEE = Actor("lee@desk.test", None)
CASE = 1001


@dataclass(frozen=True)
class Planted:
    """The address and where it was put."""

    address: str
    form: UUID
    words: UUID
    arf: UUID

    @property
    def reports(self) -> tuple[UUID, ...]:
        return self.form, self.words, self.arf

    def needles(self) -> Iterator[bytes]:
        """The local part as bytes: in clear, in base64 at each of its three places, in quoted-printable."""
        local = self.address.partition("@")[0].encode()
        yield local
        for skipped in range(3):
            coded = base64.b64encode(b"x" * skipped + local)
            yield coded[4 if skipped else 0 : len(coded) - 4]
        yield quoted(local)


def quoted(text: bytes) -> bytes:
    """Every character as quoted-printable writes it where it must."""
    return b"".join(b"=%02X" % byte for byte in text)


def plant(desk: Desk) -> Planted:
    """Sends in by the form and by mail, works off, notes, suspends: the address is then everywhere it can be."""
    address = f"karl{secrets.token_hex(12)}@victim.example"
    customers(desk, contact=address, acme=[("login", "mailer@acme.test")])
    with desk.work() as work:
        form, words, arf = intake.store_many(work, [_by_form(address), _in_words(address), _by_mail(address)])
    while pipeline.work_off(desk, 10):
        pass
    with desk.work() as work:
        triage.note(work, LEE, CASE, f"Spoke to {address} on the phone.")
    with desk.work() as work:
        enforcement.act(work, LEE, "acme", Decision(ActionKind.SUSPEND, f"{address} complained twice"))
    with desk.work() as work:
        notices.write(work)
    customers(desk, acme=[])  # the person is his contact no more; whom a notice was to go to stays known for a while
    with desk.work() as work:
        _judge(work, arf.report, address)
    return Planted(address, form.report, words.report, arf.report)


def _judge(work: Work, report: UUID, address: str) -> None:
    """A note of staff to a line of the worksheet."""
    about = read(ARF % {b"address": address.encode(), b"bodies": b""}).originals[0]
    (sheet,) = compliance.sheets(work, report, [(about, Facts())])
    line = sheet.line("can-spam.4")
    compliance.judge(work, LEE, report, 0, line, Opinion.DISAGREE, f"{address} knows the address")


def _by_form(address: str) -> Arrival:
    mail = f"From: Shop <news@shop.example>\r\nTo: {address}\r\nSubject: Sale\r\n\r\nBuy, {address}!\r\n"
    return Arrival(mail.encode(), Door.FORM, Category.PHISHING, address, {"what": "I never asked for this."})


def _in_words(address: str) -> Arrival:
    mail = b"From: Shop <news@shop.example>\r\nSubject: Other\r\n\r\nBuy!\r\n"
    return Arrival(mail, Door.FORM, Category.SPAM, None, {"what": f"They write to {address} every day."})


def _by_mail(address: str) -> Arrival:
    said = f"{address} again\r\n".encode()
    parts = {"7bit": said, "base64": base64.encodebytes(said), "quoted-printable": quoted(said[:-2]) + b"\r\n"}
    bodies = b"".join(
        b"--in\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: %s\r\n\r\n%s\r\n" % (name.encode(), body)
        for name, body in parts.items()
    )
    return Arrival(ARF % {b"address": address.encode(), b"bodies": bodies}, Door.LMTP)


ARF = b"""\
From: feedback@loop.example
To: fbl@desk.test
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=out

--out
Content-Type: text/plain

This is a complaint.
--out
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Loop/1.0
Version: 1
Original-Rcpt-To: %(address)s

--out
Content-Type: message/rfc822

From: Shop <news@shop.example>
To: Karl <%(address)s>
Subject: Sale
Message-ID: <1@shop.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=in

%(bodies)s--in--

--out--
"""
