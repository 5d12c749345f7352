"""The public form, as a member of the public and as a script meet it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pytest

from app.bootstrap import Desk
from app.intake import service
from app.intake.domain import Category, Claimed, Door
from app.intake.views import as_receipt
from app.mail import limits
from tests.factories.sites import Visitor, faults, heading, hidden_fields, public_site, reporter

MESSAGE = "From: Shop <news@shop.example>\r\nSubject: Offers\r\n\r\nBuy now.\r\n"

__all__ = ["public_site", "reporter"]


def test_a_pasted_message_is_stored_and_answered_with_a_receipt(desk: Desk, reporter: Visitor) -> None:
    answer = reporter.post("/report", category="spam", source=MESSAGE)

    assert answer.status_code == 303
    thanks = reporter.get(answer.headers["Location"])
    assert heading(thanks) == "Thank you, your report is here"
    assert answer.headers["Location"].rpartition("/")[2] in thanks.text
    [stored] = _stored(desk)
    assert (stored.raw, stored.door, stored.category) == (MESSAGE.encode(), Door.FORM, Category.SPAM)


def test_an_uploaded_message_is_stored_byte_by_byte(desk: Desk, reporter: Visitor) -> None:
    raw = b"From: a@shop.example\nSubject: \xe9\xff\n\n\x00\x80 body\n"

    reporter.post("/report", category="phishing", file=(io.BytesIO(raw), "mail.eml"))

    assert _stored(desk)[0].raw == raw


def test_words_alone_are_a_report(desk: Desk, reporter: Visitor) -> None:
    answer = reporter.post(
        "/report",
        category="unsubscribe-ignored",
        text="They write every day.",
        received="last Monday",
        subscribed="yes",
        unsubscribed="in October",
        reporter=" jane@home.example ",
    )

    assert answer.status_code == 303
    [stored] = _stored(desk)
    assert stored.reporter == "jane@home.example"
    assert dict(stored.words) | {"Form check": ""} == {
        "In the reporter's words": "They write every day.",
        "When it came": "last Monday",
        "Did you sign up": "Yes",
        "Asked to unsubscribe": "in October",
        "Form check": "",
    }


def test_what_was_pasted_beside_a_file_is_not_lost(desk: Desk, reporter: Visitor) -> None:
    reporter.post("/report", category="spam", source="and this too", file=(io.BytesIO(b"A: b\n\nc"), "mail.eml"))

    [stored] = _stored(desk)
    assert stored.raw == b"A: b\n\nc"
    assert stored.words["Also pasted"] == "and this too"


@pytest.mark.parametrize("content", [b"", b" \r\n\t\r\n"])
def test_an_empty_file_is_no_report(desk: Desk, reporter: Visitor, content: bytes) -> None:
    answer = reporter.post("/report", category="spam", file=(io.BytesIO(content), "mail.eml"))

    assert faults(answer) == ["Upload the message, paste its source, or tell us in your own words."]
    assert _stored(desk) == []


def test_an_empty_form_names_each_fault_and_links_to_its_field(reporter: Visitor) -> None:
    answer = reporter.post("/report")

    assert answer.status_code == 400
    assert faults(answer) == [
        "Choose what you are reporting.",
        "Upload the message, paste its source, or tell us in your own words.",
    ]
    for target in ("category-0", "source"):
        assert f'href="#{target}"' in answer.text
        assert f'id="{target}"' in answer.text


def test_typed_text_survives_a_fault(reporter: Visitor) -> None:
    answer = reporter.post("/report", source=MESSAGE, text="<b>mine</b>", reporter="not an address")

    assert "Buy now." in answer.text
    assert "&lt;b&gt;mine&lt;/b&gt;" in answer.text
    assert 'value="not an address"' in answer.text


def test_without_its_token_the_form_comes_back_filled(reporter: Visitor) -> None:
    answer = reporter.client.post("/report", data={"category": "spam", "text": "They write every day."})

    assert answer.status_code == 400
    assert "They write every day." in answer.text
    assert "send it once more" in faults(answer)[0]


def test_a_message_over_the_limit_is_refused_in_words(desk: Desk, reporter: Visitor) -> None:
    fields = hidden_fields(reporter.get("/report").text) | {"category": "spam", "text": "mine"}
    body = _multipart(fields, b"A: b\n\n" + b"x" * limits.MESSAGE_BYTES)

    answer = reporter.client.post("/report", data=body, content_type="multipart/form-data; boundary=edge")

    assert answer.status_code == 400
    assert faults(answer) == ["A message may have at most 10 MiB."]
    assert "mine" in answer.text
    assert _stored(desk) == []


def test_a_pasted_source_at_the_limit_is_taken(desk: Desk, reporter: Visitor) -> None:
    source = "A: b\r\n\r\n" + "x" * (limits.MESSAGE_BYTES - 8)

    assert reporter.post("/report", category="spam", source=source).status_code == 303

    assert len(_stored(desk)[0].raw) == limits.MESSAGE_BYTES


def test_a_request_far_over_the_limit_is_answered_413(reporter: Visitor) -> None:
    answer = reporter.client.post("/report", data={"source": "x" * (limits.MESSAGE_BYTES + 2 * 1024**2)})

    assert (answer.status_code, heading(answer)) == (413, "This is too large")


def test_a_request_far_over_the_limit_is_read_to_its_end_so_that_the_answer_is_heard(reporter: Visitor) -> None:
    sent = io.BytesIO(b"x" * (limits.MESSAGE_BYTES + 2 * 1024**2))

    answer = reporter.client.post("/report", input_stream=sent, content_length=len(sent.getbuffer()))

    assert answer.status_code == 413
    assert sent.read(1) == b""


def test_what_looks_like_a_program_is_stored_with_a_remark(desk: Desk, reporter: Visitor) -> None:
    answer = reporter.post("/report", category="spam", text="Buy my watches", website="https://watches.example")

    assert answer.status_code == 303
    assert _stored(desk)[0].words["Form check"] == "A field that people do not see was filled in."


def test_a_forged_loading_time_is_remarked_too(desk: Desk, reporter: Visitor) -> None:
    reporter.post("/report", category="spam", text="x", loaded="forged")

    assert _stored(desk)[0].words["Form check"] == "Sent without loading the form, perhaps by a program."


def test_the_same_report_twice_has_one_receipt(desk: Desk, reporter: Visitor) -> None:
    answers = [reporter.post("/report", category="spam", source=MESSAGE, text="x") for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(_stored(desk)) == 1


def test_the_choice_of_the_start_page_is_made_in_the_form(reporter: Visitor) -> None:
    assert 'href="/report?category=phishing"' in reporter.get("/").text

    page = reporter.get("/report?category=phishing").text
    assert page.partition('value="phishing"')[0].rpartition("<input")[2].count("checked") == 1


def test_an_unknown_choice_in_the_address_chooses_nothing(reporter: Visitor) -> None:
    page = reporter.get("/report?category=<script>")

    assert page.status_code == 200
    assert "<script>" not in page.text.partition("<body")[2]
    assert " checked" not in page.text


def test_a_new_report_stands_at_being_read(reporter: Visitor) -> None:
    receipt = _receipt(reporter)

    page = reporter.get(f"/status/{receipt}")

    assert heading(page) == "How your report stands"
    assert "Being read" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_receipt_may_be_typed_in_any_case_and_spacing(reporter: Visitor) -> None:
    receipt = _receipt(reporter)

    answer = reporter.get("/status", query_string={"receipt": f"  {receipt.lower().replace('-', ' ')} "})

    assert answer.headers["Location"] == f"/status/{receipt}"


@pytest.mark.parametrize("code", ["AAAAA-AAAAA-AAAAA-AAAAA", "x", "%00", "…", "' or 1=1"])
def test_an_unknown_receipt_gets_one_answer(reporter: Visitor, code: str) -> None:
    answer = reporter.get(f"/status/{code}")

    assert (answer.status_code, heading(answer)) == (404, "No report has this receipt")


@pytest.mark.parametrize("code", ["AAAAA-AAAAA-AAAAA-AAAAA", "%00", "%EF%BF%BF"])
def test_thanks_for_an_unknown_receipt_are_not_said(reporter: Visitor, code: str) -> None:
    assert reporter.get(f"/report/thanks/{code}").status_code == 404


def test_a_receipt_is_read_however_it_is_written() -> None:
    assert as_receipt(" k7mq2 9xwrt-hh3pa6cdjv ") == "K7MQ2-9XWRT-HH3PA-6CDJV"
    assert as_receipt("OoIlI-k7mq2") == "00111-K7MQ2", "letters that no receipt has are the digits they look like"


def _receipt(reporter: Visitor) -> str:
    return reporter.post("/report", category="spam", source=MESSAGE).headers["Location"].rpartition("/")[2]


def _multipart(fields: Mapping[str, object], file: bytes) -> bytes:
    head = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    part = '--edge\r\nContent-Disposition: form-data; name="file"; filename="mail.eml"\r\n\r\n'
    return (head + part).encode() + file + b"\r\n--edge--\r\n"


def _stored(desk: Desk) -> Sequence[Claimed]:
    with desk.work() as work:
        return service.claim(work, 10)
