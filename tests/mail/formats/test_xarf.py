"""XARF in a text with other things in it."""

from __future__ import annotations

import json

import pytest

from app.mail.domain import FeedbackType, Kind
from app.mail.read import read
from tests.mail.formats.test_complaints_stay import ANN, mail

NETWORK = json.dumps({"asn": "AS64500", "ip": "203.0.113.9"}, indent=2)
REPORT = json.dumps(
    {
        "ReporterInfo": {"ReporterOrg": "Box"},
        "Report": {"ReportClass": "Content", "ReportType": "Phishing", "SourceIp": "203.0.113.9"},
    },
    indent=2,
)


@pytest.mark.parametrize(
    "text",
    [
        f"Hello,\n\n== Network ==\n{NETWORK}\n\n== Report ==\n{REPORT}\n",
        f'Hello,\n\n{{\n  "broken": [\n\n== Report ==\n{REPORT}\n',
        f"Hello,\n\n{REPORT}\n{NETWORK}\n",
    ],
    ids=["below another", "below a broken one", "above another"],
)
def test_a_report_is_found_beside_other_json(text: str) -> None:
    found = read(mail(ANN, "Phishing", text))

    assert (found.kind, found.feedback_type) == (Kind.XARF, FeedbackType.FRAUD)
    assert found.fields["source-ip"] == ("203.0.113.9",)


def test_only_the_first_few_objects_of_a_text_are_tried() -> None:
    assert read(mail(ANN, "Phishing", f"{NETWORK}\n\n" * 9 + REPORT)).kind is Kind.PERSON
