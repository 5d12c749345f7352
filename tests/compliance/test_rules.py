"""Every rule in a table: a message that meets it, one that breaks it, one that leaves it unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.compliance.domain import Facts, Finding, Signed
from app.compliance.rules import RULES
from tests.compliance.letters import COVERED, ONE_CLICK, PLAIN, SIGNED, letter, line

MET, BREACHED, UNKNOWN = Finding.MET, Finding.BREACHED, Finding.UNKNOWN
HOP = "from {0} by {1} with ESMTP id 1; Mon, 2 Mar 2026 {2}:00:00 +0000"
PATH = "\n".join((HOP.format("b.test", "c.test", 10), HOP.format("a.test", "b.test", 9)))
BACKWARDS = "\n".join(
    (HOP.format("b.test", "c.test", 10), HOP.format("a.test", "b.test", 9).replace("2 Mar", "9 Mar"))
)
TORN = "\n".join((HOP.format("x.test", "c.test", 10), HOP.format("a.test", "b.test", 9)))
STREET = "Shop Ltd\n12 High Street\nLeeds\nLS1 4AB\n"
FULL = f"{PLAIN}Shop GmbH\nHauptstraße 5\n10115 Berlin\nTel: 030 1234567\n"
OUT = f"{PLAIN}To unsubscribe: https://shop.example/out\n"
SELLING = "Buy now, 20 % off, best prices on chairs and tables in the whole town.\n"
JOINED = f"{PLAIN}You get this because you signed up at our shop.\n"
TAKEN = f"{PLAIN}We found your address online.\n"
ASKED = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATE = Facts(opted_out=ASKED, arrived=datetime(2026, 4, 2, 12, tzinfo=UTC))
SOON = replace(LATE, arrived=datetime(2026, 3, 3, 12, tzinfo=UTC))
ACME = Facts(sender="Acme Chairs")
CHAIN = Facts(sender="Acme Chairs", parents=("Shop",))
SELLER = replace(ACME, sender="Shop")
LINKS = "".join(f"https://shop.example/{number}\n" for number in range(12))

CASES = [
    ("can-spam.1.from", MET, letter(), SIGNED),
    ("can-spam.1.from", MET, letter(From="x@mail.shop.example"), SIGNED),
    ("can-spam.1.from", BREACHED, letter(From="a@shop.example\nb@shop.example"), SIGNED),
    ("can-spam.1.from", BREACHED, letter(From='"service@bank.example" <x@shop.example>'), SIGNED),
    ("can-spam.1.from", BREACHED, letter(From="The shop"), SIGNED),
    ("can-spam.1.from", MET, letter(From="J.Crew via shop.example <x@shop.example>"), SIGNED),
    ("can-spam.1.from", UNKNOWN, letter(From="a@shop.example, b@elsewhere.example"), SIGNED),
    ("can-spam.1.from", UNKNOWN, letter(From="x@shop.example (Bank service@bank.example)"), SIGNED),
    ("can-spam.1.from", UNKNOWN, letter(From='"PayPal.com Service" <x@shop.example>'), SIGNED),
    ("can-spam.1.from", UNKNOWN, letter(), Facts()),
    ("can-spam.1.from", UNKNOWN, letter(), Facts(signatures=(Signed("shop.example", (), False),))),
    ("can-spam.1.from", UNKNOWN, letter(), Facts(signatures=(Signed("other.example", (), True),))),
    ("can-spam.1.from", UNKNOWN, letter(From=None), SIGNED),
    ("can-spam.1.reply-to", MET, letter(Reply_To="help@mail.shop.example"), None),
    ("can-spam.1.reply-to", BREACHED, letter(Reply_To="a@shop.example\nb@shop.example"), None),
    ("can-spam.1.reply-to", BREACHED, letter(Reply_To="nobody"), None),
    ("can-spam.1.reply-to", UNKNOWN, letter(Reply_To="x@elsewhere.example"), None),
    ("can-spam.1.reply-to", UNKNOWN, letter(), None),
    ("can-spam.1.sender", MET, letter(Sender="bot@shop.example"), None),
    ("can-spam.1.sender", BREACHED, letter(Sender="a@shop.example\nb@shop.example"), None),
    ("can-spam.1.sender", UNKNOWN, letter(Sender="bot@esp.example"), None),
    ("can-spam.1.return-path", MET, letter(Return_Path="<b@bounce.shop.example>"), None),
    ("can-spam.1.return-path", UNKNOWN, letter(Return_Path="<b@esp.example>"), None),
    ("can-spam.1.routing", MET, letter(Received=PATH), None),
    ("can-spam.1.routing", BREACHED, letter(Received=BACKWARDS), None),
    ("can-spam.1.routing", UNKNOWN, letter(Received=TORN), None),
    ("can-spam.1.routing", UNKNOWN, letter(), None),
    ("can-spam.2.reply", MET, letter(), None),
    ("can-spam.2.reply", MET, letter(Subject="Regarding: chairs"), None),
    ("can-spam.2.reply", BREACHED, letter(Subject="Re: your chairs"), None),
    ("can-spam.2.reply", BREACHED, letter(Subject="AW: Ihre Anfrage"), None),
    ("can-spam.2.reply", BREACHED, letter(Subject="=?utf-8?q?Fwd=3A_x?="), None),
    ("can-spam.2.reply", UNKNOWN, letter(Subject="Re: your chairs", In_Reply_To="<1@home.test>"), None),
    ("can-spam.2.reply", UNKNOWN, letter(Subject=None), None),
    ("can-spam.2.bait", BREACHED, letter(Subject="You have won a chair"), None),
    ("can-spam.2.bait", BREACHED, letter(Subject="Sie haben gewonnen"), None),
    ("can-spam.2.bait", UNKNOWN, letter(), None),
    ("can-spam.2.body", MET, letter(), None),
    ("can-spam.2.body", BREACHED, letter(SELLING, Subject="Your invoice"), None),
    ("can-spam.2.body", UNKNOWN, letter(Subject="Something quite different"), None),
    ("can-spam.3", MET, letter(f"{PLAIN}This is an advertisement."), None),
    ("can-spam.3", MET, letter(Subject="Anzeige: Stühle"), None),
    ("can-spam.3", MET, letter("<p>特価</p><p>広告</p>", html=True), None),
    ("can-spam.3", BREACHED, letter(SELLING), None),
    ("can-spam.3", UNKNOWN, letter(), None),
    ("can-spam.3", UNKNOWN, letter(SELLING + '<img src="x">', html=True), None),
    ("can-spam.4", MET, letter(f"{PLAIN}{STREET}"), None),
    ("can-spam.4", BREACHED, letter(), None),
    ("can-spam.4", UNKNOWN, letter(f"{PLAIN}Visit us at number 4711, the green door.\n"), None),
    ("can-spam.4", UNKNOWN, letter(f"<p>{PLAIN}</p><img src='footer.png'>", html=True), None),
    (
        "can-spam.4",
        BREACHED,
        letter(f'<p>{PLAIN}</p><div style="display: none"><div>x</div>{STREET}</div>', html=True),
        None,
    ),
    (
        "can-spam.4",
        BREACHED,
        letter(f"<p>{PLAIN}</p><span style='color:#fff;font-size:0px'>{STREET}</span>", html=True),
        None,
    ),
    ("can-spam.4", MET, letter(f'<p style="font-size:0.9em">{PLAIN}{STREET}</p>', html=True), None),
    ("can-spam.4", MET, letter(f'<img style="display:none"><p>{PLAIN}{STREET}</p>', html=True), None),
    ("can-spam.4", MET, letter(f'<div style="display:none"><p>{PLAIN}{STREET}</p>', html=True), None),
    ("can-spam.5.present", MET, letter(OUT), None),
    ("can-spam.5.present", MET, letter(f'{PLAIN}<a href="https://s.example/?a=unsub">Here</a>', html=True), None),
    ("can-spam.5.present", MET, letter(f"{PLAIN}Hier abmelden: raus@shop.example\n"), None),
    ("can-spam.5.present", BREACHED, letter(), None),
    (
        "can-spam.5.present",
        BREACHED,
        letter(f'<p>{PLAIN}</p><p style="visibility:hidden">{OUT}</p>', html=True),
        None,
    ),
    ("can-spam.5.present", UNKNOWN, letter(List_Unsubscribe="<mailto:out@shop.example>"), None),
    ("can-spam.5.present", UNKNOWN, letter(f"{PLAIN}You may unsubscribe.\n"), None),
    ("can-spam.5.easy", MET, letter(**ONE_CLICK), None),
    ("can-spam.5.easy", BREACHED, letter(f"{PLAIN}To unsubscribe, please call our office.\n"), None),
    ("can-spam.5.easy", BREACHED, letter(f"{PLAIN}Please log in to your account to unsubscribe.\n"), None),
    ("can-spam.5.easy", UNKNOWN, letter(OUT), None),
    ("can-spam.5.lasting", BREACHED, letter(), None),
    ("can-spam.5.lasting", UNKNOWN, letter(OUT), None),
    ("can-spam.5.honoured", BREACHED, letter(), LATE),
    ("can-spam.5.honoured", UNKNOWN, letter(), SOON),
    ("can-spam.5.honoured", UNKNOWN, letter(), None),
    ("can-spam.6", MET, letter(f"{PLAIN}Yours, Acme Chairs\n"), ACME),
    ("can-spam.6", MET, letter(), SELLER),
    ("can-spam.6", BREACHED, letter(), CHAIN),
    ("can-spam.6", UNKNOWN, letter(), ACME),
    ("can-spam.6", UNKNOWN, letter(), None),
    ("casl.identity", MET, letter(FULL), None),
    ("casl.identity", BREACHED, letter(), None),
    ("casl.identity", UNKNOWN, letter(f"{PLAIN}Shop GmbH\n"), None),
    ("casl.mechanism", BREACHED, letter(), None),
    ("casl.mechanism", UNKNOWN, letter(OUT), None),
    ("casl.honoured", BREACHED, letter(), LATE),
    ("casl.honoured", UNKNOWN, letter(), SOON),
    ("gdpr.controller", MET, letter(FULL), None),
    ("gdpr.controller", MET, letter(f"{PLAIN}Impressum: Shop GmbH, HRB 12345\n"), None),
    ("gdpr.controller", BREACHED, letter(), None),
    ("gdpr.controller", UNKNOWN, letter(f"{PLAIN}Call +49 30 1234567\n"), None),
    ("spam-act.identity", MET, letter(f"{PLAIN}Shop Pty Ltd, help@shop.example\n"), None),
    ("spam-act.identity", BREACHED, letter(), None),
    *(
        ("spam-act.identity", UNKNOWN, letter(f"{PLAIN}{words}\nhelp@shop.example\n"), None)
        for words in (
            "Come AS soon AS you can.",
            "In SE Asia we live.",
            "Offers Limited to stock.",
            "Seats Limited!",
            "Las Vegas, NV 89501",
            "Las Vegas NV 89501",
            "Time Limited.",
        )
    ),
    *(
        ("spam-act.identity", MET, letter(f"{PLAIN}{words}\nhelp@shop.example\n"), None)
        for words in ("Acme AS", "Acme Seats Limited, Leeds", "Volvo AB | Sweden", "SAP SE.", "Philips NV, Eindhoven")
    ),
    ("spam-act.identity", UNKNOWN, letter(f"{PLAIN}help@shop.example\n"), None),
    ("spam-act.unsubscribe", MET, letter(OUT), None),
    ("spam-act.unsubscribe", BREACHED, letter(), None),
    ("spam-act.unsubscribe", UNKNOWN, letter(f"{PLAIN}You may opt out.\n"), None),
    ("spam-act.lasting", BREACHED, letter(), None),
    ("spam-act.lasting", UNKNOWN, letter(OUT), None),
    ("spam-act.honoured", BREACHED, letter(), LATE),
    ("spam-act.honoured", UNKNOWN, letter(), SOON),
    *(
        (f"{law}.consent", finding, letter(body), None)
        for law in ("casl", "gdpr", "spam-act")
        for finding, body in ((MET, JOINED), (BREACHED, f"{PLAIN}We bought a list.\n"), (UNKNOWN, PLAIN))
    ),
    ("practice.consent", MET, letter(f"{PLAIN}You subscribed on 2024-05-03 from 192.0.2.7.\n"), None),
    ("practice.consent", BREACHED, letter(TAKEN), None),
    ("practice.consent", UNKNOWN, letter(JOINED), None),
    ("practice.one-click", MET, letter(**ONE_CLICK), COVERED),
    ("practice.one-click", BREACHED, letter(**ONE_CLICK), SIGNED),
    ("practice.one-click", BREACHED, letter(List_Unsubscribe="<https://shop.example/u>"), COVERED),
    ("practice.one-click", BREACHED, letter(List_Id="<news.shop.example>"), None),
    ("practice.one-click", UNKNOWN, letter(**ONE_CLICK), None),
    ("practice.one-click", UNKNOWN, letter(), None),
    ("practice.one-click-honoured", BREACHED, letter(), LATE),
    ("practice.one-click-honoured", UNKNOWN, letter(), SOON),
    ("practice.links", BREACHED, letter(LINKS), None),
    ("practice.links", UNKNOWN, letter(), None),
    ("practice.offers", BREACHED, letter(f"{PLAIN}Guaranteed income, no risk.\n"), None),
    ("practice.offers", UNKNOWN, letter(), None),
    ("practice.capitals", MET, letter(), None),
    ("practice.capitals", BREACHED, letter(Subject="GARDEN CHAIRS"), None),
    ("practice.capitals", UNKNOWN, letter(Subject="HI"), None),
]

NEVER_MET = {"can-spam.2.bait", "can-spam.5.lasting", "casl.mechanism", "spam-act.lasting", "practice.links",
             "practice.offers", *(rule.id for rule in RULES if rule.id.endswith("honoured"))}  # fmt: skip
"""Nothing in a message can show that these are kept."""
NEVER_BREACHED = {"can-spam.1.return-path"}
"""Mail of a provider may bounce to the provider."""


@pytest.mark.parametrize(
    ("rule", "finding", "raw", "facts"),
    CASES,
    ids=[f"{n}-{rule}-{found}" for n, (rule, found, *_) in enumerate(CASES)],
)
def test_a_rule_finds_what_the_message_shows(rule: str, finding: Finding, raw: bytes, facts: Facts | None) -> None:
    found = line(rule, raw, facts)

    assert found.finding is finding, found
    assert found.quotes or finding is not MET
    assert found.sentence.endswith((".", "”."))


def test_every_rule_is_in_the_table_with_every_finding_it_can_have() -> None:
    shown = {(rule, finding) for rule, finding, *_ in CASES}

    for rule in RULES:
        wanted = {MET, BREACHED, UNKNOWN} - ({MET} if rule.id in NEVER_MET else set())
        wanted -= {BREACHED} if rule.id in NEVER_BREACHED else set()
        assert {finding for name, finding in shown if name == rule.id} == wanted, rule.id


@pytest.mark.parametrize("rule", [rule.id for rule in RULES if not rule.id.startswith(("can-spam.1", "can-spam.2"))])
def test_what_was_cut_off_is_not_said_to_be_missing(rule: str) -> None:
    found = line(rule, letter(""), headers_only=True)

    assert found.finding is UNKNOWN or rule == "practice.capitals"


ADDRESSES = {
    "US": "123 Main Street, Suite 400\nSpringfield, IL 62701",
    "US floor": "350 Fifth Avenue, 21st Floor, New York, NY 10118",
    "CA rue": "1000, rue De La Gauchetière Ouest, Montréal (Québec) H3B 4W5",
    "US, The": "5 The Avenue, Austin, TX 78701",
    "GB, New": "10 New Road, Leeds, LS1 4AB",
    "US box": "PO Box 1234, Austin, TX 78701-1234",
    "CA": "200 King St W, Toronto, ON M5H 3T4",
    "AU": "Level 5, 100 George Street, Sydney NSW 2000",
    "GB": "10 Downing Street\nLondon\nSW1A 2AA",
    "DE": "Musterweg 12a\nD-80331 München",
    "AT": "Mariahilfer Straße 1, 1060 Wien",
    "CH": "Bahnhofstrasse 10 | 8001 Zürich",
    "FR": "12, rue de la Paix\n75002 Paris",
    "ES": "Calle Mayor, 12, 2º\n28013 Madrid",
    "IT": "Via Roma 12 - 00184 Roma",
    "PT": "Rua Augusta 24, 1100-053 Lisboa",
    "NL": "Keizersgracht 100, 1015 CN Amsterdam",
    "SE": "Drottninggatan 5, 111 51 Stockholm",
    "PL": "ul. Nowa 5/7, 00-001 Warszawa",
    "BR": "Rua das Flores, 100, Centro, São Paulo, 01001-000",
    "JP": "〒100-0001 東京都千代田区千代田1-1",
    "CN": "上海市浦东新区世纪大道100号",
}


@pytest.mark.parametrize("written", ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_known_in_the_shape_of_its_country(written: str) -> None:
    found = line("can-spam.4", letter(f"{PLAIN}\n{written}\n"))
    html = line("can-spam.4", letter(f"<p>{PLAIN}</p><div>{written.replace(chr(10), '<br>')}</div>", html=True))

    assert (found.finding, html.finding) == (MET, MET)


@pytest.mark.parametrize(
    "written",
    [
        "Since 12, 2024 to everyone",
        "best offers, or 12345 more",
        "Order 4711 in 2026",
        "call 12345",
        "1 in 5, OR 12345",
        "We sold 500 on the way, Austin, TX 78701",
        "12 people in the square, Leeds, LS1 4AB",
    ],
)
def test_numbers_alone_are_no_address(written: str) -> None:
    assert line("can-spam.4", letter(f"{PLAIN}{written}\n")).finding is not MET


WAYS_OUT = [
    *("Unsubscribe", "Abmelden", "Newsletter abbestellen", "Se désabonner", "Darse de baja"),
    "Per non ricevere: disiscriviti",
    *("Cancelar inscrição", "Uitschrijven", "Wypisz się", "Avregistrera dig", "Afmeld", "Отписаться", "配信停止"),
    *("수신거부", "退订"),
]


@pytest.mark.parametrize("words", WAYS_OUT)
@pytest.mark.parametrize("html", [False, True])
def test_a_way_out_is_known_in_its_language(words: str, html: bool) -> None:
    body = f'<p>x</p><a href="https://s.example/1">{words}</a>' if html else f"x\n{words}: https://s.example/1\n"

    assert line("can-spam.5.present", letter(body, html=html)).finding is MET
