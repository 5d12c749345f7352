"""What SpamCop writes besides its reports."""

from __future__ import annotations

import pytest

from app.mail.domain import FeedbackType, Kind
from app.mail.read import read
from tests.mail.formats.test_complaints_stay import ANN, SOURCE, mail

ROBOT = "SpamCop robot <nobody@admin.spamcop.test>"
LISTED = "203.0.113.7\n203.0.113.9\n"


@pytest.mark.parametrize("subject", ["[SpamCop] Alert", "[SpamCop] blocklist", "Fwd: [SpamCop] Alert"])
@pytest.mark.parametrize("words", ["", "[ SpamCop V5.4.0 ]\nThese IPs are now sending mail to spamtraps:\n\n"])
def test_an_alert_names_the_addresses_that_were_listed(subject: str, words: str) -> None:
    found = read(mail(ROBOT, subject, f"{words}{LISTED}"))

    assert (found.kind, found.feedback_type, found.is_complaint) == (Kind.NOTICE, FeedbackType.ABUSE, True)
    assert found.fields == {"source-ip": ("203.0.113.7", "203.0.113.9")}


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (ANN, "[SpamCop] Alert", LISTED),
        (ROBOT, "Re: [SpamCop] Alert", LISTED),
        (ROBOT, "[SpamCop] Your account", "Your account was confirmed."),
    ],
    ids=["somebody else", "an answer", "no addresses"],
)
def test_other_mail_about_spamcop_is_a_persons(sender: str, subject: str, text: str) -> None:
    assert read(mail(sender, subject, text)).kind is Kind.PERSON


def test_a_mail_that_is_reported_goes_before_addresses() -> None:
    found = read(mail(ROBOT, "[SpamCop] Tulips", f"{LISTED}\n[ Offending message ]\n{SOURCE}"))

    assert found.kind is Kind.SPAMCOP
    assert [each.message_id for each in found.originals] == ["tulips-1@garden.example"]


def test_the_number_of_a_report_may_stand_in_its_sender_alone() -> None:
    raw = mail("Ann <7259900001@reports.spamcop.net>", "Tulips", f"[ Offending message ]\n{SOURCE}")

    assert read(raw).fields["spamcop-id"] == ("7259900001",)
