"""Whole letters as honest and as dishonest senders write them, in several languages: what they meet and breach."""

from __future__ import annotations

import pytest

from app.compliance.domain import Facts, Finding
from app.compliance.worksheet import worksheet
from tests.compliance.letters import COVERED, ONE_CLICK, letter, original


def rules(raw: bytes, finding: Finding, facts: Facts = COVERED) -> set[str]:
    return {each.rule for each in worksheet(original(raw), facts).lines if each.finding is finding}


NEWSLETTERS = {
    "Spring chairs": (
        """Hello Ann,

Spring is here and so are our new garden chairs. Save 20% off this week: https://shop.example/spring

You are receiving this email because you signed up at shop.example. This is a promotional message.
Shop Ltd, 12 High Street, Leeds LS1 4AB, help@shop.example
Unsubscribe: https://shop.example/u?x=1
""",
        {
            "can-spam.3",
            "can-spam.4",
            "can-spam.5.present",
            "casl.consent",
            "casl.identity",
            "gdpr.consent",
            "spam-act.identity",
        },
    ),
    "Frühling im Garten": (
        """Guten Tag Frau Muster,

der Frühling ist da, und unsere neuen Gartenstühle sind es auch. Nur diese Woche: 20 % Rabatt.
https://shop.example/fruehling

Sie erhalten diesen Newsletter, weil Sie sich dafür am 03.05.2024 angemeldet haben. Anzeige.
Sie möchten keine E-Mails mehr erhalten? Hier abmelden: https://shop.example/u

Shop GmbH, Hauptstraße 5, 10115 Berlin, HRB 12345, USt-ID: DE123456789, info@shop.example
""",
        {"can-spam.3", "can-spam.4", "can-spam.5.present", "gdpr.consent", "gdpr.controller", "practice.consent"},
    ),
    "Le printemps au jardin": (
        """Bonjour,

Le printemps est là, et nos nouvelles chaises de jardin aussi. Soldes : -20 % cette semaine.
Vous recevez cet e-mail car vous êtes inscrit à notre lettre. Publicité.
Vous ne souhaitez plus recevoir nos messages ? Désabonnez-vous : https://shop.example/u

Shop SARL, 12, rue de la Paix, 75002 Paris, RCS Paris 123456789, contact@shop.example
""",
        {"can-spam.3", "can-spam.4", "can-spam.5.present", "gdpr.consent", "gdpr.controller"},
    ),
    "La primavera en el jardín": (
        """Hola,

La primavera ya está aquí y con ella las nuevas sillas de jardín. Publicidad.
Recibe este correo porque se ha suscrito a nuestro boletín. Si no desea recibir más correos, puede
darse de baja aquí:
https://shop.example/baja

Tienda Shop S.L., Calle Mayor, 12, 28013 Madrid, CIF B12345678, info@shop.example
""",
        {"can-spam.3", "can-spam.4", "can-spam.5.present", "gdpr.consent", "gdpr.controller"},
    ),
    "La primavera in giardino": (
        """Gentile cliente,

la primavera è arrivata e con lei le nuove sedie da giardino. Pubblicità.
Ricevi questa email perché ti sei iscritto alla newsletter. Non vuoi più ricevere queste email?
Disiscriviti qui: https://shop.example/u

Shop S.r.l., Via Roma 12, 00184 Roma, P.IVA 01234567890, info@shop.example
""",
        {"can-spam.3", "can-spam.4", "can-spam.5.present", "gdpr.consent", "gdpr.controller"},
    ),
    "Lente in de tuin": (
        """Beste lezer,

De lente is er en onze nieuwe tuinstoelen zijn er ook. Reclame.
U ontvangt deze mail omdat u zich heeft aangemeld. Geen mail meer ontvangen? Uitschrijven kan hier:
https://shop.example/u

Shop B.V., Keizersgracht 100, 1015 CN Amsterdam, KvK 12345678, info@shop.example
""",
        {"can-spam.3", "can-spam.4", "can-spam.5.present", "gdpr.consent", "gdpr.controller"},
    ),
    "Wiosna w ogrodzie": (
        """Dzień dobry,

wiosna już jest, a z nią nowe krzesła do ogrodu. Reklama.
Otrzymujesz tę wiadomość, ponieważ zapisałeś się na newsletter. Jeśli nie chcesz jej otrzymywać,
wypisz się: https://shop.example/u

Shop sp. z o.o., ul. Nowa 5/7, 00-001 Warszawa, info@shop.example
""",
        {"can-spam.3", "can-spam.4", "can-spam.5.present", "gdpr.consent"},
    ),
    "Весна в саду": (
        """Здравствуйте!

Весна пришла, и с ней новые садовые стулья. Реклама.
Вы получили это письмо, потому что подписались на рассылку. Если вы не хотите получать письма,
отпишитесь: https://shop.example/u

ООО Магазин, ул. Тверская, 1, Москва, 125009
""",
        {"can-spam.3", "can-spam.5.present", "gdpr.consent"},
    ),
    "春のガーデンチェア": (
        """春のガーデンチェアのご案内です。広告。
配信停止はこちら: https://shop.example/u
株式会社ショップ 〒100-0001 東京都千代田区千代田1-1
""",
        {"can-spam.3", "can-spam.4", "can-spam.5.present"},
    ),
    "Primavera no jardim": (
        """Olá,

A primavera chegou e com ela as novas cadeiras de jardim. Publicidade.
Você recebeu este e-mail porque se cadastrou em nosso site. Se não deseja mais receber, clique aqui
para descadastrar: https://shop.example/u
Loja Shop Ltda., Rua das Flores, 100, Centro, São Paulo, 01001-000, ajuda@shop.example
""",
        {"can-spam.3", "can-spam.4", "can-spam.5.present", "gdpr.consent"},
    ),
}


