"""What is denied, asked or made a condition of is not said, in the languages that the wordings are in."""

from __future__ import annotations

import time

import pytest

from app.compliance.denial import unclaimed
from app.compliance.domain import Finding, Line
from tests.compliance.letters import PLAIN, letter, line

NO_WAY_OUT = [
    *("You cannot unsubscribe from this mail", "You can't unsubscribe", "You can’t opt out of service mails"),
    *(
        "You cannot, under any circumstances, unsubscribe",
        "There is no way to unsubscribe",
        "You cannot\nunsubscribe",
    ),
    *("Unsubscribing is not possible", "Unsubscribe requests are not processed", "Can I unsubscribe? No"),
    *("Sie können sich nicht abmelden", "Abmelden ist leider nicht möglich", "Sie können sich nie\nabmelden"),
    *("Vous ne pouvez pas vous désabonner", "Il n'est pas possible de se désabonner", "Désinscription impossible"),
    *("No puede darse de baja", "Non puoi disiscriverti", "Não é possível cancelar inscrição"),
    *("U kunt zich niet uitschrijven", "Nie możesz wypisać się", "Вы не можете отписаться", "Отписаться нельзя"),
    *("Du kan inte avregistrera dig", "Du kan ikke afmelde dig", "您无法退订此邮件", "配信停止はできません"),
    *(
        "수신거부 할 수 없습니다",
        "Sie können sich als Kundin oder Kunde unseres Hauses nicht vom\nNewsletter abmelden",
    ),
]
WAYS_OUT = [
    *("If you do not wish to receive more mail please unsubscribe here", "Not interested? Unsubscribe"),
    *("Want to unsubscribe? Click here", "Do not reply to this mail. Unsubscribe here", "Not you? Unsubscribe"),
    *("This mailbox is not monitored, to unsubscribe click here", "If you did not ask for this unsubscribe here"),
    *("Unsubscribe if you do not want more", "Unsubscribe and we won't write again", "You can opt out at no cost"),
    *("Wenn Sie keine Mails mehr erhalten möchten können Sie sich abmelden", "Sie möchten nicht mehr? Abmelden"),
    *("Pour ne plus recevoir ces mails désabonnez-vous", "Si no desea recibir más correos puede darse de baja"),
    *("Se non vuoi più ricevere queste email disiscriviti", "Als u geen mail wilt kunt u zich uitschrijven"),
    *("Если вы не хотите получать письма, отписаться можно здесь", "如不想再收到此邮件，请点击退订"),
    *("Om du inte vill ha mejl kan du avregistrera dig", "Hvis du ikke ønsker mails kan du afmelde dig"),
    *("Omaha, NE 68102 Unsubscribe", "No minimum order\nFree shipping\nUnsubscribe"),
    "Ohne Angabe von Gründen können Sie sich abmelden",
    *("수신을 원치 않으시면 수신거부", "配信停止はこちら", "We never sell your data and you can unsubscribe"),
]


def finding(rule: str, words: str, *, html: bool = False) -> Line:
    return line(rule, letter(f"{PLAIN}\n{words}\n\nhttps://shop.example/x\n", html=html))


@pytest.mark.parametrize("words", NO_WAY_OUT)
def test_a_way_out_that_is_denied_is_none(words: str) -> None:
    for rule in ("can-spam.5.present", "spam-act.unsubscribe"):
        found = finding(rule, f"{words}.")
        assert found.finding is Finding.UNKNOWN
        assert found.quotes and "deny" in found.sentence
    assert finding("casl.mechanism", f"{words}.").finding is Finding.UNKNOWN


@pytest.mark.parametrize("words", WAYS_OUT)
def test_a_way_out_for_who_wants_no_more_mail_is_one(words: str) -> None:
    assert finding("can-spam.5.present", words).finding is Finding.MET


def test_a_denial_in_a_box_of_its_own_is_one() -> None:
    body = f"<p>{PLAIN}</p><div>You cannot</div><div>unsubscribe</div><a href='https://s.example/1'>x</a>"

    assert line("can-spam.5.present", letter(body, html=True)).finding is Finding.UNKNOWN


