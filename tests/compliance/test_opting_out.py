"""Ways out in many wordings and languages, what only looks like one, and hurdles before them."""

from __future__ import annotations

import pytest

from app.compliance.domain import Finding, Line
from tests.compliance.letters import letter, line

BODY = "We write to you today about our chairs and tables for the garden, and the house that you have.\n"
OUT = "Unsubscribe https://s.example/1"


def present(words: str, body: str = BODY) -> Line:
    return line("can-spam.5.present", letter(f"{body}{words}\n"))


@pytest.mark.parametrize(
    "words",
    ["To be taken off our list, reply with REMOVE to out@s.example",
     "If you’d rather not hear from us: out@s.example",
     "If you don't want to hear from us again, click here: https://s.example/1", "Reply STOP. news@s.example",
     "Falls Sie keine weiteren E-Mails wünschen, klicken Sie hier: https://s.example/1",
     "Wenn Sie diesen Newsletter nicht mehr erhalten möchten: https://s.example/1",
     "Si vous ne souhaitez plus recevoir nos e-mails, cliquez ici: https://s.example/1",
     "Si no desea recibir más correos, haga clic aquí: https://s.example/1",
     "Se non desideri più ricevere queste email, clicca qui: https://s.example/1",
     "Se não deseja mais receber nossos e-mails, clique aqui: https://s.example/1",
     "Als u geen e-mails meer wilt ontvangen, klik hier: https://s.example/1", "Odhlaste se: https://s.example/1",
     "Avsluta prenumerationen: https://s.example/1", "Meld deg av: https://s.example/1",
     "Poista minut listalta: https://s.example/1", "Abonelik iptali: https://s.example/1", "להסרה https://s.example/1",
     "إلغاء الاشتراك https://s.example/1", "ยกเลิกการสมัคร https://s.example/1", "Hủy đăng ký: https://s.example/1",
     "Berhenti berlangganan: https://s.example/1", "メルマガの解除はこちら https://s.example/1",
     "To be Removed Send An Email To out@s.example", "For removal, click here: https://s.example/1",
     "To stop these emails, click https://s.example/1", "Turn off e-mail notifications: https://s.example/1",
     "If you wish to be excluded from future mailings: out@s.example", "Leave this list: out@s.example",
     "You can cancel your subscription here: https://s.example/1", "Email preferences | https://s.example/1",
     "Click here to remove your email address: https://s.example/1",

     "Um sich abzumelden, klicken Sie hier: https://s.example/1", "Newsletter abzubestellen: https://s.example/1",
     "Melden Sie sich hier ab: https://s.example/1", "Um sich auszutragen: https://s.example/1",
     "Vous retirer de notre liste: https://s.example/1", "Gérer vos préférences: https://s.example/1",
     "Klik hier om u af te melden: https://s.example/1", "Om je uit te schrijven: https://s.example/1",
     "Schrijf u hier uit: https://s.example/1", "Para darte de baja: https://s.example/1",
     "Para dejar de recibir estos correos: https://s.example/1", "Anular la suscripción: https://s.example/1",
     "Per cancellarti: https://s.example/1", "Per non ricevere più le nostre email: https://s.example/1",
     "Cancella la tua iscrizione: https://s.example/1", "Sair desta lista: https://s.example/1",
     "Para não receber mais: https://s.example/1", "Anular a subscrição: https://s.example/1",
     "Aby się wypisać: https://s.example/1", "Avanmäl dig: https://s.example/1", "Frameld: https://s.example/1",
     "Отказаться от рассылки: https://s.example/1", "Скасувати підписку: https://s.example/1",
     "Zrušit odběr: https://s.example/1", "Odjavite se: https://s.example/1", "구독 해지 https://s.example/1",
     "退会 https://s.example/1", "Διαγραφή από τη λίστα: https://s.example/1",
     "Manage your e-mail preferences: https://s.example/1", "Go https://s.example/subscription/cancel",
     "Go https://s.example/remove?x=1", "Go https://s.example/baja"],
)  # fmt: skip
def test_a_way_out_is_known_in_many_words(words: str) -> None:
    assert present(words).finding is Finding.MET


@pytest.mark.parametrize(
    "words",
    ["Cancel your subscription at any time: https://s.example/1", "The cap is to be removed before use.",
     "You get this because of your e-mail preferences. https://s.example/1", "Leave the list of chores to us.",
     "We will never contact you again. https://s.example/1", "This is the list of all that we removed from stock.",
     "Melden Sie sich ab sofort an: https://s.example/1", "Der Artikel ist abmontiert: https://s.example/1",
     "Meld je nu aan en krijg 10% korting: https://s.example/1", "Voli cancellati? https://s.example/1",
     "Stop spam with our filter: https://s.example/1", "Remove from the oven: https://s.example/1",
     "Shipping is excluded from all offers: https://s.example/1", "Aus dem Verteiler kommt Strom: https://s.example/1",
     "It goes by your e-mail preferences\non our site: https://s.example/1"],
)  # fmt: skip
def test_words_that_are_only_alike_are_no_way_out(words: str) -> None:
    assert present(words).finding is Finding.BREACHED


