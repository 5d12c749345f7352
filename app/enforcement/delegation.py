"""Postfix's policy delegation protocol, both sides of one exchange (SMTPD_POLICY_README, access(5); pure).

A request is `name=value` lines and an empty line; the answer is `action=…` and an empty line. Postfix asks again
for each message of an open connection, so what is decided bites at the next one. The text of an action becomes SMTP
reply text or a header field: printable ASCII on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.enforcement.domain import Measure, case_reference, refusal
from app.errors import Rejected

REQUEST_BYTES = 64 * 1024
ATTRIBUTES = 200
"""Postfix sends about 40."""

END = b"\n\n"
KIND = "smtpd_access_policy"
RCPT, DATA, END_OF_MESSAGE = "RCPT", "DATA", "END-OF-MESSAGE"
PASS = b"action=DUNNO\n\n"
MOST_RECIPIENTS = 1_000_000

_AT_RCPT, _AT_DATA = (f"request={KIND}\nprotocol_state={state}\n".encode() for state in (RCPT, DATA))
_LOGIN, _RECIPIENT, _CONTEXT = b"\nsasl_username=", b"\nrecipient=", b"\npolicy_context="
_REQUEST = re.compile(r"(?:[^=\n]++=[^\n]*+\n)++\n")
_ATTRIBUTE = re.compile(
    r"\n(request|protocol_state|sasl_username|sender|recipient|recipient_count|instance|policy_context)=([^\n]*)"
)
_NUMBER = re.compile(r"[0-9]{1,9}")
_STREAM = re.compile(r"(?:^|[\s,;])stream=([^\s,;]{1,320})")
_UNFIT = re.compile(r"[^\x20-\x7e]")


class Question(NamedTuple):
    """What Postfix asks about a mail. state: the SMTP command, `RCPT`, `DATA` or `END-OF-MESSAGE`, or another.

    login, sender (of the envelope), stream (that the operator's policy_context names): lower case, empty where not
    given. recipient: empty at DATA where there are several. recipients: how many so far, at least 1. instance: the
    same for all questions about one mail.
    """

    state: str
    login: str
    sender: str = ""
    recipient: str = ""
    recipients: int = 1
    instance: str = ""
    stream: str = ""


class Plain(NamedTuple):
    """What is asked at RCPT or DATA where nothing but this can matter: login and recipient as they stand."""

    state: str
    login: bytes
    recipient: bytes


def plainly_asked(request: bytes) -> Plain | None:
    """What one whole request asks, where it is plain.

    None for every other, which `read_request` is for: another command, a stream in policy_context. Nothing else in
    the request is looked at: between two mails the processor has forgotten all of ours, and what touches little is
    answered in half the time.
    """
    state = DATA if request.startswith(_AT_DATA) else RCPT if request.startswith(_AT_RCPT) else None
    if state is None or request.find(END) != len(request) - len(END) or _value(request, _CONTEXT):
        return None
    return Plain(state, _value(request, _LOGIN), _value(request, _RECIPIENT))


def _value(request: bytes, name: bytes) -> bytes:
    at = request.find(name)
    return request[at + len(name) : request.find(b"\n", at + len(name))] if at >= 0 else b""


def read_request(request: bytes) -> dict[str, str]:
    """Those attributes of a request, which ends with END, that we ask for; one that stands twice has its first value.

    Bytes that are no UTF-8 are replaced. Raises Rejected for what Postfix would not send.
    """
    text = request.decode("utf-8", "replace")
    if text.count("\n") > ATTRIBUTES + 1:
        raise Rejected("The request has too many attributes.")
    # Two looks by expressions cost half of splitting it into lines and pairs.
    if not _REQUEST.fullmatch(text):
        raise Rejected("The request has a line that is no attribute.")
    attributes = dict(reversed(_ATTRIBUTE.findall("\n" + text)))
    if attributes.get("request") != KIND:
        raise Rejected("This is no policy request.")
    return attributes


def question(attributes: Mapping[str, str]) -> Question:
    """What is asked; whatever the attributes say."""
    said = attributes.get
    state, count, context = said("protocol_state", ""), said("recipient_count", "1"), said("policy_context", "")
    return Question(
        # With CHUNKING the mail comes by BDAT: the same question by another name.
        DATA if state == "BDAT" else state,
        said("sasl_username", "").lower(),
        said("sender", "").lower(),
        said("recipient", ""),
        1 if count == "1" else _count(count),
        said("instance", ""),
        _stream(context) if context else "",
    )


def _count(text: str) -> int:
    return min(max(int(text), 1), MOST_RECIPIENTS) if _NUMBER.fullmatch(text) else 1


def _stream(context: str) -> str:
    found = _STREAM.search(context)
    return found[1].lower() if found else ""


def stopped(measure: Measure) -> bytes:
    """The mail is refused."""
    return _action(f"REJECT 5.7.1 {refusal(measure.case_number, measure.kind)}")


def unwanted() -> bytes:
    """The mail is refused for its recipient's sake."""
    return _action("REJECT 5.7.1 The recipient wants no more mail from this sender")


def held(measure: Measure) -> bytes:
    """The mail is taken and kept back; the text goes to the operator's log."""
    return _action(f"HOLD Mail of this account is kept back{_case(measure)}")


def slowed(measure: Measure) -> bytes:
    """The mail may come again later."""
    recipients = "recipient" if measure.per_hour == 1 else "recipients"
    limit = f"{measure.per_hour} {recipients} an hour"
    return _action(f"DEFER 4.7.1 This account is at its limit of {limit}{_case(measure)}")


def stamped(field: str) -> bytes:
    """The mail passes with this header field, `Name: value`, above its own."""
    return _action(f"PREPEND {field}")


def _case(measure: Measure) -> str:
    return "" if measure.case_number is None else f", case {case_reference(measure.case_number)}"


def _action(text: str) -> bytes:
    return f"action={_UNFIT.sub('?', text)}\n\n".encode("ascii")


class Instances:
    """The mails about which something was said lately; the oldest are forgotten first."""

    MOST = 20_000

    def __init__(self) -> None:
        self._known: dict[str, None] = {}

    def add(self, instance: str) -> None:
        """Notes it; without a name it is nothing."""
        if instance:
            self._known[instance] = None
            if len(self._known) > self.MOST:
                del self._known[next(iter(self._known))]

    def __contains__(self, instance: str) -> bool:
        return instance in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)
