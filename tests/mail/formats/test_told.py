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
        (PHISHING + "Phishing URL:\nhttp://pay.garden.example/login\nThe official site of our client:\n"
         "http://bank.garden.test/\n", {"reported-uri": ("http://pay.garden.example/login",),
                                       "reported-domain": ("pay.garden.example",)}),
        ("Please block the following phishing page:\n\n*pay.garden.example\n\n*\n\n*203.0.113.9**\n*\n",
         {"reported-domain": ("pay.garden.example",), "source-ip": ("203.0.113.9",)}),
        (PHISHING + "It is at pay.garden[.]example, see https://help.garden.test/7.\n",
         {"reported-domain": ("pay.garden.example",)}),
        (PHISHING + "Page:\nhttp://pay.garden.example/login\nhttps://lists.test/?q=pay.garden.example\n",
         {"reported-uri": ("http://pay.garden.example/login",), "reported-domain": ("pay.garden.example",)}),
        (PHISHING + 'The site is "hxxp://203 (.) 0 (.) 113 (.)\n9".\n',
         {"reported-uri": ("http://203.0.113.9",), "source-ip": ("203.0.113.9",)}),
        (PHISHING + "The page below is used to host a phishing attack against a bank.\n\nhttp://pay.garden.example/a\n",
         {"reported-uri": ("http://pay.garden.example/a",), "reported-domain": ("pay.garden.example",)}),
        (PHISHING + "See hxxp://pay.garden.example/a which resolves to the 203.0.113.9 IP address.\n",
         {"reported-uri": ("http://pay.garden.example/a",), "reported-domain": ("pay.garden.example",),
          "source-ip": ("203.0.113.9",)}),
        (PHISHING + "Evidence: hxxps[:][//]pay[.]garden[.]example[/]a[/]\n",
         {"reported-uri": ("https://pay.garden.example/a/",), "reported-domain": ("pay.garden.example",)}),
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
        PHISHING + "I read of it here\nhttp://news.garden.example/today\n",
        PHISHING + "My website:\nhttp://ann.garden.example/\n",
        PHISHING + "Screenshot of the page:\nhttp://shots.garden.example/1\n",
        PHISHING + "Please follow our guide on cleaning websites:\nhttp://help.garden.example/clean\n",
        PHISHING + "It goes after the users of the\nwebsite:\n\nbank.garden.example\n",
        PHISHING + "Received: from a ([203.0.113.9])\nX-Spam-Report:\n* URL: http://wiki.garden.example/\n",
        PHISHING + "IP: 203.0.113.9\n",
        PHISHING + "-- \nAnn\nWeb: http://ann.garden.example/\n",
        PHISHING + "Kind regards\nAnn\nURL: http://ann.garden.example/\n",
        PHISHING + "> URL: http://pay.garden.example/login\n",
        "I get letters that I never asked for.\n\n" + PAGE,
    ],
    ids=[
        "spoken of",
        "her own",
        "ours",
        "named by nothing",
        "her website",
        "screenshot",
        "advice",
        "victim",
        "pasted header",
        "an address alone",
        "signature",
        "regards",
        "quoted",
        "no phishing",
    ],
)
def test_what_is_not_written_as_reported_is_not(text: str) -> None:
    found = read(mail(ANN, "A report", text))

    assert (found.kind, found.is_complaint, dict(found.fields)) == (Kind.PERSON, True, {})


DEFANGED = "A domain that may be misused:\n\npay-garden[.]example\n\nOur page: http://www.garden.example/\n"


def test_what_nobody_should_click_on_is_reported_whatever_it_is_said_to_be() -> None:
    found = read(mail(ANN, "Suspicious domain pay-garden[.]example", DEFANGED))

    assert (found.kind, found.feedback_type, found.is_complaint) == (Kind.PERSON, None, True)
    assert found.fields == {"reported-domain": ("pay-garden.example",)}


@pytest.mark.parametrize("text", ["They send spam.\n\n" + DEFANGED, "> " + DEFANGED.replace("\n", "\n> "), PAGE])
def test_but_not_in_a_complaint_of_spam_nor_where_it_is_quoted_nor_a_plain_page(text: str) -> None:
    assert not read(mail(ANN, "A report", text)).fields


def test_a_page_right_below_a_subject_that_speaks_of_one_is_reported() -> None:
    found = read(mail(ANN, "phishing URL at IP 203.0.113.9", "http://pay.garden.example/login\n-> 203.0.113.9\n"))

    assert (found.fields["reported-uri"], found.fields["source-ip"]) == (
        ("http://pay.garden.example/login",),
        ("203.0.113.9",),
    )


NAMED = 'We hear of spam from the host\nwith Domain "SHOP.EXAMPLE"/ IP address "203.0.113.9", which is yours.\n'
LISTED = "Your hosts send spam.\n\nIP Addresses \n\nHeaders\n\n203.0.113.9 \n\n- From ***\n\n203.0.113.10\n"


@pytest.mark.parametrize(
    ("subject", "text", "fields"),
    [
        ("Third report of IP 203.0.113.9", "It sends spam.\n", {"source-ip": ("203.0.113.9",)}),
        ("spam from 203.0.113.9", "Please stop it.\n", {"source-ip": ("203.0.113.9",)}),
        ("Spamming", NAMED, {"reported-domain": ("shop.example",), "source-ip": ("203.0.113.9",)}),
        ("Spamming", LISTED, {"source-ip": ("203.0.113.9", "203.0.113.10")}),
    ],
    ids=["subject", "spam in the subject", "sentence", "list"],
)
def test_a_complaint_of_spam_names_where_it_came_from(
    subject: str, text: str, fields: dict[str, tuple[str, ...]]
) -> None:
    found = read(mail(ANN, subject, text, "Received: from x ([198.51.100.9]) by mx.relay.example\n"))

    assert (found.kind, found.feedback_type, found.is_complaint) == (Kind.PERSON, FeedbackType.ABUSE, True)
    assert dict(found.fields) == fields


@pytest.mark.parametrize(
    ("subject", "text", "more"),
    [
        ("spam from 192.168.1.9", "Please stop it.\n", ""),
        ("Re: spam from 203.0.113.9", "They still send spam.\n", ""),
        ("[#7] Re: spam from 203.0.113.9", "They still send spam.\n", ""),
        ("spam from 203.0.113.9", "They still send spam.\n", REPLY),
        ("my server 203.0.113.9 is taken for spam", "Why?\n", ""),
        ("Please delist 203.0.113.9", "It sends no spam.\n", ""),
        ("Spam", "It came from 203.0.113.9.\n", "Received: from x ([198.51.100.9]) by mx.relay.example\n"),
        ("About 203.0.113.9", "I have a question.\n", ""),
    ],
    ids=["inner", "answer", "answer with a number", "reply", "hers", "delisting", "only in the text", "no spam"],
)
def test_but_not_what_is_hers_nor_in_an_answer(subject: str, text: str, more: str) -> None:
    assert "source-ip" not in read(mail(ANN, subject, text, more)).fields


def test_an_answer_reports_no_page() -> None:
    assert not read(mail(ANN, "Re: phishing", PHISHING + PAGE, REPLY)).fields
