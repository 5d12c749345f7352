"""The pages show the case of an opt-out that was not honoured, also where no report told of it."""

from __future__ import annotations

from datetime import timedelta

from app.bootstrap import Desk
from app.enforcement.service import suppressing
from app.enforcement.suppression import Cause, Wish
from app.senders.sent import Sent
from app.senders.sent_service import take
from app.triage.service import unhonoured
from tests.factories.customers import customers
from tests.factories.sites import Visitor, colleague, desk_site, lead

__all__ = ["colleague", "desk_site", "lead"]

JO = "jo@home.de"


def test_queue_case_and_sender_show_it(desk: Desk, lead: Visitor) -> None:
    customers(desk, acme=[])
    with desk.work() as work:
        suppressing.suppress(work, [Wish("acme", JO, Cause.STAFF, None, work.now - timedelta(days=10))])
        take(work, [Sent(1, "acme", "", work.now - timedelta(hours=1), "1@acme", "", JO, "home.de")])
    with desk.work() as work:
        unhonoured.look(work)

    queue, case, sender = (lead.get(path) for path in ("/queue", "/cases/1001", "/senders/acme"))

    assert [page.status_code for page in (queue, case, sender)] == [200, 200, 200]
    assert "unsubscribe ignored" in queue.text.lower() and "/cases/1001" in queue.text
    assert "1 mail was sent to 1 person who had asked for no more" in case.text and JO not in case.text
