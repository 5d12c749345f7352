"""What honest mail says and was taken for a breach, and what says nothing and was taken for consent."""

from __future__ import annotations

import pytest

from app.compliance.domain import Finding
from tests.compliance.letters import PLAIN, letter, line

MET, BREACHED, UNKNOWN = Finding.MET, Finding.BREACHED, Finding.UNKNOWN


def finding(rule: str, words: str) -> Finding:
    return line(rule, letter(f"{PLAIN}{words}\n")).finding


@pytest.mark.parametrize(
    "words",
    [
        "You are receiving this email because you are a business owner.",
        "You are receiving this email because you have an account with us.",
        "You received this because your friend signed you up.",
        "This is a one-time email to confirm your subscription.",
        "By opening this mail you agreed to our terms.",
        "You agreed to receive nothing from us.",
        "You subscribed to nothing.",
        "Vous recevez ce message car vous n'êtes pas inscrit.",
        "Ricevi questa email perché non ti sei iscritto.",
        "You get this because you created an account with us.",
        "You get this because you entered a competition.",
        "As a subscriber to our list, you would save.",
        "ご登録いただくと、お得です。",
        "Weil du dich nicht angemeldet hast, schreiben wir dir.",
    ],
)
@pytest.mark.parametrize("rule", ["casl.consent", "gdpr.consent", "spam-act.consent"])
def test_words_that_claim_no_consent_are_unknown(rule: str, words: str) -> None:
    assert finding(rule, words) is UNKNOWN


@pytest.mark.parametrize(
    "words",
    [
        "You are receiving this email because you opted in at our website.",
        "Thank you, you have subscribed!",
        "Sie erhalten diese E-Mail, weil Sie sich für unseren Newsletter angemeldet haben.",
        "Sie erhalten dies, weil Sie sich am 03.05.2024 für unsere Briefe angemeldet haben.",
        "Vous recevez ce message car vous êtes inscrit à notre lettre.",
        "Recibe este correo porque se ha suscrito a nuestro boletín.",
        "U ontvangt deze mail omdat u zich heeft aangemeld.",
        "Otrzymujesz tę wiadomość, ponieważ zapisałeś się na newsletter.",
        "Вы получили это письмо, потому что подписались на рассылку.",
        "You get this because you are subscribed to our list.",
        "You get this as a subscriber to our newsletter.",
        "Because you're registered for our news.",
        "Because you joined our mailing list.",
        "Du erhältst diese Mail, weil du dich angemeldet hast.",
        "Du hast unseren Newsletter abonniert.",
        "Da Sie sich registriert haben, schreiben wir Ihnen.",
        "Vous êtes abonné à notre lettre.",
        "Recibes este correo porque estás suscrito.",
        "Recibes este correo porque te suscribiste.",
        "Hai ricevuto questa email perché sei iscritto.",
        "Você recebe isto porque está inscrito.",
        "Du får detta eftersom du prenumererar på nyheter.",
        "Du modtager dette, fordi du har tilmeldt dig.",
        "Protože jste se přihlásili k odběru.",
        "您收到此邮件是因为您订阅了我们的新闻。",
    ],
)
def test_words_that_claim_consent_are_met(words: str) -> None:
    assert finding("casl.consent", words) is MET


@pytest.mark.parametrize(
    "words",
    ["Because you purchased a chair, we thought of you.", "Sie erhalten dies, weil Sie bei uns Kunde sind.",
     "Vous recevez ceci car vous êtes client."],
)  # fmt: skip
def test_a_purchase_is_a_soft_opt_in_and_no_express_consent(words: str) -> None:
    assert finding("casl.consent", words) is UNKNOWN
    assert finding("gdpr.consent", words) is MET
    assert finding("spam-act.consent", words) is MET


