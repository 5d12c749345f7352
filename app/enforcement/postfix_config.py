"""What main.cf needs so that Postfix does what we decide, for the settings there are (pure)."""

from __future__ import annotations

from pathlib import Path

from app.settings import Address

_HEAD = """\
# abusedesk: how this Postfix learns whose mail to refuse, keep back, slow down and freeze.
#
# The order matters. Postfix goes through a list from its left and stops at the first permit: a check that stands
# after permit_sasl_authenticated is never asked about a customer, and a suspended one goes on sending. So the checks
# come first; what the lists had before goes after them.
"""
_FLOOR = """\
#
# The table refuses what is suspended even if nothing of ours runs. It must be there before Postfix starts: start
# `abusedesk enforcer` once, or run
#     touch {maps}/suspended {maps}/frozen && postmap lmdb:{maps}/suspended lmdb:{maps}/frozen
"""
_NO_FLOOR = """\
#
# Without ABUSEDESK_POSTFIX_MAPS there is no table: while the policy service is away, the default_action below decides
# about suspended senders, too.
"""
_OPEN = """\
#
# default_action=DUNNO: while the policy service is away, mail of others goes on, after two seconds at most (timeout
# and try_limit; Postfix's own are 100 s, twice). `abusedesk postfix config --closed` shows the other choice.
"""
_CLOSED = """\
#
# default_action=DEFER: while the policy service is away, nobody's mail is taken; every client is told to come again
# later, after at most two seconds (timeout and try_limit; Postfix's own are 100 s, twice).
"""
_AT_DATA = """\
#
# The service is asked once a mail, at DATA, and not for each recipient. Of a mail with several recipients, one who
# wants no more mail of its sender still gets it.
"""
_HELD = """\
#
# Mail that is kept back is asked about once more, for its trace token. Add the class to those that there are.
smtpd_restriction_classes = abusedesk_held
abusedesk_held =
    check_sasl_access static:HOLD,
    {ask}
"""

_RECIPIENTS = ("permit_sasl_authenticated", "reject_unauth_destination")


def main_cf(policy: Address, maps: Path | None, *, closed: bool = False, at_data: bool = False) -> str:
    """The lines for main.cf. policy: where our service listens. maps: the folder of our tables. closed: whether mail
    is put off while the service is away. at_data: whether the service is asked at DATA instead of RCPT."""
    action = "DEFER" if closed else "DUNNO"
    ask = f"check_policy_service {{ inet:{_reached(policy)}, timeout=2s, try_limit=1, default_action={action} }}"
    live = ask.replace(" }", ",\n        policy_context=held=abusedesk_held }")
    floor = [f"check_sasl_access lmdb:{maps}/suspended"] if maps else []
    comments = _HEAD + (_FLOOR.format(maps=maps) if maps else _NO_FLOOR) + (_CLOSED if closed else _OPEN)
    comments += (_AT_DATA if at_data else "") + _HELD.format(ask=ask)
    lists = {
        "smtpd_recipient_restrictions": [*floor, *([] if at_data else [live]), *_RECIPIENTS],
        "smtpd_data_restrictions": [*floor, *([live] if at_data else [])],
    }
    written = "".join(f"{name} =\n    " + ",\n    ".join(some) + "\n" for name, some in lists.items() if some)
    return comments + written + (_frozen(maps) if maps else "")


def _frozen(maps: Path) -> str:
    return f"""\
# Queued mail of a suspended sender stays where it is. This table alone would tell its client 450 at RCPT; the check
# in smtpd_recipient_restrictions comes before it with the right answer.
sender_dependent_default_transport_maps = lmdb:{maps}/frozen
"""


def _reached(policy: Address) -> Address:
    """Where Postfix reaches a service that listens there: one that listens everywhere, on the loopback."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here
    return Address(everywhere.get(policy.host, policy.host), policy.port)
