"""What a person's complaint names is reported where it is written as reported, and nothing else in it is."""

from __future__ import annotations

import pytest

from app.mail.domain import FeedbackType, Kind
from app.mail.read import read
from tests.mail.formats.test_complaints_stay import ANN, REPLY, mail

PHISHING = "Hello,\n\nthis is a phishing page on your network.\n\n"
PAGE = "URL: http://pay.garden.example/login\n"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (PHISHING + PAGE, {"reported-uri": ("http://pay.garden.example/login",),
                           "reported-domain": ("pay.garden.example",)}),
        (PHISHING + "hxxp://pay[.]garden[.]example/login\n", {"reported-uri": ("http://pay.garden.example/login",),
                                                             "reported-domain": ("pay.garden.example",)}),
        (PHISHING + PAGE + "IP: 203.0.113.9\n", {"reported-uri": ("http://pay.garden.example/login",),
                                                 "reported-domain": ("pay.garden.example",),
                                                 "source-ip": ("203.0.113.9",)}),
    ],
)  # fmt: skip
def test_a_page_that_is_written_as_reported_is(text: str, fields: dict[str, tuple[str, ...]]) -> None:
    found = read(mail(ANN, "Phishing", text))

    assert (found.kind, found.feedback_type, found.is_complaint) == (Kind.PERSON, FeedbackType.FRAUD, True)
    assert dict(found.fields) == fields


def test_malware_is_told_from_phishing() -> None:
    found = read(mail(ANN, "Malware", f"Hello,\n\nthis page gives malware to whoever opens it.\n\n{PAGE}"))

    assert found.feedback_type is FeedbackType.VIRUS


@pytest.mark.parametrize(
    "text",
    [
        PHISHING + "I read of it at http://news.garden.example/today and wonder.\n",
        PHISHING + "URL: http://www.home.test/my-page\n",
        PHISHING + "URL: https://help.relay.example/form\n",
        PHISHING + "IP: 203.0.113.9\n",
        PHISHING + "-- \nAnn\nWeb: http://ann.garden.example/\n",
        PHISHING + "Kind regards\nAnn\nURL: http://ann.garden.example/\n",
        PHISHING + "> URL: http://pay.garden.example/login\n",
        "I get letters that I never asked for.\n\n" + PAGE,
    ],
    ids=["spoken of", "her own", "ours", "an address alone", "signature", "regards", "quoted", "no phishing"],
)
def test_what_is_not_written_as_reported_is_not(text: str) -> None:
    found = read(mail(ANN, "A report", text))

    assert (found.kind, found.is_complaint, dict(found.fields)) == (Kind.PERSON, True, {})


def test_an_answer_reports_no_page() -> None:
    assert not read(mail(ANN, "Re: phishing", PHISHING + PAGE, REPLY)).fields