@pytest.mark.parametrize(("subject", "body", "met"), [(name, *rest) for name, rest in NEWSLETTERS.items()])
def test_an_honest_newsletter_breaches_nothing_and_meets_what_it_says(subject: str, body: str, met: set[str]) -> None:
    raw = letter(body, **ONE_CLICK, Subject=subject)

    assert rules(raw, Finding.BREACHED) == set()
    assert met <= rules(raw, Finding.MET)


HONEST = {
    "Your order has been shipped": """\
Dear Ann,

your order 4711 has been shipped and will arrive on Friday. Tracking number: 1Z999.
Free shipping on your next order!
""",
    "Your verification code": """\
123456 is your verification code. It expires in ten minutes.
""",
    "Ihr Bestätigungscode": """\
Ihr Bestätigungscode lautet 123456. Er gilt zehn Minuten lang, geben Sie ihn nicht weiter.
""",
    "Please confirm your subscription": """\
Please confirm your subscription to our newsletter: https://shop.example/c. If you did not
ask for this, ignore this mail.
""",
    "Your statement is ready": """\
Your statement is ready. We will never ask for your password. Beware of
guaranteed returns and of risk-free offers.
""",
    "Your appointment on Monday": """\
This is a reminder of your appointment on Monday at 10. Call us if you cannot come.
""",
    "Votre facture de mai": """\
Bonjour, veuillez trouver votre facture du mois de mai en pièce jointe. Merci de votre confiance.
""",
}


@pytest.mark.parametrize(("subject", "body"), HONEST.items(), ids=HONEST)
def test_honest_mail_to_one_person_breaches_nothing(subject: str, body: str) -> None:
    assert rules(letter(body, Subject=subject, Feedback_ID="a:b:c:d"), Finding.BREACHED) == set()


NOBODY = {"can-spam.4", "casl.identity", "gdpr.controller", "spam-act.identity"}


def test_who_denies_all_that_he_does_meets_nothing_by_it() -> None:
    body = (
        "Earn up to $5,000 per week! Guaranteed income. Buy now, special offers. https://evil.example/x\n"
        "This is not an advertisement. You cannot unsubscribe.\nNot a purchased list.\n"
    )
    raw = letter(body, Subject="Re: your request")

    assert rules(raw, Finding.BREACHED) == {"practice.offers", "can-spam.2.reply", *NOBODY}
    assert not rules(raw, Finding.MET) & {"can-spam.3", "can-spam.5.present", "casl.consent", "spam-act.unsubscribe"}


def test_who_bought_a_list_and_hides_an_answer_is_seen() -> None:
    body = "We bought a list with you in it. Order now, limited offer, discounts! To opt out call us.\n"
    taken = {"casl.consent", "gdpr.consent", "spam-act.consent", "practice.consent"}

    found = rules(letter(body, Subject="\u200bFWD: you have won"), Finding.BREACHED)

    assert found == {"can-spam.2.reply", "can-spam.2.bait", "can-spam.5.easy", *taken, *NOBODY}


def test_an_order_that_only_sells_is_advertising() -> None:
    body = "Your order is waiting. Buy now with a discount, special offers only today, best prices and free trial.\n"

    found = rules(letter(body, Subject="Your order"), Finding.BREACHED)

    assert {"can-spam.3", "can-spam.5.present", "casl.mechanism", "spam-act.unsubscribe", *NOBODY} <= found
