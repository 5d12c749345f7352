"""The provider's own mail server and all processes of ours around it, as an operator would have them.

Postfix with SASL, OpenDKIM and our tables; the policy service, the enforcer, a worker; a sink where mail leaves to.
"""

from __future__ import annotations

import shutil
import smtplib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from aiosmtpd.controller import Controller

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.enforcement.postfix_config import main_cf
from app.senders.roster import read_roster
from app.senders.service import import_roster
from app.settings import Address
from tests.infra.postfix_lab import Sink
from tests.services.opendkim import OpenDkim
from tests.services.processes import Processes
from tests.services.programs import answers, free_port, wait_until
from tests.services.submission import Submission

ACME, NEWS, BRAVO, PROBE = "mailer@acme.test", "news@acme.test", "mailer@bravo.test", "probe@probe.test"
USERS = dict.fromkeys((ACME, NEWS, BRAVO, PROBE), "s3cret")
READER, OTHER = "karl@mailbox.test", "lena@mailbox.test"

ROSTER = """{"senders": [
  {"id": "acme", "name": "Acme Shop", "contact": "post@acme.test", "identities": [
    {"kind": "login", "value": "mailer@acme.test"}, {"kind": "domain", "value": "acme.test"},
    {"kind": "login", "value": "news@acme.test", "stream": "marketing"}]},
  {"id": "bravo", "name": "Bravo Books", "contact": "post@bravo.test", "identities": [
    {"kind": "login", "value": "mailer@bravo.test"}, {"kind": "domain", "value": "bravo.test"}]},
  {"id": "probe", "name": "Probe", "identities": [{"kind": "login", "value": "probe@probe.test"}]}
]}"""


@dataclass
class Relay:
    """All of it, running."""

    desk: Desk
    processes: Processes
    submission: Submission
    sink: Sink
    policy: int
    given: Mapping[str, str]

    def start(self, *names: str, **more: str) -> None:
        """Starts processes of ours with the settings of this installation, and waits until each is up."""
        for name in names:
            self.processes.start(name, **self.given, **more)
        if "policy" in names:
            wait_until(lambda: answers(self.policy), "the policy service listens")
        for name in names:
            self.processes.wait_until_up(name)

    def write(self, login: str, subject: str, recipient: str = READER) -> bytes:
        """A mail of this login."""
        domain = login.partition("@")[2]
        head = f"From: <news@{domain}>\r\nTo: <{recipient}>\r\nSubject: {subject}\r\nMessage-ID: <{subject}@{domain}>"
        return f"{head}\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\nA line.\r\n".encode()

    def send(self, login: str, subject: str, recipient: str = READER, *, on: smtplib.SMTP | None = None) -> str:
        """Hands a mail in, on an open connection where given; "" where it was taken, else what was answered."""
        try:
            if on is None:
                self.submission.send(login, self.write(login, subject, recipient), recipient)
            else:
                on.sendmail(f"bounce@{login.partition('@')[2]}", [recipient], self.write(login, subject, recipient))
        except smtplib.SMTPResponseException as said:
            return f"{said.smtp_code} {said.smtp_error.decode()}"
        except smtplib.SMTPRecipientsRefused as said:
            [(code, text)] = said.recipients.values()
            return f"{code} {text.decode()}"
        return ""

    def left(self, subject: str) -> list[bytes]:
        """What of this subject left."""
        return [raw for raw in list(self.sink.took) if self._head(raw)["Subject"] == subject]

    def arrives(self, subject: str) -> bytes:
        """The mail of this subject as it left."""
        wait_until(lambda: self.left(subject), f"{subject} leaves")
        return self.left(subject)[0]

    def in_queue(self, subject_domain: str) -> dict[str, str]:
        """Queue id → queue, of mail whose envelope sender is of this domain."""
        mails = self.submission.server.queue()
        return {
            each["queue_id"]: each["queue_name"] for each in mails if each["sender"].endswith(f"@{subject_domain}")
        }

    @staticmethod
    def _head(raw: bytes) -> Message:
        return message_from_bytes(raw)


@contextmanager
def relay(desk: Desk, processes: Processes) -> Iterator[Relay]:
    """The mail server of an installation with two customers; none of our processes runs yet."""
    with desk.work() as work:
        import_roster(work, OPERATOR, read_roster(ROSTER))
    sink, maps, policy = Sink(), Path(tempfile.mkdtemp(prefix="maps-")), free_port()
    maps.chmod(0o755)
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with OpenDkim("acme.test", "bravo.test") as signer:
            _publish(desk, signer.records)
            submission = Submission(
                controller.port,
                USERS,
                more=main_cf(Address("127.0.0.1", policy), maps),
                tables=[maps / "suspended", maps / "frozen"],
                milter=signer.milter,
            )
            with submission:
                probe = f"smtp://probe%40probe.test:s3cret@127.0.0.1:{submission.server.smtp}"
                given = {
                    "policy": f"127.0.0.1:{policy}",
                    "postfix_maps": str(maps),
                    "postfix_config": str(submission.server.conf),
                    "probe_url": probe,
                    "stamp": "feedback-id",
                }
                yield Relay(desk, processes, submission, sink, policy, given)
                processes.end()
    finally:
        controller.stop()
        shutil.rmtree(maps, ignore_errors=True)


def _publish(desk: Desk, records: Mapping[str, str]) -> None:
    assert desk.settings.dns_zone is not None
    with desk.settings.dns_zone.open("a") as zone:
        zone.writelines(f"{name}\t{text}\n" for name, text in records.items())
