"""Inline forwards that real clients wrote (`../shared/corpus`, crisp-oss): each body becomes a mail and is read.

The fixtures are bodies, some with a subject. Variant 4 of a client is a reply, which must stay a person's mail; the
subject of Outlook's is the only mark that it is one. The sentence of Outlook 2019 for Mac names no recipient.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.mail.domain import Kind, Reading
from app.mail.read import read

FOLDER = Path(__file__).parents[4] / "shared" / "corpus" / "crisp-oss+email-forward-parser"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared corpus is not here")

BODIES = sorted((FOLDER / "fixtures").glob("*_body*.txt"))
VARIANT = re.compile(r"_variant_(\d+)(?:_\d+)?")
REPLY = 4
WITH_WORDS = (2, 14, 15)
NO_COPY = (1,)
TWO_RECIPIENTS = (1, 2, 3)


def variant_of(body: Path) -> int:
    match = VARIANT.search(body.stem)
    return int(match[1]) if match else 0


def subject_of(body: Path) -> str:
    """The subject fixture of the same variant, else of the same client and language, else of the client."""
    exact = body.name.replace("_body", "_subject")
    of_language = VARIANT.sub("", exact)
    of_client = re.sub(r"_[a-z]{2}(_br)?_subject", "_subject", of_language)
    files = (body.with_name(name) for name in (exact, of_language, of_client))
    return next((file.read_text().strip() for file in files if file.exists()), "")


def reading(body: Path) -> Reading:
    head = (
        f"From: forwarder@home.test\r\nSubject: {subject_of(body)}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    return read(head.encode() + body.read_bytes())


def expected() -> dict[str, Any]:
    return json.loads((FOLDER / "EXPECTED.json").read_text()) if FOLDER.is_dir() else {}


def words(text: str) -> str:
    """The text without quoting and with single spaces."""
    return " ".join(re.sub(r"(?m)^[> ]+", "", text).split())


@pytest.mark.parametrize("body", [body for body in BODIES if variant_of(body) != REPLY], ids=lambda path: path.stem)
def test_a_real_forward_is_read(body: Path) -> None:
    found, wanted = reading(body), expected()
    assert found.kind is Kind.INLINE
    original = found.originals[0]
    assert (original.from_, original.subject) == (
        f"{wanted['from_name']} <{wanted['from_address']}>",
        wanted["subject"],
    )
    assert original.date
    assert list(original.recipients) == recipients(body, wanted)
    assert words(wanted["original_body"]) in words(original.raw.decode())
    assert found.text == (wanted["message_above_forward"] if variant_of(body) in WITH_WORDS else "")


def recipients(body: Path, wanted: dict[str, Any]) -> list[str]:
    if body.name.startswith("outlook_2019_"):
        return []
    to = [wanted["to_1"], *([wanted["to_2"]] if variant_of(body) in TWO_RECIPIENTS else [])]
    return to if variant_of(body) in NO_COPY else [*to, *wanted["cc"]]


@pytest.mark.parametrize("body", [body for body in BODIES if variant_of(body) == REPLY], ids=lambda path: path.stem)
def test_a_real_reply_stays_a_persons_mail(body: Path) -> None:
    assert reading(body).kind is Kind.PERSON