@pytest.mark.parametrize(
    "words",
    ["Update your subscription to Pro: https://s.example/subscription-plans", "Go https://s.example/remove-stains",
     "Visit https://s.example/baja-california", "A man unsubscribed from life: https://s.example/book"],
)  # fmt: skip
def test_a_link_that_is_only_called_alike_is_no_way_out(words: str) -> None:
    assert present(words).finding is Finding.BREACHED


def test_who_offers_to_write_no_more_may_mean_it() -> None:
    assert present("Let me know and I won't contact you again: ann@s.example").finding is Finding.UNKNOWN


def test_in_a_language_that_is_hardly_known_a_link_may_be_the_way_out() -> None:
    body = "Sveiki! Rašome jums apie kėdes ir stalus sodui, kurie labai gražūs.\n"

    assert present("Spauskite čia: https://s.example/1", body).finding is Finding.UNKNOWN
    assert present("", body).finding is Finding.BREACHED
    assert line("casl.mechanism", letter(f"{body}https://s.example/1\n")).finding is Finding.UNKNOWN


@pytest.mark.parametrize(
    "words",
    ["To unsubscribe, log in to your account.", "To unsubscribe you must pay a fee.", "Unsubscribing costs $5.",
     "To be removed send a letter to our office.", "To unsubscribe, send a copy of your ID.", "To opt out call us.",
     "A fee of 5 USD for unsubscribing applies.", "Um sich abzumelden, müssen Sie sich einloggen."],
)  # fmt: skip
def test_a_hurdle_is_one(words: str) -> None:
    assert line("can-spam.5.easy", letter(f"{BODY}{words}\n")).finding is Finding.BREACHED


@pytest.mark.parametrize(
    "words",
    ["To unsubscribe, click here or call us at 555 1234.", "To unsubscribe by mail: out@s.example",
     "To opt out visit https://s.example/call-center", "To unsubscribe from phone notifications click here",
     "To unsubscribe, reply to this mail or write to us.", "Leaving is free of charge to unsubscribe",
     "Pour vous désabonner, vous n'avez pas besoin de vous connecter."],
)  # fmt: skip
def test_an_easy_way_beside_a_hard_one_is_no_hurdle(words: str) -> None:
    assert line("can-spam.5.easy", letter(f"{BODY}{words}\n")).finding is Finding.UNKNOWN


def test_an_address_that_stands_in_html_text_is_a_link_for_who_reads_it() -> None:
    said = line("can-spam.5.present", letter("<p>Unsubscribe at any time: https://s.example/1</p>", html=True))
    named = line("can-spam.5.present", letter("<p>Go https://s.example/unsubscribe</p>", html=True))

    assert (said.finding, named.finding) == (Finding.MET, Finding.MET)


@pytest.mark.parametrize("written", ["Un&shy;sub&shy;scribe", "Un&#8203;subscribe", "Un\u200bsub\u00adscribe"])
def test_what_nobody_sees_parts_no_word(written: str) -> None:
    html = line("can-spam.5.present", letter(f"<p>{BODY}</p>{written}: https://s.example/1", html=True))
    denied = line("can-spam.5.present", letter(f"{BODY}You can\u200bnot un\u00adsubscribe: https://s.example/1\n"))

    assert (html.finding, denied.finding) == (Finding.MET, Finding.UNKNOWN)
    assert html.quotes[0].text == "Unsubscribe"


@pytest.mark.parametrize(
    "style",
    ["color:transparent", "opacity:0", "opacity: 0.0", "max-height:0;overflow:hidden", "font-size:1px",
     "text-indent:-9999px", "display:none!important"],
)  # fmt: skip
def test_what_its_style_hides_is_no_way_out(style: str) -> None:
    hidden = f"<p>{BODY}</p><p style='{style}'>Unsubscribe https://s.example/1</p>"

    assert line("can-spam.5.present", letter(hidden, html=True)).finding is Finding.BREACHED
    assert (
        line("can-spam.5.present", letter(f"{BODY}<template>{OUT}</template>", html=True)).finding is Finding.BREACHED
    )


@pytest.mark.parametrize(
    "style",
    ["background-color:transparent", "opacity:0.9", "max-height:0.5em", "font-size:10px", "text-indent:-12px"],
)
def test_what_its_style_shows_is_one(style: str) -> None:
    shown = f"<p>{BODY}</p><p style='{style}'>{OUT}</p>"

    assert line("can-spam.5.present", letter(shown, html=True)).finding is Finding.MET
