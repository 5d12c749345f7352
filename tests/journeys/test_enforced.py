"""What a decision does on a real mail server, whatever of ours is dead, hung or lying."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from app.audit.domain import Actor
from app.bootstrap import Desk
from app.enforcement import service
from app.enforcement.domain import ActionKind, Queued, scope_of
from app.enforcement.proof import Stage
from app.enforcement.service import Decision
from app.enforcement.suppression import Cause, Wish
from tests.factories.customers import customers
from tests.journeys.relay import ACME, BRAVO, NEWS, OTHER, READER, Relay, relay
from tests.services.locked_out import locked_out
from tests.services.processes import Processes
from tests.services.programs import answers, wait_until

pytestmark = pytest.mark.services

ANNA, BEN = Actor("anna@desk.test", 1), Actor("ben@desk.test", 2)


@pytest.fixture
def running(desk: Desk, processes: Processes) -> Iterator[Relay]:
    with relay(desk, processes) as found:
        found.start("policy", "enforcer")
        yield found


def act(running: Relay, kind: ActionKind = ActionKind.SUSPEND, scope: str = "sender", **more: object) -> object:
    with running.desk.work() as work:
        decision = Decision(kind, "phishing", scope_of(scope), **more)  # type: ignore[arg-type]
        return service.act(work, ANNA, "acme", decision)


def lift(running: Relay, action: object, queued: Queued = Queued.RELEASE) -> None:
    with running.desk.work() as work:
        service.lift(work, BEN, action, "mended", queued)  # type: ignore[arg-type]


def stages(running: Relay, sender: str = "acme") -> set[Stage]:
    return _stages(running.desk, sender)


def _stages(desk: Desk, sender: str) -> set[Stage]:
    with desk.work() as work:
        return {each.stage for each in service.proofs(work, [sender]).get(sender, ())}


def proven(running: Relay) -> None:
    wait_until(lambda: stages(running) == {Stage.PROVEN}, "it is proven")


def refused(running: Relay, login: str, words: str = "suspended") -> bool:
    said = running.send(login, "asks", OTHER)
    return said.startswith("5") and words in said


def test_suspended_stay_refused_and_others_flow_whatever_of_ours_is_away(running: Relay) -> None:
    act(running)
    proven(running)
    policy = running.processes.running["policy"]

    policy.send_signal(signal.SIGSTOP)  # hung: it takes connections and says nothing
    assert refused(running, ACME) and running.send(BRAVO, "hung") == ""
    policy.send_signal(signal.SIGCONT)

    running.processes.kill("policy")
    assert refused(running, ACME) and running.send(BRAVO, "dead") == ""

    running.desk.redis.flushall()
    with locked_out(running.desk.settings):
        assert refused(running, ACME) and running.send(BRAVO, "nothing-left") == ""
        running.processes.kill("enforcer")
        assert refused(running, ACME)

    running.start("policy", "enforcer")  # as their supervisor would
    for subject in ("hung", "dead", "nothing-left"):
        running.arrives(subject)
    wait_until(lambda: answers(running.policy), "the policy service is back")
    assert refused(running, ACME)
    with running.desk.work() as work:
        service.reinstate(work, BEN, "acme", case_number=None, reason="mended")
    wait_until(lambda: running.send(ACME, "free-again", OTHER) == "", "it may send again")
    wait_until(lambda: stages(running) == set(), "and is seen to")


def test_a_throttle_defers_what_is_too_much_and_lets_others_through(running: Relay) -> None:
    act(running, ActionKind.THROTTLE, per_hour=24)  # a twelfth of it at once
    said: list[str] = []
    wait_until(lambda: said.append(running.send(ACME, "some", OTHER)) or said[-1], "it is too much")
    assert said[-1].startswith("450") and "24 recipients an hour" in said[-1]
    # From outside a limit is not seen until it is reached.
    wait_until(lambda: stages(running) <= {Stage.APPLIED, Stage.PROVEN}, "it is applied")
    assert running.send(BRAVO, "not-throttled") == ""


def test_held_mail_is_taken_kept_released_or_thrown_away(running: Relay) -> None:
    held = act(running, ActionKind.HOLD)
    wait_until(lambda: stages(running) == {Stage.PROVEN}, "it is seen at the policy service")
    assert running.send(ACME, "kept", OTHER) == ""
    wait_until(lambda: set(running.in_queue("acme.test").values()) == {"hold"}, "it is on hold")
    assert running.send(BRAVO, "passes") == ""
    running.arrives("passes")
    assert running.left("kept") == []

    lift(running, held)
    raw = running.arrives("kept")
    assert b"Feedback-ID: adt" in raw  # kept mail bears the token, too

    held = act(running, ActionKind.HOLD)
    wait_until(lambda: stages(running) == {Stage.PROVEN}, "it is seen at the policy service")
    assert running.send(ACME, "thrown", OTHER) == ""
    wait_until(lambda: running.in_queue("acme.test"), "it is on hold")
    lift(running, held, Queued.DISCARD)
    wait_until(lambda: not running.in_queue("acme.test"), "it is gone")
    assert running.left("thrown") == []


def test_a_stream_is_stopped_and_the_rest_of_the_sender_goes_on(running: Relay) -> None:
    act(running, scope="stream:marketing")
    wait_until(lambda: refused(running, NEWS), "the stream is refused")
    assert running.send(ACME, "receipts", OTHER) == ""
    proven(running)


def test_a_domain_is_stopped_by_its_envelope(running: Relay) -> None:
    act(running, scope="domain:acme.test")
    wait_until(lambda: refused(running, ACME), "mail of the domain is refused")
    assert running.send(BRAVO, "others") == ""
    proven(running)


def test_a_suspension_that_is_over_ends_by_itself_and_says_so(running: Relay) -> None:
    with running.desk.work() as work:
        until = work.now + timedelta(seconds=6)
    act(running, until=until)
    wait_until(lambda: refused(running, ACME), "it is refused")
    wait_until(lambda: running.send(ACME, "over", OTHER) == "", "it may send again")
    wait_until(lambda: stages(running) == set(), "and is seen to")

    def ended() -> bool:
        with running.desk.work() as work:
            [fact] = service.history(work, "acme")
        return (fact.ending, fact.ended_by) == ("expired", "system")

    wait_until(ended, "its end is on the record")  # written by another process than who lets the mail through


def test_a_suppressed_recipient_is_refused_and_no_other(running: Relay) -> None:
    with running.desk.work() as work:
        service.suppress(work, [Wish("acme", READER, Cause.OPT_OUT, None, work.now)])
    wait_until(lambda: "wants no more mail" in running.send(ACME, "again", READER), "the recipient is refused")
    assert running.send(ACME, "fine", OTHER) == ""
    assert running.send(BRAVO, "another-sender", READER) == ""


def test_a_probe_that_is_let_through_turns_the_case_red_within_half_a_minute(running: Relay) -> None:
    """The mail server does not ask us any more, as after a change of its configuration: nothing of ours says no."""
    conf = running.submission.server.conf / "main.cf"
    asks = conf.read_text()
    conf.write_text(re.sub("smtpd_(data|recipient)_restrictions", r"unused_\1", asks))
    running.submission.server.reload()
    wait_until(lambda: running.send(ACME, "unasked", OTHER) == "", "it takes mail without asking")
    began = time.monotonic()
    act(running)
    wait_until(lambda: Stage.LEAKING in stages(running), "it is red", 40)
    assert time.monotonic() - began < 30
    with running.desk.work() as work:
        [alarm] = service.alarms(work)
    assert alarm.sender == "acme"

    conf.write_text(asks)
    running.submission.server.reload()
    wait_until(lambda: stages(running) == {Stage.PROVEN}, "it is proven once it asks again", 90)
    with running.desk.work() as work:
        assert service.alarms(work) == ()


def test_the_standing_self_test_passes_and_leaves_the_probe_account_as_it_was(
    desk: Desk, processes: Processes
) -> None:
    with relay(desk, processes) as running:
        running.start("policy")
        running.start("enforcer", probe_sender="probe")
        wait_until(lambda: _tests(running), "the self-test ran", 60)
        assert [(each[0], each[1]) for each in _tests(running)] == [(True, "")]
        assert stages(running, "probe") == set()


def _tests(running: Relay) -> list[tuple[bool, str]]:
    with running.desk.engine.connect() as connection:
        found = connection.exec_driver_sql("select passed, said from self_test order by id")
        return [(passed, said) for passed, said in found]


class Liar(BaseHTTPRequestHandler):
    """A platform that says yes to every order and goes on sending; and a pager."""

    paged: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "alarm" in asked:
            self.paged.append(asked)
        body = b'{"in_force": false, "said": "sending"}' if asked.get("do") == "observe" else b'{"ok": true}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_a_platform_that_says_yes_and_goes_on_is_red_and_pages_within_half_a_minute(
    desk: Desk, processes: Processes
) -> None:
    customers(desk, acme=[("login", ACME)])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/"
        processes.start("enforcer", hook_url=url, alarm_url=url, hook_key="a key of some length")
        processes.wait_until_up("enforcer")
        began = time.monotonic()
        with desk.work() as work:
            service.act(work, ANNA, "acme", Decision(ActionKind.SUSPEND, "phishing", case_number=1001))
        wait_until(lambda: _stages(desk, "acme") == {Stage.LEAKING}, "it is red", 40)
        wait_until(lambda: Liar.paged, "somebody is paged")
        assert time.monotonic() - began < 30
        assert (Liar.paged[0]["sender"], Liar.paged[0]["case"]) == ("acme", 1001)
        processes.end()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
