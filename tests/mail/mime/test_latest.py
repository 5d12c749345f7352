"""What is remembered of the last few mails."""

from __future__ import annotations

from app.mail.mime.latest import KEPT, Latest


def test_an_equal_mail_is_read_once() -> None:
    asked: list[bytes] = []
    length = Latest(lambda raw: asked.append(raw) or len(raw))
    assert (length(b"one mail"), length(bytes(bytearray(b"one mail")))) == (8, 8)
    assert asked == [b"one mail"]


def test_only_the_last_few_are_remembered() -> None:
    asked: list[bytes] = []
    length = Latest(lambda raw: asked.append(raw) or len(raw))
    mails = [b"m" * number for number in range(1, KEPT + 2)]
    for mail in [*mails, mails[-1], mails[0]]:
        length(mail)
    assert asked == [*mails, mails[0]]


def test_what_is_forgotten_is_read_again() -> None:
    asked: list[bytes] = []
    length = Latest(lambda raw: asked.append(raw) or len(raw))
    length(b"mail")
    length.cache_clear()
    length(b"mail")
    assert asked == [b"mail", b"mail"]
