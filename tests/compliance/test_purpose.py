"""Mail about a transaction is not held to what is asked of advertising, and advertising does not pass for it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.compliance.domain import Facts, Finding
from app.compliance.worksheet import worksheet
from tests.compliance.letters import COVERED, letter, line, original

RESET = (
    "Somebody asked to reset the password of your account. Follow the link within an hour: https://shop.example/r\n"
)
STAMPED = {"Feedback-ID": "1:2:3:esp", "Subject": "Reset your password"}
LATE = Facts(opted_out=datetime(2026, 3, 2, tzinfo=UTC), arrived=datetime(2026, 5, 2, tzinfo=UTC))
SELLING = "Buy now, 20 % off, best prices on chairs and tables in the whole town.\n"

TRANSACTIONS = {
    "Reset your password": RESET,
    "Your verification code": "Your verification code is 123456. Do not share it with anybody at all.",
    "Order confirmation 4711": "Thank you for your order 4711. We will tell you when it is on its way.",
    "Ihre Rechnung": "anbei die Rechnung zu dem Auftrag. Sie ist bis zum Ende des Monats zu zahlen.",
    "Passwort zurücksetzen": "Sie haben ein neues Passwort verlangt. Hier ist der Link dazu.",
    "Votre commande": "Nous avons bien reçu votre commande et nous la préparons.",
    "Su pedido": "Hemos recibido su pedido y lo estamos preparando para el envío.",
    "La tua prenotazione": "La tua prenotazione è confermata, ti aspettiamo da noi.",
    "Uw bestelling": "Wij hebben uw bestelling ontvangen en gaan aan het werk.",
    "Twoje zamówienie": "Przyjęliśmy zamówienie i już je pakujemy, dziękujemy bardzo.",
    "Восстановление пароля": "Вы запросили новый пароль. Вот ссылка для входа на сайт.",
    "ご注文ありがとうございます": "ご注文 を 受け付け ました 。 ありがとう ござい ます 。",
}


@pytest.mark.parametrize(("subject", "body"), TRANSACTIONS.items(), ids=TRANSACTIONS)
def test_mail_about_a_transaction_breaches_nothing_of_commercial_mail(subject: str, body: str) -> None:
    raw = letter(body, Subject=subject, Feedback_ID="1:2:3:esp")

    for facts in (LATE, replace(LATE, sender="Acme", parents=("Shop",))):
        found = worksheet(original(raw), facts)
        assert [each.rule for each in found.lines if each.finding is Finding.BREACHED] == []


@pytest.mark.parametrize("rule", ["can-spam.4", "can-spam.5.present", "casl.mechanism", "can-spam.5.honoured"])
def test_that_it_was_spared_is_said_with_the_reason(rule: str) -> None:
    found = line(rule, letter(RESET, **STAMPED), LATE)

    assert found.finding is Finding.UNKNOWN and found.quotes
    assert "transaction" in found.sentence


@pytest.mark.parametrize(
    ("subject", "body"),
    [("Your order awaits: buy now", RESET), ("Your invoice", SELLING), ("Your order", f"Your order waits. {SELLING}"),
     ("Garden chairs", RESET), ("Your password", "Chairs for every garden, made of wood. " * 20 + RESET)],
)  # fmt: skip
def test_advertising_that_is_dressed_as_a_transaction_is_not_spared(subject: str, body: str) -> None:
    assert line("can-spam.5.present", letter(body, Subject=subject)).finding is Finding.BREACHED


def test_a_transaction_does_not_excuse_false_headers() -> None:
    raw = letter(RESET, **STAMPED, From='"service@bank.example" <x@shop.example>')

    assert line("can-spam.1.from", raw).finding is Finding.BREACHED


# One click


def test_a_password_reset_with_a_feedback_id_is_no_bulk_mail() -> None:
    assert line("practice.one-click", letter(RESET, **STAMPED), COVERED).finding is Finding.UNKNOWN


@pytest.mark.parametrize(
    "head", [{}, {"List-Unsubscribe": "<mailto:u@shop.example>"}, {"List-Id": "<a.shop.example>"}]
)
def test_a_transaction_owes_no_one_click_whatever_the_provider_stamps(head: dict[str, str]) -> None:
    assert line("practice.one-click", letter(RESET, **STAMPED, **head), COVERED).finding is Finding.UNKNOWN


def test_a_feedback_id_alone_makes_no_bulk_mail_and_selling_does() -> None:
    assert line("practice.one-click", letter(Feedback_ID="1:2:3:esp")).finding is Finding.UNKNOWN
    assert line("practice.one-click", letter(SELLING, Feedback_ID="1:2:3:esp")).finding is Finding.BREACHED


def test_a_post_to_a_list_of_people_owes_no_one_click() -> None:
    head = {"List-Id": "<talk.club.example>", "List-Unsubscribe": "<mailto:leave@club.example>"}

    assert (
        line("practice.one-click", letter(**head, List_Post="<mailto:talk@club.example>")).finding is Finding.UNKNOWN
    )
    assert line("practice.one-click", letter(**head)).finding is Finding.BREACHED


def test_a_megabyte_takes_no_long_time() -> None:
    raw = letter("Your order " * 90_000, Subject="Your order")
    began = time.process_time()

    line("practice.one-click", raw)

    assert time.process_time() - began < 2
