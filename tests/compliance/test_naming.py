"""Whether a message names the account it came from, and not just uses a word that the account is called by."""

from __future__ import annotations

import pytest

from app.compliance.domain import Facts, Finding, Line
from tests.compliance.letters import PLAIN, letter, line

SELLING = "Buy now and save. Our Shop has all for your garden. The team of the garden shop waits, call now.\n"


def found(sender: str, body: str, *parents: str, html: bool = False, **head: str) -> Line:
    raw = letter(f"{PLAIN}{body}", html=html, **{"From": "Garden <news@garden.example>", **head})
    return line("can-spam.6", raw, Facts(sender=sender, parents=parents))


@pytest.mark.parametrize("name", ["Now", "now", "Shop", "Team", "Buy Now", "Our Shop", "Save"])
@pytest.mark.parametrize("parents", [(), ("Reseller",)])
def test_a_word_that_any_text_has_names_nobody(name: str, parents: tuple[str, ...]) -> None:
    answer = found(name, SELLING, *parents)

    assert answer.finding is Finding.UNKNOWN
    assert answer.quotes and "not said" in answer.sentence


@pytest.mark.parametrize(
    "body",
    ["Shop Now: garden chairs", "Now\n\nBuy", "<a href='https://x.example'>Now</a>", "It is Now. Or never.",
     "the Now", "Right Now, 12 chairs", "Chairs sent by now"],
)  # fmt: skip
def test_a_button_or_a_headline_names_nobody(body: str) -> None:
    assert found("Now", body, html="<" in body).finding is Finding.UNKNOWN


@pytest.mark.parametrize(
    "body",
    ["Now Ltd sends you this.", "Now GmbH", "© 2026 Now. All rights reserved.", "Copyright Now",
     "This was sent by Now.", "We write on behalf of Now.", "Your Now team", "The Now Team", "Yours, Now\n",
     "Versandt von Now.", "Namens Now.", "Now\n12 High Street\nLeeds\nLS1 4AB", "Now, Hauptstraße 5, 10115 Berlin",
     "Kind regards,\nNow\n", "© Now 2026", "Best,\nNow",
     "You are receiving this email from Now."],
)  # fmt: skip
def test_where_names_stand_the_word_is_a_name(body: str) -> None:
    assert found("Now", f"{SELLING}{body}\n", "Reseller").finding is Finding.MET


@pytest.mark.parametrize(
    "field", ["Now <a@esp.example>", '"NOW" <a@esp.example>', "Now Newsletter <a@esp.example>", "a@now.example",
              "Now GmbH <a@esp.example>", "x <a@mail.now.example>"],
)  # fmt: skip
def test_from_names_by_its_whole_name_or_its_domain(field: str) -> None:
    assert found("Now", SELLING, From=field).finding is Finding.MET


@pytest.mark.parametrize("field", ["Buy Now <a@esp.example>", "Sale <now@esp.example>", "Act now <a@b.example>"])
def test_from_with_the_word_in_it_names_nobody(field: str) -> None:
    assert found("Now", SELLING, From=field).finding is Finding.UNKNOWN


def test_a_name_of_several_words_is_one_wherever_it_stands() -> None:
    assert found("Acme Chairs", "All by acme  chairs of Leeds.\n", "Reseller").finding is Finding.MET
    assert found("eBay", "This was sent by eBay.\n").finding is Finding.MET


def test_what_does_not_even_have_the_words_does_not_name_it() -> None:
    assert found("Zalando", SELLING, "Reseller").finding is Finding.BREACHED
    assert found("Zalando", f"{SELLING} You may know Zalando.\n", "Reseller").finding is Finding.UNKNOWN
