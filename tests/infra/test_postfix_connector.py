"""What a sender sees at a real Postfix when our orders stop, keep back and let go."""

from __future__ import annotations

import smtplib
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.enforcement.probing import probe_local, read_probe
from app.infra.connectors.postfix import Postfix
from app.infra.connectors.postfix_notes import Notes
from app.infra.connectors.postfix_programs import Programs
from app.infra.connectors.postfix_queue import MailQueue
from app.infra.connectors.postfix_sight import Sight
from app.infra.connectors.postfix_sweep import Queued
from app.infra.connectors.postfix_tables import Folder
from app.mail.dkim.signatures import judge
from app.mail.domain import DkimResult, KeyAnswer, KeyState
from app.ports import Ended, Waiting
from tests.infra.postfix_lab import PROBE, SOME, Lab, line, order, running
from tests.services.programs import wait_until

pytestmark = pytest.mark.services

REFUSED = "554 5.7.1 Sending is suspended for this account, case C7"


@pytest.fixture(scope="module")
def servers() -> Iterator[Lab]:
    with running() as lab:
        yield lab


@pytest.fixture
def lab(servers: Lab) -> Lab:
    servers.sink.away = False
    servers.sink.took.clear()
    servers.policy.says = lambda _attributes: "DUNNO"
    return servers


def told(smtp: smtplib.SMTP, login: str) -> str:
    """What the server answers first that is no yes, or `354`, of a mail; its own words in between are left out."""
    code, said = smtp.mail(login)
    for step in (lambda: smtp.rcpt(SOME), lambda: smtp.docmd("DATA")):
        if code != 250:
            break
        code, said = step()
    if code == 354:
        smtp.send("Subject: let through\r\n\r\nhi\r\n.\r\n")
        assert smtp.getreply()[0] == 250
        return "354"
    smtp.rset()
    status, _, text = said.decode().partition(" ")
    return f"{code} {status} {text.rpartition(': ')[2]}"


def test_the_next_mail_on_an_open_connection_is_refused_and_others_go_on(lab: Lab) -> None:
    login, other = lab.login(), lab.login()
    connector = lab.connector()
    with lab.submission.signed_in(login) as open_connection, lab.submission.signed_in(other) as others:
        assert told(open_connection, login) == "354"

        applied = connector.apply([order(login, line("suspend", login))], [])

        assert applied[login.partition("@")[2]].ok
        assert (told(open_connection, login), told(others, other)) == (REFUSED, "354")
        connector.apply([order(login)], [])
        assert told(open_connection, login) == "354"


def test_with_the_policy_service_away_the_table_refuses_and_others_go_on(lab: Lab) -> None:
    login, other = lab.login(), lab.login()
    lab.connector().apply([order(login, line("suspend", login))], [])
    lab.policy.says = lambda _attributes: ""

    with lab.submission.signed_in(login) as stopped, lab.submission.signed_in(other) as others:
        assert (told(stopped, login), told(others, other)) == (REFUSED, "354")


def test_queued_mail_is_kept_back_and_released_signed_as_it_was(lab: Lab) -> None:
    login = lab.login()
    ids = lab.keep_waiting(login, "one", "two")
    connector = lab.connector()

    applied = connector.apply([order(login, line("suspend", login))], [])

    [said] = applied.values()
    assert (said.ok, sorted(said.held or ())) == (True, ids)
    lab.come_back()
    assert lab.queued(login) == dict.fromkeys(ids, "hold")

    [said] = connector.apply([order(login, held=tuple(ids))], []).values()

    assert (said.ok, said.held) == (True, ())
    wait_until(lambda: lab.sink.of(login).keys() == {"one", "two"}, "both are delivered")
    assert [verified(lab, each) for each in lab.sink.of(login).values()] == [
        {"message-id", "feedback-id", "subject"}
    ] * 2


def verified(lab: Lab, mail: bytes) -> set[str]:
    """Which of three header fields the mail's DKIM signature covers; none where it does not hold."""
    keys = {name: KeyAnswer(KeyState.FOUND, text.encode()) for name, text in lab.records.items()}
    [signature] = judge(mail, headers_only=False, key_of=keys.__getitem__, as_of=datetime.now(UTC))
    assert signature.result is DkimResult.PASS
    return {"message-id", "feedback-id", "subject"} & {each.lower() for each in signature.signed}


def test_discarding_drops_what_was_kept_back(lab: Lab) -> None:
    login, other = lab.login(), lab.login()
    ids = lab.keep_waiting(login, "spam")
    lab.keep_waiting(other, "ham")
    connector = lab.connector()
    connector.apply([order(login, line("terminate", login))], [])

    connector.apply(
        [order(login, held=tuple(ids), ended=(Ended(line("terminate", login), datetime.now(UTC), discard=True),))], []
    )
    lab.come_back()

    wait_until(lambda: "ham" in lab.sink.of(other), "the other's mail is delivered")
    assert (lab.queued(login), lab.sink.of(login)) == ({}, {})


