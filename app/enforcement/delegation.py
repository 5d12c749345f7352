"""Postfix's policy delegation protocol, both sides of one exchange (SMTPD_POLICY_README; pure).

A request is `name=value` lines and an empty line; the answer is `action=…` and an empty line. Postfix asks again
for each message of an open connection, so a suspension bites at the next one.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.enforcement.domain import refusal
from app.errors import Rejected

REQUEST_BYTES = 64 * 1024
ATTRIBUTES = 200
"""Postfix sends about 40."""

END = b"\n\n"
KIND = "smtpd_access_policy"


def read_request(request: bytes) -> dict[str, str]:
    """The attributes of a request, which ends with END; an attribute that stands twice has its last value.

    Bytes that are no UTF-8 are replaced. Raises Rejected for what Postfix would not send.
    """
    lines = request.decode("utf-8", "replace").removesuffix("\n\n").split("\n")
    if len(lines) > ATTRIBUTES:
        raise Rejected("The request has too many attributes.")
    pairs = [line.partition("=") for line in lines]
    if not all(name and sign for name, sign, _ in pairs):
        raise Rejected("The request has a line that is no attribute.")
    attributes = {name: value for name, _, value in pairs}
    if attributes.get("request") != KIND:
        raise Rejected("This is no policy request.")
    return attributes


def answer(attributes: Mapping[str, str], stopped: Mapping[str, int | None]) -> bytes:
    """What to tell Postfix: a refusal for a stopped login, else that we have no opinion.

    stopped: login in lower case → case number. The text becomes SMTP reply text: printable ASCII on one line.
    """
    login = attributes.get("sasl_username", "").lower()
    if not login or login not in stopped:
        return b"action=DUNNO\n\n"
    return f"action=REJECT 5.7.1 {refusal(stopped[login])}\n\n".encode("ascii")