def test_a_public_address_may_be_enough_in_canada_and_australia_and_a_bought_one_is_not() -> None:
    found = "We found your address online."
    assert [finding(f"{law}.consent", found) for law in ("casl", "spam-act", "gdpr")] == [UNKNOWN, UNKNOWN, BREACHED]

    bought = "We bought a list of addresses."
    assert {finding(f"{law}.consent", bought) for law in ("casl", "spam-act", "gdpr")} == {BREACHED}


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Your appointment is confirmed for 12.05.2024.", UNKNOWN),
        ("Your order of 2024-05-03 was confirmed on 2024-05-04.", UNKNOWN),
        ("Registered in England on 12/10/2020.", UNKNOWN),
        ("You have not confirmed your subscription on 2024-05-03.", UNKNOWN),
        ("You confirmed your subscription on 3 May 2024.", MET),
        ("Sie haben sich am 03.05.2024 angemeldet.", MET),
        ("Subscribed: 2024-05-03, IP 192.0.2.7", MET),
    ],
)
def test_only_a_date_of_consent_proves_it(words: str, wanted: Finding) -> None:
    assert finding("practice.consent", words) is wanted


@pytest.mark.parametrize(
    "subject",
    ["Verify your email address", "Congratulations on your graduation", "Award winner 2025: our new chair",
     "Urgent: water main break", "Final notice: invoice 12", "Guaranteed delivery by Friday", "Last chance: roses",
     "Your account has been suspended"],
)  # fmt: skip
def test_what_may_well_be_true_is_no_bait_yet(subject: str) -> None:
    found = line("can-spam.2.bait", letter(Subject=subject))

    assert found.finding is UNKNOWN and found.quotes
    assert "whether that is true" in found.sentence


@pytest.mark.parametrize("subject", ["You’ve won a prize", "Claim your prize now", "100% free money", "Hai vinto!"])
def test_bait_is_bait(subject: str) -> None:
    assert line("can-spam.2.bait", letter(Subject=subject)).finding is BREACHED


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Help us cure cancer with your gift.", UNKNOWN),
        ("No obligation quote for your roof.", UNKNOWN),
        ("There is no risk of rain.", UNKNOWN),
        ("Fishing report: no catch today.", UNKNOWN),
        ("Beware of guaranteed returns and of risk-free offers.", UNKNOWN),
        ("This pill cures cancer.", BREACHED),
        ("Earn up to $5,000 per week.", BREACHED),
    ],
)
def test_an_offer_is_misleading_only_where_it_offers(words: str, wanted: Finding) -> None:
    assert finding("practice.offers", words) is wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Contact our Advertising department.", UNKNOWN),
        ("Sponsored by the city: the concert.", UNKNOWN),
        ("Anzeige aufgeben: die Wache.", UNKNOWN),
        ("Your commercial message got lost.", UNKNOWN),
        ("You get marketing emails from us.", MET),
        ("This is a promotional email.", MET),
    ],
)
def test_who_only_speaks_of_advertising_discloses_none(words: str, wanted: Finding) -> None:
    assert finding("can-spam.3", words) is wanted


RUSSIAN = (
    "Здравствуйте! Весна пришла, и с ней новые садовые стулья для вас.\nООО Магазин, улица Тверская, дом первый\n"
)


@pytest.mark.parametrize("rule", ["can-spam.4", "casl.identity", "gdpr.controller", "spam-act.identity"])
@pytest.mark.parametrize("body", [RUSSIAN, "여러분 안녕하세요 봄이 왔습니다 새 의자 가 나왔습니다\n"])
def test_in_another_script_a_name_or_an_address_may_go_unseen(rule: str, body: str) -> None:
    assert line(rule, letter(body)).finding is UNKNOWN


def test_the_russian_word_for_leaving_is_known_in_each_form() -> None:
    for words in ("Отпишитесь", "отписаться", "Відпишіться"):
        assert line("can-spam.5.present", letter(f"{RUSSIAN}{words}: https://s.example/1\n")).finding is MET
