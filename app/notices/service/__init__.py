"""Notices: what happened to senders becomes notices, these are sent; alarms are told to people outside.

`writing` what is to be told, and to whom · `sending` one after the other, each handed over outside a transaction ·
`alarms` by mail and webhook · `reading` how far notices got · `forgetting` whom they went to
"""

from app.notices.service.alarms import tell_alarms
from app.notices.service.forgetting import addressed_before, among, forget
from app.notices.service.reading import anything_due, of_actions
from app.notices.service.sending import Sent, notify
from app.notices.service.writing import look_again, write

__all__ = [
    "Sent",
    "addressed_before",
    "among",
    "anything_due",
    "forget",
    "look_again",
    "notify",
    "of_actions",
    "tell_alarms",
    "write",
]
