"""The running policy service: what changes in the database or in Redis is what Postfix is told a moment later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import redis
import structlog
from sqlmodel import select

from app.audit.domain import Actor
from app.bootstrap import Desk, wire
from app.enforcement import service
from app.enforcement.domain import ActionKind
from app.enforcement.models import Suppression
from app.enforcement.probing import probe_local
from app.enforcement.service import Decision
from app.enforcement.suppression import Cause, pair
from app.infra.buckets import PREFIX
from app.senders import service as senders
from app.senders import tokens
from app.senders.sent_service import recipient_key
from app.settings import Address
from tests.factories.customers import customers
from tests.workers.test_policy import Connect, Postfix, connect, serving, wait_for

__all__ = ["connect"]

ANNA = Actor("anna@desk.test", 1)
PROBE = "probe@relay.test"


@pytest.fixture
def wired(desk: Desk) -> Iterator[Desk]:
    """The desk with two customers, its policy service on a free port, stamping mail, with a probe account."""
    customers(
        desk, acme=[("login", "mailer@acme.test"), ("domain", "acme.test")], beta=[("login", "mailer@beta.test")]
    )
    probe_url = "smtp://Probe%40relay.test:s3cret@127.0.0.1:587"
    settings = replace(desk.settings, policy=Address("127.0.0.1", 0), stamp="feedback-id", probe_url=probe_url)
    wired = wire(settings)
    yield wired
    wired.close()


@pytest.fixture
def without_redis(wired: Desk, tmp_path: Path) -> Iterator[Desk]:
    """The same with a Redis that is not there."""
    deaf = wire(replace(wired.settings, redis_url=f"unix://{tmp_path}/nobody.sock"))
    yield deaf
    deaf.close()


def act(desk: Desk, kind: ActionKind, per_hour: int | None = None) -> None:
    with desk.work() as work:
        service.act(work, ANNA, "acme", Decision(kind, "spam", per_hour=per_hour, case_number=1001))


def ask(postfix: Postfix, state: str = "DATA", login: str = "mailer@acme.test", **more: str) -> str:
    """The action."""
    said = {"request": "smtpd_access_policy", "protocol_state": state, "sasl_username": login, "size": "0"} | more
    postfix.line.sendall("".join(f"{name}={value}\n" for name, value in said.items()).encode() + b"\n")
    return postfix.hear().decode().removeprefix("action=").strip()


def until(asking: Callable[[], str], wanted: str) -> str:
    """The first answer that begins so."""
    return wait_for(lambda: said if (said := asking()).startswith(wanted) else None)


def suppress(desk: Desk, address: str) -> None:
    with desk.work() as work:
        key = recipient_key(work, address)
        work.session.add(
            Suppression(
                id=uuid4(),
                sender_id="acme",
                recipient_key=key,
                pair=pair(senders.find(work, "acme").uid.bytes, key),
                cause=Cause.OPT_OUT,
                by="x",
                since=work.now,
                due=work.now,
                changed_at=work.now,
            )
        )


def lift(desk: Desk) -> None:
    with desk.work() as work:
        for row in work.session.exec(select(Suppression)):
            row.lifted_at = row.changed_at = work.now


def test_mail_that_passes_carries_its_senders_token(connect: Connect, wired: Desk) -> None:
    with serving(wired) as at:
        said = ask(connect(at))

    assert said.startswith("PREPEND Feedback-ID: ")
    (token,) = tokens.find(wired.secrets.token, [said])
    with wired.work() as work:
        assert token.valid
        assert token.sender == senders.find(work, "acme").uid.bytes[:8]


def test_a_suppressed_recipient_is_refused_a_moment_later_and_taken_again_after_the_lift(
    connect: Connect, wired: Desk
) -> None:
    with serving(wired) as at:
        postfix = connect(at)

        def asking() -> str:
            return ask(postfix, "RCPT", recipient="Karl@Mailbox.test")

        assert asking() == "DUNNO"
        suppress(wired, "karl@mailbox.test")
        until(asking, "REJECT 5.7.1 The recipient wants no more mail from this sender")
        assert ask(postfix, "RCPT", recipient="karla@mailbox.test") == "DUNNO"
        assert ask(postfix, "RCPT", "mailer@beta.test", recipient="karl@mailbox.test") == "DUNNO"
        lift(wired)
        until(asking, "DUNNO")


def test_what_is_suppressed_is_known_from_the_first_answer_on(connect: Connect, wired: Desk) -> None:
    suppress(wired, "karl@mailbox.test")

    with serving(wired) as at:
        assert ask(connect(at), "RCPT", recipient="karl@mailbox.test").startswith("REJECT")


def test_two_services_share_one_limit(connect: Connect, wired: Desk) -> None:
    act(wired, ActionKind.THROTTLE, per_hour=48)

    with serving(wired) as one, serving(wired) as other:
        here, there = connect(one), connect(other)
        said = [ask(each, recipient_count="1") for each in (here, there, here, there, here, there)]

    assert [each.split()[0] for each in said] == ["PREPEND"] * 4 + ["DEFER"] * 2
    assert said[-1] == "DEFER 4.7.1 This account is at its limit of 48 recipients an hour, case C1001"


def test_no_login_stands_in_redis(connect: Connect, wired: Desk) -> None:
    act(wired, ActionKind.THROTTLE, per_hour=48)

    with serving(wired) as at:
        ask(connect(at))

    with redis.Redis.from_url(wired.settings.redis_url or "") as client:
        kept = [(key, client.hgetall(key)) for key in client.scan_iter(f"{PREFIX}*")]
    assert len(kept) == 1
    assert "acme" not in repr(kept)


def test_without_redis_a_limit_holds_all_the_same(connect: Connect, without_redis: Desk) -> None:
    act(without_redis, ActionKind.THROTTLE, per_hour=24)

    with structlog.testing.capture_logs() as said, serving(without_redis) as at:
        postfix = connect(at)
        answers = [ask(postfix).split()[0] for _ in range(4)]

    assert answers == ["PREPEND", "PREPEND", "DEFER", "DEFER"]
    assert [each["event"] for each in said].count("policy.redis_away") == 1


def test_answers_keep_the_order_of_their_questions_where_a_bucket_is_asked(connect: Connect, wired: Desk) -> None:
    act(wired, ActionKind.THROTTLE, per_hour=24)

    with serving(wired) as at:
        postfix = connect(at)
        lines = ("request=smtpd_access_policy", "protocol_state=DATA", "sasl_username={}")
        asked = ["\n".join(lines).format(each) + "\n\n" for each in ("mailer@acme.test", "nobody@else.test") * 50]
        postfix.line.sendall("".join(asked).encode())
        heard = [postfix.hear().decode() for _ in range(100)]

    assert {each[:14] for each in heard[1::2]} == {"action=DUNNO\n\n"}
    assert [each.split()[0] for each in heard[::2]] == ["action=PREPEND"] * 2 + ["action=DEFER"] * 48


def test_who_leaves_while_a_bucket_is_asked_harms_nobody(connect: Connect, wired: Desk) -> None:
    act(wired, ActionKind.THROTTLE, per_hour=1)

    with structlog.testing.capture_logs() as said, serving(wired) as at:
        for _ in range(20):
            with Postfix(at).line as line:
                line.sendall(
                    b"request=smtpd_access_policy\nprotocol_state=DATA\nsasl_username=mailer@acme.test\n\n" * 5
                )
        assert ask(connect(at)).startswith(("DEFER", "PREPEND"))

    assert "policy.fault" not in [each["event"] for each in said]


def test_a_probe_takes_the_place_of_the_sender_that_it_names(connect: Connect, wired: Desk) -> None:
    with wired.work() as work:
        uid = senders.find(work, "acme").uid.bytes
    probes = [f"{probe_local(uid, name)}@relay.test" for name in ("mailer@acme.test", "acme.test")]

    with serving(wired) as at:
        postfix = connect(at)
        assert [ask(postfix, login=PROBE, sender=each) for each in probes] == ["DUNNO"] * 2
        act(wired, ActionKind.SUSPEND)
        for each in probes:
            until(lambda each=each: ask(postfix, login=PROBE, sender=each), "REJECT 5.7.1 ")  # type: ignore[misc]
        assert ask(postfix, login="mailer@beta.test", sender=probes[0]).startswith("PREPEND")


def test_a_suspension_and_a_new_login_are_seen_together(connect: Connect, wired: Desk) -> None:
    with serving(wired) as at:
        postfix = connect(at)
        assert ask(postfix, login="second@acme.test") == "DUNNO"
        customers(wired, acme=[("login", "second@acme.test")])
        act(wired, ActionKind.SUSPEND)
        until(lambda: ask(postfix, login="second@acme.test"), "REJECT")