def test_what_another_clause_denies_does_not_touch_the_disclosure() -> None:
    for words in (
        "Anzeige - kein Angebot",
        "This isn't spam, this is an advertisement.",
        "Not a bill. Advertisement.",
    ):
        assert finding("can-spam.3", words).finding is Finding.MET


@pytest.mark.parametrize(
    "words",
    ["This is not an advertisement.", "This isn’t an advertisement.", "Is this an advertisement?",
     "We never send advertising.", "An advertising-free letter.", "Dies ist keine Werbung.", "Werbung ist das nicht.",
     "Ceci n'est pas une publicité.", "Esto no es publicidad.", "Questa non è pubblicità.", "Dit is geen reclame.",
     "Isto não é publicidade.", "To nie jest reklama.", "Это не реклама.", "这不是广告", "これは広告ではありません",
     "이것은 광고가 아닙니다"],
)  # fmt: skip
def test_what_says_that_it_is_no_advertisement_is_not_disclosed(words: str) -> None:
    found = finding("can-spam.3", words)

    assert found.finding is Finding.UNKNOWN and found.quotes
    assert line("can-spam.3", letter(Subject=words)).finding is not Finding.MET


@pytest.mark.parametrize(
    "words",
    ["Have you subscribed yet?", "We do not know whether you subscribed.", "If you subscribed by mistake, tell us.",
     "Once you have subscribed you get more.", "Haben Sie schon bestellt oder weil Sie sich nicht angemeldet haben.",
     "We share your data only with your consent.", "You have never agreed, or because you never were asked."],
)  # fmt: skip
@pytest.mark.parametrize("rule", ["casl.consent", "gdpr.consent", "spam-act.consent"])
def test_a_question_or_a_condition_claims_no_consent(rule: str, words: str) -> None:
    assert finding(rule, words).finding is Finding.UNKNOWN


@pytest.mark.parametrize(
    "words",
    ["This is not a purchased list.", "We never use a purchased list.", "No address is from a purchased list.",
     "We have not found your address online.", "Did you think we found your address online?"],
)  # fmt: skip
@pytest.mark.parametrize("rule", ["casl.consent", "gdpr.consent", "spam-act.consent", "practice.consent"])
def test_who_says_that_he_took_no_address_admits_nothing(rule: str, words: str) -> None:
    assert finding(rule, words).finding is Finding.UNKNOWN


@pytest.mark.parametrize(
    "words",
    ["You do not need to log in to unsubscribe.", "To unsubscribe you do not need to call us.",
     "There is no fee to unsubscribe.", "Do I have to log in to unsubscribe?"],
)  # fmt: skip
def test_a_hurdle_that_is_denied_is_none(words: str) -> None:
    assert finding("can-spam.5.easy", words).finding is Finding.UNKNOWN


def test_a_warning_of_false_promises_promises_nothing() -> None:
    for words in ("We do not promise guaranteed income.", "Tired of guaranteed income?"):
        assert finding("practice.offers", words).finding is Finding.UNKNOWN


def test_a_subject_that_denies_the_bait_does_not_bait() -> None:
    for words in ("Your account is not suspended", "You have not won: you’re no winner"):
        assert line("can-spam.2.bait", letter(Subject=words)).finding is Finding.UNKNOWN


def test_one_place_that_says_it_is_enough() -> None:
    found = finding("can-spam.5.present", "You cannot unsubscribe from invoices.\n\nUnsubscribe from news here.")

    assert found.finding is Finding.MET


@pytest.mark.parametrize(
    "piece",
    [
        "if ",
        "not, ",
        "you cannot unsubscribe ",
        "so a b c d ",
        "n'a",
        "unsubscribe? ",
        "is is ",
        " - ",
        "unsubscribe ",
    ],
)
def test_denials_in_any_number_take_no_long_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()

    unclaimed(text, 500_000, 500_011)
    line("can-spam.5.present", letter(text))

    assert time.process_time() - began < 2
