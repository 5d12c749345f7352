"""What an order says of each mail in the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.infra.connectors.postfix_sweep import Mails, Queued, Sweep, sweep
from app.ports import Ended, Order
from tests.infra.postfix_lab import line, order

BEGAN = datetime(2026, 11, 20, 12, 0, 0, 700_000, tzinfo=UTC)
LOGIN = "mailer@acme.test"


def mail(name: str, *, hold: bool = False, after: int = -60, login: str = LOGIN, domain: str = "acme.test") -> Queued:
    return Queued(name, int(BEGAN.timestamp()) + after, hold, login, domain)


def ended(
    kind: str, *, login: str = LOGIN, at: datetime = BEGAN + timedelta(hours=1), discard: bool = False
) -> Ended:
    """A line that began two minutes before `BEGAN`."""
    return Ended(line(kind, login, since=BEGAN - timedelta(minutes=2)), at, discard)


def swept(of: Order, *mails: Queued) -> Sweep:
    return sweep(of, Mails(mails).about(of))


@pytest.mark.parametrize("kind", ["hold", "suspend", "terminate"])
def test_waiting_mail_of_a_covered_login_is_to_be_held(kind: str) -> None:
    stop = order(LOGIN, line(kind, LOGIN, since=BEGAN))
    other = mail("B", login="other@acme.test")
    assert swept(stop, mail("A"), other) == Sweep(hold=(mail("A"),))


def test_a_limit_keeps_nothing_back() -> None:
    assert swept(order(LOGIN, line("throttle", LOGIN)), mail("A")) == Sweep()


def test_a_stream_covers_its_logins_alone() -> None:
    news = "news@acme.test"
    stop = Order("acme", "k", (LOGIN, news), ("acme.test",), (line("suspend", news, scope="stream", value="news"),))
    assert [each.id for each in swept(stop, mail("A"), mail("B", login=news)).hold] == ["B"]


def test_a_domain_covers_its_envelopes_and_no_other_customer_who_writes_it() -> None:
    stop = order(LOGIN, line("suspend", scope="domain", value="acme.test"))
    mails = mail("A"), mail("B", login="other@x.test"), mail("C", login=""), mail("D", domain="x.test")
    assert [each.id for each in swept(stop, *mails).hold] == ["A", "C"]


def test_a_domain_covers_an_envelope_that_may_be_read_to_have_it() -> None:
    stop = order(LOGIN, line("hold", scope="domain", value="acme.test", since=BEGAN))
    odd = replace(mail("A", hold=True, after=60, domain="relay.test"), more=("acme.test",))

    assert swept(stop, odd).kept == ("A",)
    over = Ended(stop.lines[0], BEGAN + timedelta(hours=1))
    assert swept(order(LOGIN, ended=(over,)), odd).release == ("A",)


def test_mail_that_was_on_hold_before_stays_where_it_is_and_is_not_ours() -> None:
    theirs = mail("A", hold=True)
    stop = order(LOGIN, line("suspend", LOGIN, since=BEGAN))
    assert swept(stop, theirs) == Sweep(covered=("A",))
    assert swept(order(LOGIN, ended=(ended("suspend"),)), theirs) == Sweep()


def test_what_the_policy_service_held_since_is_ours() -> None:
    stop = order(LOGIN, line("hold", LOGIN, since=BEGAN))
    assert swept(stop, mail("A", hold=True, after=0), mail("B", hold=True, after=-1)) == Sweep(
        kept=("A",), covered=("B",)
    )


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (order(LOGIN, held=("A",)), Sweep(release=("A",))),
        (order(LOGIN, held=("A",), ended=(ended("hold"),)), Sweep(release=("A",))),
        (order(LOGIN, held=("A",), ended=(ended("suspend", discard=True),)), Sweep(discard=("A",))),
        (order(LOGIN, held=("A",), ended=(ended("hold"), ended("hold", discard=True))), Sweep(release=("A",))),
        (order(LOGIN, held=("A",), ended=(ended("hold", login="b@x.test", discard=True),)), Sweep(release=("A",))),
        (order(LOGIN, ended=(ended("hold"),)), Sweep(release=("A",))),
        (order(LOGIN, ended=(ended("suspend"),)), Sweep()),
        (order(LOGIN, ended=(ended("hold", at=BEGAN - timedelta(minutes=1, seconds=30)),)), Sweep()),
        (order(LOGIN), Sweep()),
        (order(LOGIN, held=("B",)), Sweep()),
        (order("other@x.test", ended=(ended("hold"),)), Sweep()),
    ],
)
def test_what_no_line_keeps_any_more_is_let_go_if_it_is_ours(of: Order, expected: Sweep) -> None:
    assert swept(of, mail("A", hold=True)) == expected


def test_what_another_line_still_keeps_is_not_let_go() -> None:
    of = order(LOGIN, line("hold", LOGIN, since=BEGAN), held=("A",))
    assert swept(of, mail("A", hold=True)) == Sweep(kept=("A",))


def test_mail_that_is_not_on_hold_is_never_discarded() -> None:
    assert swept(order(LOGIN, held=("A",), ended=(ended("hold", discard=True),)), mail("A")) == Sweep()
