"""Mails by which somebody joins a feedback loop or is let see its data, in the words that providers have for it."""

from __future__ import annotations

import pytest

from app.mail.domain import Kind
from app.mail.read import read


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("Smart Network Data Services: access request", "Follow this link: https://box.test/a", Kind.ENROLMENT),
        ("Подтверждение FBL", "Перейдите по ссылке https://box.test/a", Kind.ENROLMENT),
        ("Bestätigung Ihrer FBL-Anmeldung", "Folgen Sie https://box.test/a", Kind.ENROLMENT),
        ("FBL: spam от вашего клиента", "Письмо во вложении", Kind.PERSON),
        ("Подтверждение заказа", "Перейдите по ссылке https://box.test/a", Kind.PERSON),
    ],
)
def test_a_step_of_joining_a_loop_is_told_in_any_language(subject: str, text: str, kind: Kind) -> None:
    raw = f"From: postmaster@box.test\nTo: abuse@relay.example\nSubject: {subject}\n\n{text}\n"
    assert read(raw.encode()).kind is kind
