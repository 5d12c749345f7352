"""Postfix's policy delegation protocol, both sides of one exchange (SMTPD_POLICY_README, access(5); pure).

A request is `name=value` lines and an empty line; the answer is `action=…` and an empty line. Postfix asks again
for each message of an open connection, so what is decided bites at the next one. The text of an action becomes SMTP
reply text or a header field: printable ASCII on one line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
_RECIPIENT, _INSTANCE, _LOGIN, _STREAMED = b"\nrecipient=", b"\ninstance=", b"\nsasl_username=", b"stream="
_REQUEST = re.compile(r"(?:[^=\n]++=[^\n]*+\n)++\n")
_ATTRIBUTE = re.compile(
    r"\n(request|protocol_state|sasl_username|sender|recipient|recipient_count|instance|policy_context)=([^\n]*)"
)
_NUMBER = re.compile(r"[0-9]{1,9}")
_STREAM = re.compile(r"(?:^|[\s,;])stream=([^\s,;]{1,320})")
_HELD = re.compile(r"(?:^|[\s,;])held=(\w{1,64})(?=[\s,;]|$)", re.ASCII)
_UNFIT = re.compile(r"[^\x20-\x7e]")


class Question(NamedTuple):
    """What Postfix asks about a mail. state: the SMTP command, `RCPT`, `DATA` or `END-OF-MESSAGE`, or another.

    login, sender (of the envelope), stream (that the operator's policy_context names): lower case, empty where not
    given. recipient: empty at DATA where there are several. recipients: that are asked about, at least 1. instance:
    the same for all questions about one mail, empty where it is about none. held: the restriction class that
    policy_context names for mail that is kept back, empty for none.
    """

    state: str
    login: str
    sender: str = ""
    recipient: str = ""
    recipients: int = 1
    instance: str = ""
    stream: str = ""
    held: str = ""


def plainly_asked(request: bytes) -> tuple[str, bytes, bytes, bytes] | None:
    """State, login, recipient and instance as they stand, where nothing but this can matter: at RCPT or DATA.

    request: one, whole. None for every other, which `read_request` is for: another command, attributes in another
    order than Postfix's, a stream in policy_context. Nothing else in the request is looked at: between two mails the
    processor has forgotten all of ours, and what touches little code and memory is answered in half the time.
    """
    state = RCPT if request.startswith(_AT_RCPT) else DATA if request.startswith(_AT_DATA) else None
    if state is None:
        return None
    _, _, rest = request.partition(_RECIPIENT)
    recipient, _, _ = rest.partition(b"\n")
    _, _, rest = rest.partition(_INSTANCE)
    instance, _, _ = rest.partition(b"\n")
    _, _, rest = rest.partition(_LOGIN)
    login, _, rest = rest.partition(b"\n")
    return None if not rest or _STREAMED in rest else (state, login, recipient, instance)


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
        _named(_STREAM, context).lower(),
        held_class(context),
    )


def _count(text: str) -> int:
    return min(max(int(text), 1), MOST_RECIPIENTS) if _NUMBER.fullmatch(text) else 1


def held_class(context: str) -> str:
    """The restriction class that a policy_context names for mail that is kept back (`held=NAME`), empty for none."""
    return _named(_HELD, context)


def _named(what: re.Pattern[str], context: str) -> str:
    found = what.search(context) if context else None
    return found[1] if found else ""


def stopped(measure: Measure) -> bytes:
    """The mail is refused."""
    return _action(f"REJECT 5.7.1 {refusal(measure.case_number, measure.kind)}")


def unwanted() -> bytes:
    """The mail is refused for its recipient's sake."""
    return _action("REJECT 5.7.1 The recipient wants no more mail from this sender")


def held(measure: Measure) -> bytes:
    """The mail is taken and kept back; the text goes to the operator's log."""
    return _action(f"HOLD Mail of this account is kept back{_case(measure)}")


def held_by(restriction_class: str) -> bytes:
    """The mail is kept back by a restriction class of main.cf, which then asks again: one answer is one action."""
    return _action(restriction_class)


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


class Instances(dict[str, None]):
    """The mails about which something was said lately; the oldest are forgotten first."""

    MOST = 20_000

    def add(self, instance: str) -> None:
        """Notes it; without a name it is nothing."""
        if instance:
            self[instance] = None
            if len(self) > self.MOST:
                del self[next(iter(self))]
