"""Postal addresses of many countries, what may be one, and what only has a number and a capital."""

from __future__ import annotations

import pytest

from app.compliance.domain import Finding
from tests.compliance.letters import letter, line

BODY = "We write to you today about our chairs and tables for the garden, and the house that you have.\n"
ADDRESSES = """
Acme Inc., 123 Main Street, Suite 400, San Francisco, CA 94105
Acme Inc. | 123 Main St | Springfield, IL 62701 | USA
Acme, 1700 Orchard Parkway, Mountain View, CA 94043, USA
Our mailing address is: Acme PO Box 123 Austin, TX 78701
P.O. Box 5678, Boise, Idaho 83701
12 Market St PMB 12345, San Francisco CA 94104
One Garden Way, Redmond, WA 98052
© 2026 Acme, 2211 North First Street, San Jose, California 95131
10 Downing Street, London SW1A 2AA
Acme Ltd, Unit 5, The Maltings, Bury St Edmunds, Suffolk IP33 1NE
Registered office: 1 Poultry, London, EC2R 8EJ
Floor 3, 86-90 Paul Street, London, England, EC2A 4NE
Acme GmbH, Musterstraße 12, 10115 Berlin
Acme GmbH · Am Markt 3 · 80331 München
Hauptstr. 5, D-50667 Köln
Kärntner Ring 5-7, 1010 Wien
Bahnhofstrasse 21, 8001 Zürich
Acme SAS, 12 rue de la Paix, 75002 Paris
12 bis, avenue des Champs-Élysées 75008 PARIS
7 boulevard Haussmann, F-75009 Paris
BP 123, 69003 Lyon Cedex 03
Calle de Alcalá 45, 28014 Madrid
C/ Gran Vía 12, 3º, 28013 Madrid
Avda. Diagonal 640, 08017 Barcelona
Via Roma 12, 20121 Milano (MI)
Piazza Duomo 1, 20122 Milano
Viale Europa, 190 - 00144 Roma
Rua Augusta 1234, São Paulo - SP, 01304-001
Av. Paulista, 1000 - Bela Vista, São Paulo - SP, CEP 01310-100
Rua da Prata 80, 1100-420 Lisboa
Herengracht 12, 1016 BR Amsterdam
Postbus 1234, 1000 BG Amsterdam
Kalverstraat 92, 1012PH Amsterdam
Rue de la Loi 2, 1000 Bruxelles
Vasagatan 7, 111 20 Stockholm
Box 1234, 111 22 Stockholm
Vesterbrogade 4A, 1620 København V
Karl Johans gate 1, 0154 Oslo
Mannerheimintie 5, 00100 Helsinki
ul. Marszałkowska 10, 00-590 Warszawa
Václavské náměstí 1, 110 00 Praha 1
Andrássy út 60, 1062 Budapest
Str. Lipscani 12, București 030031
ул. Тверская, д. 7, Москва, 125009
100 King Street West, Suite 5700, Toronto, ON M5X 1C7
1055 W Hastings St, Vancouver BC V6E 2E9 Canada
Level 12, 300 Barangaroo Avenue, Sydney NSW 2000
GPO Box 123, Melbourne VIC 3001
123 Collins St, Melbourne, Victoria, 3000, Australia
12 Queen Street, Auckland 1010, New Zealand
1 Raffles Place, #20-61, Singapore 048616
Flat A, 12/F, 8 Queen's Road Central, Hong Kong
No. 5, MG Road, Bengaluru, Karnataka 560001, India
東京都港区六本木1-2-3
〒106-0032 東京都港区六本木 6-10-1
서울특별시 강남구 테헤란로 152
北京市朝阳区建国路88号
Dubai Internet City, P.O. Box 502345, Dubai, UAE
Büyükdere Cad. No: 100, 34394 Şişli/İstanbul
South Bank House, Barrow Street, Dublin 4, D04 TR29, Ireland
Herzl Blvd 22, Tel Aviv 6688218, Israel
12 Long Street, Cape Town 8001, South Africa
Av. Reforma 222, Col. Juárez, 06600 Ciudad de México, CDMX
"""
PERHAPS = """
1 Maker Way, Menlo Park, CA
3rd Floor, Connaught Place, New Delhi - 110001
Carrera 7 No. 71-21, Bogotá, Colombia
"""
NONE = """
We sold 500 units in the last 12 months, and 10115 people bought.
Meet us at booth 123, Hall 5, on 12 May 2026.
Order 94105 shipped, 12 items.
The price is 1200 EUR, Article 75002 Paris Hilton.
Call 1-800-331-4331 today.
On Main Street, everyone reads us.
Room 101, the movie, 2026.
Flights from $99 one way, Toronto, Canada
Win 2 tickets to the best place, Las Vegas, USA
She won first place 2026, Toronto, Canada.
Meet us at our place in Dublin 4.
Flight 123 to Berlin, 10115 miles.
"""


def lines(text: str) -> list[str]:
    return text.strip().split("\n")


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("address", lines(ADDRESSES))
def test_an_address_is_known_in_the_manner_of_its_country(address: str, html: bool) -> None:
    raw = letter(f"<p>{BODY}</p><p>{address}</p>" if html else f"{BODY}{address}\n", html=html)

    assert line("can-spam.4", raw).finding is Finding.MET


@pytest.mark.parametrize("words", lines(PERHAPS))
def test_what_may_be_an_address_is_not_said_to_be_missing(words: str) -> None:
    assert line("can-spam.4", letter(f"{BODY}{words}\n")).finding is Finding.UNKNOWN


@pytest.mark.parametrize("words", lines(NONE))
def test_a_number_and_a_capital_are_no_address(words: str) -> None:
    assert line("can-spam.4", letter(f"{BODY}{words}\n")).finding is not Finding.MET
