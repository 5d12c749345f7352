"""Authentication-Results as providers write them."""

from __future__ import annotations

import pytest

from app.mail.fields.authres import read_authentication_results, smtp_login

OUTLOOK = (
    "spf=pass (sender IP is 203.0.113.9; identity alignment result is pass) smtp.mailfrom=news@garden.example;"
    " dkim=pass (signature was verified) header.d=garden.example;dmarc=pass action=none header.from=garden.example"
)


def test_a_field_by_the_book_is_read() -> None:
    found = read_authentication_results('mx.test 1; dkim=pass reason="good; key" header.d=a.example header.s=s1')
    assert found.authserv_id == "mx.test"
    assert found.of("dkim")[0].get("header.d") == "a.example"
    assert found.of("dkim")[0].get("reason") == "good; key"


def test_outlook_names_no_server_and_hides_semicolons_in_comments() -> None:
    found = read_authentication_results(OUTLOOK)
    assert found.authserv_id is None
    assert [(result.method, result.result) for result in found.results] == [
        ("spf", "pass"),
        ("dkim", "pass"),
        ("dmarc", "pass"),
    ]
    assert found.of("spf")[0].get("smtp.mailfrom") == "news@garden.example"
    assert "203.0.113.9" in found.of("spf")[0].comment


@pytest.mark.parametrize(
    "text", ["authentication result string is not available", "", ";;;", "none", "mx.test; none"]
)
def test_a_sentence_gives_no_results(text: str) -> None:
    assert read_authentication_results(text).results == ()


def test_the_login_that_sent_is_found() -> None:
    assert smtp_login(["mx.test; spf=pass", "out.test; auth=pass smtp.auth=shop42"]) == "shop42"
    assert smtp_login(["out.test; auth=pass (plain) smtp.auth=shop42@a.example"]) == "shop42@a.example"


def test_a_login_that_failed_sent_nothing() -> None:
    assert smtp_login(["out.test; auth=fail smtp.auth=shop42"]) is None
