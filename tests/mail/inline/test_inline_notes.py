"""What Lotus Notes writes above the mails that it forwards."""

from __future__ import annotations

import time

import pytest

from app.mail.domain import Kind
from app.mail.limits import TEXT_CHARS
from app.mail.read import read

MARK = "----- Forwarded by Ann Smith/ACME on 11/03/2026 10:02 AM -----"
LABELS = "To: ann@acme.test\ncc:\nSubject: Tulips\n\nBuy tulips.\n"


def mail(text: str, subject: str = "Spam") -> bytes:
    head = (
        f"From: ann@acme.test\nTo: abuse@relay.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8"
    )
    return f"{head}\n\n{text}".encode()


@pytest.mark.parametrize(
    "head",
    [
        f"{MARK}\n\nGarden <news@garden.example> on 11/03/2026 09:58 AM\n\n",
        f"{MARK}\n\n\tGarden <news@garden.example>\n\t11/03/2026 09:58 AM\n\t\t \n",
        f"{MARK}\n\nFrom:\tGarden <news@garden.example> on 11/03/2026 09:58 AM\n",
        f"{MARK}\nGarden <news@garden.example>\nSent by: news@garden.example\n11/03/2026 09:58 AM\n\n",
        "----- Weitergeleitet von Ann Smith/ACME am 03.11.2026 10:02 -----\n\n"
        "Garden <news@garden.example>\n03.11.2026 09:58\n\n",
    ],
)
def test_sender_and_date_stand_there_without_labels(head: str) -> None:
    found = read(mail(f"Stop it.\n\n{head}{LABELS}"))

    original = found.originals[0]
    assert (found.kind, found.text) == (Kind.INLINE, "Stop it.")
    assert (original.from_, original.subject) == ("Garden <news@garden.example>", "Tulips")
    assert original.date
    assert original.date.isoformat() == "2026-11-03T09:58:00+00:00"


def test_who_only_speaks_of_a_forward_forwards_nothing() -> None:
    assert read(mail(f"{MARK}\n\nI mean that one, of 11/03/2026, and it is spam.\n")).kind is Kind.PERSON


@pytest.mark.parametrize("line", [MARK, f"{MARK}\n  To", f"{MARK}\nA <a@b.example> 11/03/2026", f"{' ' * 40}To"])
def test_hostile_text_takes_linear_time(line: str) -> None:
    text = f"{MARK}\n" + f"{line}\n" * (TEXT_CHARS // len(line))
    start = time.process_time()
    read(mail(text))

    assert time.process_time() - start < 1
