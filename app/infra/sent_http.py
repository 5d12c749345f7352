"""The provider's own send log, asked over HTTP; docs/send-log.md has the request and the answer with an example.

One POST of JSON for all questions. Redirects are not followed: the token is for that address alone. What does not
fit the description word for word is no answer: half-understood evidence would accuse somebody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from app.errors import Unavailable
from app.infra.http_exchange import TIMEOUT_SECONDS, Service
from app.ports import SentFact, SentQuestion
from app.settings import Settings

ANSWER_BYTES = 4 * 1024 * 1024
FACTS = 100
TEXT_CHARS = 320
RECIPIENTS = 100
FIELDS: Mapping[str, tuple[type, ...]] = {
    "sender": (str,),
    "stream": (str,),
    "campaign": (str,),
    "at": (str,),
    "by_message_id": (bool,),
    "by_queue_id": (bool,),
    "to_asked": (bool, type(None)),
    "recipients": (list,),
}
OPTIONAL: Mapping[str, Any] = {"stream": "", "campaign": "", "to_asked": None, "recipients": []}


class HttpSentLog:
    """The SentLog behind a URL; see `app.ports.SentLog`. timeout: seconds for the whole exchange."""

    def __init__(self, url: str, token: str | None, timeout: float = TIMEOUT_SECONDS) -> None:
        """Raises Rejected for a URL that nothing can be sent to."""
        self._service = Service(url, "The send log", timeout, ANSWER_BYTES)
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def answers(self, questions: Sequence[SentQuestion]) -> Sequence[tuple[SentFact, ...]]:
        """Raises Unavailable where no answer came in time, or one that is not as described."""
        if not questions:
            return []
        asked = json.dumps({"questions": [_question(each) for each in questions]}).encode()
        answer = self._service.ask("POST", asked, self._headers)
        if answer.status != HTTPStatus.OK:
            raise Unavailable(f"The send log answers {answer.status}.")
        try:
            return _facts(self._service.read_json(answer.body), questions)
        except ValueError as fault:
            raise self._service.not_understood() from fault


def _question(question: SentQuestion) -> dict[str, object]:
    return {
        "message_id": question.message_id,
        "queue_id": question.queue_id,
        "at": question.at.isoformat() if question.at else None,
        "recipients": sorted(question.recipients),
    }


def _facts(answer: object, questions: Sequence[SentQuestion]) -> list[tuple[SentFact, ...]]:
    listed = answer.get("answers") if isinstance(answer, dict) else None
    if not isinstance(listed, list) or len(listed) != len(questions):
        raise ValueError("not an answer to each question")
    return [_answer(each, question) for each, question in zip(listed, questions, strict=True)]


def _answer(facts: object, question: SentQuestion) -> tuple[SentFact, ...]:
    if not isinstance(facts, list) or len(facts) > FACTS:
        raise ValueError("not a list of facts")
    return tuple(_fact(each, question) for each in facts)


def _fact(row: object, question: SentQuestion) -> SentFact:
    if not isinstance(row, dict) or not row.keys() <= FIELDS.keys():
        raise ValueError("not a fact")
    whole: dict[str, Any] = {**OPTIONAL, **row}
    for name, types in FIELDS.items():
        if not isinstance(whole.get(name, 0.0), types):
            raise ValueError(f"{name} is missing or of another type")
    _check_texts([whole["sender"], whole["stream"], whole["campaign"], *whole["recipients"]])
    if not whole["sender"] or not (whole["by_message_id"] or whole["by_queue_id"]):
        raise ValueError("a fact without a sender, or found by nothing")
    recipients = tuple(each.lower() for each in whole["recipients"])
    to_asked = whole["to_asked"]
    if recipients and question.recipients and to_asked is None:
        to_asked = not question.recipients.isdisjoint(recipients)
    return SentFact(
        sender=whole["sender"],
        stream=whole["stream"],
        campaign=whole["campaign"],
        at=_moment(whole["at"]),
        by_message_id=whole["by_message_id"],
        by_queue_id=whole["by_queue_id"],
        to_asked=to_asked if question.recipients else None,
        recipients=recipients,
    )


def _check_texts(texts: Sequence[object]) -> None:
    if len(texts) > RECIPIENTS + 3:
        raise ValueError("too many recipients")
    for text in texts:
        if not isinstance(text, str) or len(text) > TEXT_CHARS or not text.isprintable():
            raise ValueError("a text that is none, or too long")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment.astimezone(UTC)


def sent_log_from(settings: Settings) -> HttpSentLog | None:
    """The log the settings name, None where our own table is to be asked."""
    return HttpSentLog(settings.sent_url, settings.sent_token) if settings.sent_url else None