def test_mail_that_somebody_else_put_on_hold_stays(lab: Lab) -> None:
    login = lab.login()
    theirs, ours = lab.keep_waiting(login, "theirs", "ours")
    _postsuper(lab, "-h", theirs)
    began = datetime.now(UTC) + timedelta(seconds=5)
    connector = lab.connector()

    [said] = connector.apply([order(login, line("suspend", login, since=began))], []).values()
    assert said.held == (ours,)
    connector.apply([order(login, held=(ours,))], [])

    wait_until(lambda: lab.queued(login) == {theirs: "hold", ours: "waiting"}, "ours alone is let go")


def test_what_was_held_is_released_although_nobody_learnt_of_it(lab: Lab) -> None:
    login = lab.login()
    ids = lab.keep_waiting(login, "kept")
    later = datetime.now(UTC) + timedelta(hours=1)
    lab.connector().apply([order(login, line("suspend", login, since=later))], [])
    assert lab.queued(login) == dict.fromkeys(ids, "hold")

    lab.connector().apply([order(login, held=())], [])

    assert lab.queued(login) == dict.fromkeys(ids, "waiting")


def test_a_domain_alone_is_kept_back_for_its_own_sender_alone(lab: Lab) -> None:
    login, other = lab.login(), lab.login()
    ids = lab.keep_waiting(login, "kept")
    with lab.submission.signed_in(other) as smtp:
        smtp.sendmail(login, SOME, "Subject: of another customer\r\n\r\nhi\r\n")
    wait_until(lambda: len(lab.queued(login)) == 2, "both wait")
    domain = login.partition("@")[2]

    [said] = lab.connector().apply([order(login, line("suspend", scope="domain", value=domain))], []).values()

    assert said.held == tuple(ids)
    assert sorted(lab.queued(login).values()) == ["hold", "waiting"]


def test_mail_that_no_sweep_saw_is_frozen_in_the_queue(lab: Lab) -> None:
    login = lab.login()
    ids = lab.keep_waiting(login, "frozen")
    tables = Folder(lab.maps, Programs(lab.submission.server.conf))
    connector = Postfix(tables, None, Sight(None, None, lab.settings.policy))

    [said] = connector.apply([order(login, line("suspend", login))], []).values()

    assert (said.ok, said.held) == (True, None)
    # qmgr remembers its last answer for half a minute: another mail makes it forget, as on any busy server.
    lab.keep_waiting(lab.login(), "another")
    lab.come_back()
    wait_until(lambda: "Account suspended" in str(lab.submission.server.queue()), "it is put off in our words")
    assert (lab.queued(login), lab.sink.of(login)) == (dict.fromkeys(ids, "waiting"), {})
    connector.apply([order(login)], [])


def test_who_shares_a_domain_with_a_stopped_sender_is_seen_to_be_let_through(lab: Lab) -> None:
    login, other = lab.login(), lab.login()
    stop = order(login, line("suspend", login))
    shares = replace(order(other), domains=stop.domains)
    connector = lab.connector()
    connector.apply([stop, shares], [])

    seen = connector.observe([stop, shares])

    assert seen[shares.sender].in_force is True
    connector.apply([order(login)], [])


def test_what_is_taken_while_a_sender_is_let_go_leaves_at_once(lab: Lab) -> None:
    login, other, taken = lab.login(), lab.login(), set[str]()

    def hand_in() -> None:
        taken.add(f"mail {len(taken)}")
        mail = f"From: <{login}>\r\nSubject: mail {len(taken) - 1}\r\n\r\nhi\r\n"
        open_connection.sendmail(login, SOME, mail)

    class Meanwhile(MailQueue):
        """A queue that it takes a while to go through."""

        def mails(self) -> list[Queued]:
            if let_go:
                hand_in()
            return super().mails()

    programs = Programs(lab.submission.server.conf)
    queue = Meanwhile(programs, Notes(lab.settings.data / "notes"))
    connector, let_go = Postfix(Folder(lab.maps, programs), queue, Sight(None, None, lab.settings.policy)), False
    with lab.submission.signed_in(login) as open_connection:
        hand_in()  # smtpd remembers where this goes, and that it is not frozen
        wait_until(lambda: lab.sink.of(login), "it leaves")
        connector.apply([order(login, line("suspend", login))], [])
        lab.send(other, "of another")  # qmgr remembers its last answer for half a minute: now it is another
        wait_until(lambda: lab.sink.of(other), "it leaves, too")

        let_go = True
        connector.apply([order(login)], [])

    assert len(taken) > 1
    wait_until(lambda: lab.sink.of(login).keys() == taken, "what was taken leaves", seconds=15)


