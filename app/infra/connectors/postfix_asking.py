"""Asks our policy service what Postfix would be told (SMTPD_POLICY_README): holding is not seen by any probe."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from socket import create_connection, socket

from app.settings import Address

SECONDS = 2.0
ANSWER_BYTES = 4096


def ask(at: Address, questions: Sequence[tuple[str, str]]) -> tuple[str, ...] | None:
    """The action for each (login, envelope sender), its first word in capitals: HOLD, REJECT, DUNNO, …

    None where the service does not answer each of them in time.
    """
    deadline = time.monotonic() + SECONDS
    try:
        with closing(create_connection(at, SECONDS)) as line:
            return tuple(_exchange(line, login, sender, deadline) for login, sender in questions)
    except (OSError, ValueError):
        return None


def _exchange(line: socket, login: str, sender: str, deadline: float) -> str:
    attributes = {
        "request": "smtpd_access_policy",
        "protocol_state": "RCPT",  # without an instance: about no mail, so a limited sender is not charged for it
        "protocol_name": "ESMTP",
        "sasl_method": "plain",
        "sasl_username": login,
        "sender": sender,
        "recipient_count": "0",
        "size": "0",
    }
    if any("\n" in each or "\0" in each for each in attributes.values()):
        raise ValueError("a name with a line break")
    line.sendall("".join(f"{name}={value}\n" for name, value in attributes.items()).encode() + b"\n")
    answer = b""
    while not answer.endswith(b"\n\n"):
        line.settimeout(max(deadline - time.monotonic(), 0.001))
        more = line.recv(ANSWER_BYTES)
        answer += more
        if not more or len(answer) > ANSWER_BYTES:
            raise ValueError("not an answer")
    name, _, action = answer.decode("utf-8", "replace").partition("=")
    if name != "action":
        raise ValueError("not an action")
    return action.split()[0].upper() if action.split() else ""