def test_mail_that_the_policy_service_held_is_let_go_with_the_rest(lab: Lab) -> None:
    login = lab.login()
    holding = line("hold", login, since=datetime.now(UTC))
    lab.policy.says = lambda asked: "HOLD kept back" if asked["sasl_username"] == login else "DUNNO"
    lab.send(login, "kept")
    connector = lab.connector()

    [said] = connector.apply([order(login, holding)], []).values()
    [seen] = connector.observe([order(login, holding)]).values()

    assert (said.held, seen.in_force) == (tuple(lab.queued(login)), True)
    lab.policy.says = lambda _attributes: "DUNNO"
    [seen] = connector.observe([order(login, holding)]).values()
    assert (seen.in_force, seen.said) == (False, "The policy service keeps back 0 of 1.")
    connector.apply([order(login, ended=(Ended(holding, datetime.now(UTC)),))], [])
    wait_until(lambda: "kept" in lab.sink.of(login), "it is delivered")


def test_a_sender_is_told_how_much_waits(lab: Lab) -> None:
    login = lab.login()
    first, *_ = lab.keep_waiting(login, "one", "two", "three")
    _postsuper(lab, "-h", first)

    assert lab.connector().waiting({login: "acme"}) == {"acme": Waiting(waiting=2, held=1)}


class TestProbe:
    """The probe account hands mail in, in a sender's place; the policy service plays along."""

    def test_a_stop_is_seen_and_nothing_is_sent(self, lab: Lab) -> None:
        login, uid = lab.login(), bytes(16)
        stop = order(login, line("suspend", login), probes=(probe_local(uid, login),))
        lab.policy.says = lambda asked: f"REJECT {REFUSED[4:]}" if read_probe(asked["sender"]) else "DUNNO"
        connector = lab.connector()
        connector.apply([stop], [])

        [seen] = connector.observe([stop]).values()

        assert (seen.in_force, seen.said) == (
            True,
            "Postfix's table refuses 1 of 1 logins. 1 of 1 probes refused.",
        )
        lab.policy.says = lambda _attributes: "DUNNO"
        [seen] = connector.observe([stop]).values()
        assert (seen.in_force, seen.said) == (False, "1 of 1 probes let through at DATA: mail may still leave.")
        assert "probe.test" not in str(lab.submission.server.queue()) + str(lab.sink.took)

    def test_what_is_over_is_seen_to_be_over(self, lab: Lab) -> None:
        login = lab.login()
        free = order(login, probes=(probe_local(bytes(16), login),))
        connector = lab.connector()
        connector.apply([order(login, line("suspend", login))], [])
        [still] = connector.observe([free]).values()

        connector.apply([free], [])
        [over] = connector.observe([free]).values()

        assert (still.in_force, over.in_force) == (False, True)
        assert over.said.startswith("Postfix's tables stop none of its logins. 1 of 1 probes let through.")

    def test_many_logins_are_tried_on_more_than_one_connection(self, lab: Lab) -> None:
        login = lab.login()
        probes = tuple(probe_local(bytes(16), f"{number}@x.test") for number in range(25))
        lab.policy.says = lambda asked: f"REJECT {REFUSED[4:]}" if read_probe(asked["sender"]) else "DUNNO"

        stop = order(login, line("suspend", scope="domain", value="x.test"), probes=probes)
        connector = lab.connector()
        connector.apply([stop], [])

        [seen] = connector.observe([stop]).values()

        assert (seen.in_force, seen.said) == (True, "20 of 20 probes refused.")

    def test_while_the_probe_account_itself_is_stopped_it_proves_nothing_of_others(self, lab: Lab) -> None:
        login = lab.login()
        stop = order(login, line("suspend", login), probes=(probe_local(bytes(16), login),))
        itself = order(PROBE, line("suspend", PROBE), probes=(probe_local(bytes(16), PROBE),))
        connector = lab.connector()
        connector.apply([stop, itself], [])

        seen = connector.observe([stop, itself])
        connector.apply([order(PROBE)], [])

        assert seen["probe.test"].said == "Postfix's table refuses 1 of 1 logins. 1 of 1 probes refused."
        assert (seen[stop.sender].in_force, seen[stop.sender].later) == (None, True)
        assert seen[stop.sender].said == "The probe account is stopped itself: nothing can be tried out now."


def _postsuper(lab: Lab, switch: str, queue_id: str) -> None:
    argv = ["/usr/sbin/postsuper", "-c", str(lab.submission.server.conf), switch, queue_id]
    subprocess.run(argv, check=True, capture_output=True)
