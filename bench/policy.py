"""Mails a second through a real Postfix with and without the policy service; what it holds, how fast it answers.

    ./.venv/bin/python bench/policy.py [--mails 200] [--rounds 100] [--lines 10] [--suspended 10000]
        [--suppressed 1000000] [--questions 20000] [--stamp feedback-id] [--size 12000] [--signed] [--discard]

Four private Postfixes with Dovecot's SASL take mail (12 kB as the complaints of bench/pipeline.py, one recipient)
over `lines` authenticated connections and hand it on to Postfix's own smtp-sink, in turns within one run; a round
ends when the queue is empty. --signed: OpenDKIM signs it first (RSA of 2,048 bits). --discard: mail is not handed on,
the least that a Postfix can do with it.

    without     no question is asked
    dunno       somebody is asked at RCPT who answers DUNNO without reading: what asking costs
    rcpt        the service is asked at RCPT, as `abusedesk postfix config` has it
    data        the service is asked at DATA, as `abusedesk postfix config --at-data` has it

The service runs as it does in production, on the embedded PostgreSQL and Valkey, and knows as many suspended logins
and suppressions as said; the sender is none of them, its mail is stamped. Each form is told relative to `without` of
the same round. Before that: how long the service needs to know all that and what memory it takes more than a service
that knows nothing, and how long single answers take on one connection. Needs root and tests/services/install.sh.
"""

from __future__ import annotations

import argparse
import base64
import multiprocessing
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import sqlalchemy as sa

# A script's folder comes first on the path; there bench/dkim.py would hide the library of its name.
sys.path.remove(str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.bootstrap import Desk, wire
from app.enforcement.postfix_config import main_cf
from app.infra.database import migrate
from app.infra.embedded import servers
from app.settings import Address, Settings
from tests.services.opendkim import OpenDkim
from tests.services.programs import answers, free_port
from tests.services.submission import Submission

FORMS = ("without", "dunno", "rcpt", "data")
LOGIN, PASSWORD = "mailer@busy.test", "secret"
SENDER = "insert into sender (id, uid, name, status, created_at)"
HEAD = b"Subject: news\r\nFrom: news@busy.test\r\nTo: reader@mailbox.test\r\n\r\n"
LINE = b"what is new today " * 4 + b"\r\n"


def fill(desk: Desk, suspended: int, suppressed: int) -> None:
    """One busy sender, `suspended` suspended ones with a login each, `suppressed` suppressions among those."""
    statements = (
        f"{SENDER} values ('busy', gen_random_uuid(), '', 'active', now())",
        f"insert into identity (id, sender_id, kind, value) values (gen_random_uuid(), 'busy', 'login', '{LOGIN}')",
        f"{SENDER} select 's' || n, gen_random_uuid(), '', 'suspended', now() from generate_series(1, {suspended}) n",
        "insert into identity (id, sender_id, kind, value) select gen_random_uuid(), 's' || n, 'login',"
        f" 'mailer' || n || '@customer' || n || '.test' from generate_series(1, {suspended}) n",
        "insert into action (id, sender_id, kind, scope_kind, scope_value, grounds, case_number, by, base_status,"
        " asked_at, since) select gen_random_uuid(), 's' || n, 'suspend', 'sender', '', '{}', 1000 + n, 'x',"
        f" 'active', now(), now() from generate_series(1, {suspended}) n",
    )
    with desk.engine.begin() as connection:
        for each in statements:
            connection.execute(sa.text(each))
        _suppress(connection, suspended, suppressed)
        connection.execute(sa.text("insert into enforcement_version (id, number) values (1, 1)"))
    with desk.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("analyze"))


def _suppress(connection: sa.Connection, suspended: int, suppressed: int) -> None:
    # The pair is any 64 bits here: what is measured is how many there are.
    connection.execute(
        sa.text(
            "insert into suppression (id, sender_id, recipient_key, pair, cause, by, since, due, changed_at)"
            " select gen_random_uuid(), 's' || (n % :s + 1), decode(md5(n::text), 'hex'), hashint8extended(n, 0),"
            " 'opt-out', 'x', now(), now(), now() - interval '1 day' from generate_series(1, :n) n"
        ),
        {"s": suspended, "n": suppressed},
    )


class Service:
    """A policy service of its own. seconds: from its start until it listens. rss: bytes of memory."""

    def __init__(self, settings: Settings, stamp: str) -> None:
        self.port = free_port()
        given: dict[str, object] = {
            "DATA": settings.data,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
        }
        given |= {"POLICY": Address("127.0.0.1", self.port), "STAMP": stamp}
        environment = os.environ | {f"ABUSEDESK_{name}": str(value) for name, value in given.items()}
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workers.policy"], env=environment, stdout=subprocess.DEVNULL
        )
        while not answers(self.port):
            if self._process.poll() is not None:
                raise SystemExit("The policy service ended before it answered.")
            time.sleep(0.005)
        self.seconds = time.perf_counter() - began

    @property
    def rss(self) -> int:
        return int(psutil.Process(self._process.pid).memory_info().rss)

    @property
    def cpu(self) -> float:
        return own_cpu(self._process.pid)

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def question(state: str, login: str, recipient: str = "reader@mailbox.test") -> bytes:
    """What Postfix 3.7 asks, its attributes in their order."""
    lines = (
        "request=smtpd_access_policy", f"protocol_state={state}", "protocol_name=ESMTP", "client_address=127.0.0.1",
        "client_name=localhost", "client_port=40000", "reverse_client_name=localhost", "server_address=127.0.0.1",
        "server_port=587", "helo_name=client.busy.test", "sender=news@busy.test", f"recipient={recipient}",
        "recipient_count=1", "queue_id=4XyZ123abc", "instance=1234.5678abcd.12345.0", "size=0", "etrn_domain=",
        "stress=", "sasl_method=plain", f"sasl_username={login}", "sasl_sender=", "ccert_subject=", "ccert_issuer=",
        "ccert_fingerprint=", "ccert_pubkey_fingerprint=", "encryption_protocol=", "encryption_cipher=",
        "encryption_keysize=0", "policy_context=", "compatibility_level=3.6", "mail_version=3.7.11",
    )  # fmt: skip
    return "\n".join(lines).encode() + b"\n\n"


def answer_times(port: int, asked: Sequence[bytes], many: int) -> list[float]:
    """Microseconds until each answer, one question after the other on one connection, sorted."""
    times = []
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(many):
            began = time.perf_counter()
            line.sendall(asked[number % len(asked)])
            while not line.recv(4096).endswith(b"\n\n"):
                pass
            times.append((time.perf_counter() - began) * 1e6)
    return sorted(times)


class Dunno:
    """A process that answers DUNNO to whatever it is told, on as little as Python can do it with."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process = multiprocessing.get_context("fork").Process(target=say_dunno, args=(self.port,), daemon=True)
        self._process.start()
        while not answers(self.port):
            time.sleep(0.005)

    @property
    def cpu(self) -> float:
        return own_cpu(self._process.pid or 0)

    def end(self) -> None:
        self._process.terminate()
        self._process.join(20)


def say_dunno(port: int) -> None:
    lines: dict[int, socket.socket] = {}
    poll = select.epoll()
    with socket.create_server(("127.0.0.1", port), backlog=1024) as server:
        poll.register(server, select.EPOLLIN)
        while True:
            for number, _ in poll.poll():
                if number == server.fileno():
                    line, _ = server.accept()
                    poll.register(line, select.EPOLLIN)
                    lines[line.fileno()] = line
                elif lines[number].recv(65536):
                    lines[number].send(b"action=DUNNO\n\n")
                else:
                    lines.pop(number).close()


@contextmanager
def postfixes(policy: int, dunno: int, *, discard: bool, signed: bool) -> Iterator[dict[str, Submission]]:
    """Form → a Postfix that takes mail so, and what becomes of it then."""
    options = {
        "without": "",
        "dunno": main_cf(Address("127.0.0.1", dunno), None),
        "rcpt": main_cf(Address("127.0.0.1", policy), None),
        "data": main_cf(Address("127.0.0.1", policy), None, at_data=True),
    }
    with ExitStack() as stack:
        sink = free_port() if discard else stack.enter_context(smtp_sink())
        milter = stack.enter_context(OpenDkim("busy.test", bits=2048)).milter if signed else None
        running = {}
        for form, lines in options.items():
            more = ("default_transport = discard:\n" if discard else "") + lines
            submission = Submission(relay=sink, users={LOGIN: PASSWORD}, more=more, milter=milter)
            running[form] = stack.enter_context(submission)
        yield running


@contextmanager
def smtp_sink() -> Iterator[int]:
    """The port of a server that takes mail and forgets it, of Postfix's own."""
    port = free_port()
    sink = subprocess.Popen(["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "1000"], stderr=subprocess.DEVNULL)
    while not answers(port):
        time.sleep(0.005)
    try:
        yield port
    finally:
        sink.terminate()
        sink.wait(20)


class Client:
    """One authenticated connection that hands mail in with the fewest writes that PIPELINING (RFC 2920) allows."""

    def __init__(self, port: int, size: int) -> None:
        self._mail = HEAD + LINE * (size // len(LINE)) + b".\r\n"
        self._line = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._hear(1)
        self._say(b"EHLO client.busy.test\r\n", 1)
        word = base64.b64encode(f"\0{LOGIN}\0{PASSWORD}".encode())
        assert self._say(b"AUTH PLAIN " + word + b"\r\n", 1).startswith(b"235")

    def send(self, many: int) -> None:
        envelope = b"MAIL FROM:<news@busy.test>\r\nRCPT TO:<reader@mailbox.test>\r\nDATA\r\n"
        for _ in range(many):
            said = self._say(envelope, 3)
            assert b"354" in said, said
            said = self._say(self._mail, 1)
            assert said.startswith(b"250"), said

    def close(self) -> None:
        self._line.close()

    def _say(self, words: bytes, replies: int) -> bytes:
        self._line.sendall(words)
        return self._hear(replies)

    def _hear(self, replies: int) -> bytes:
        heard = b""
        while sum(1 for line in heard.splitlines() if line[3:4] == b" ") < replies or not heard.endswith(b"\n"):
            more = self._line.recv(65536)
            assert more, heard
            heard += more
        return heard


@dataclass(frozen=True)
class Round:
    """mails a second; milliseconds of CPU a mail, of Postfix and of whoever is asked."""

    rate: float
    postfix: float
    asked: float


def measure(given: argparse.Namespace, submission: Submission, asked: Service | Dunno) -> Round:
    """One round; connections are made and signed in before the clock starts. asked: whose CPU counts."""
    clients = [Client(submission.server.smtp, given.size) for _ in range(given.lines)]
    for each in clients:
        each.send(2)
    threads = [threading.Thread(target=each.send, args=(given.mails // given.lines,)) for each in clients]
    spent, spent_here, began = cpu_of(submission), asked.cpu, time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while has_mail(submission):
        time.sleep(0.002)
    seconds, many = time.perf_counter() - began, given.mails // given.lines * given.lines
    spent, spent_here = cpu_of(submission) - spent, asked.cpu - spent_here
    for each in clients:
        each.close()
    return Round(many / seconds, spent / many * 1000, spent_here / many * 1000)


def has_mail(submission: Submission) -> bool:
    """Whether mail waits in a Postfix; its folders tell it at less cost than postqueue."""
    folders = (submission.server.folder / "queue" / name for name in ("incoming", "active", "deferred"))
    return any(each.is_file() for folder in folders for each in folder.rglob("*"))


def own_cpu(process: int) -> float:
    """Seconds of CPU that a process has taken so far."""
    spent = psutil.Process(process).cpu_times()
    return float(spent.user + spent.system)


def cpu_of(submission: Submission) -> float:
    """Seconds of CPU that a Postfix has taken so far, its ended processes too."""
    master = psutil.Process(int((submission.server.folder / "queue/pid/master.pid").read_text()))
    ended = master.cpu_times()
    total = float(ended.user + ended.system + ended.children_user + ended.children_system)
    for each in master.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system
    return total


def told(given: argparse.Namespace, settings: Settings, desk: Desk) -> Service:
    """A service that knows everything, after it was held against one that knows nothing."""
    nothing = Service(settings, given.stamp)
    answer_times(nothing.port, [question("DATA", LOGIN)], 200)
    empty_rss, empty_seconds = nothing.rss, nothing.seconds
    nothing.end()
    fill(desk, given.suspended, given.suppressed)
    full = Service(settings, given.stamp)
    answer_times(full.port, [question("DATA", LOGIN)], 200)
    print(f"{given.suspended:,} suspended logins, {given.suppressed:,} suppressions")
    print(f"    from start to first answer  {full.seconds:6.2f} s  ({empty_seconds:.2f} s where nothing is known)")
    print(
        f"    memory                      {(full.rss - empty_rss) / 1e6:6.1f} MB more than {empty_rss / 1e6:.1f} MB"
    )
    return full


def print_answers(port: int, many: int) -> None:
    asked = {
        "passed and stamped": question("DATA", LOGIN),
        "refused": question("DATA", "mailer7@customer7.test"),
        "a recipient looked for": question("RCPT", LOGIN),
    }
    for name, each in asked.items():
        times = answer_times(port, [each], many)
        p50, p99 = times[many // 2], times[many * 99 // 100]
        print(f"    answer, {name:23} p50 {p50:5.0f} us   p99 {p99:5.0f} us   longest {times[-1]:6.0f} us")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("mails", 200), ("rounds", 100), ("lines", 10), ("suspended", 10_000)):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--suppressed", type=int, default=1_000_000)
    options.add_argument("--questions", type=int, default=20_000)
    options.add_argument("--stamp", default="feedback-id")
    options.add_argument("--size", type=int, default=12_000, help="bytes of a mail's body")
    options.add_argument("--signed", action="store_true", help="OpenDKIM signs each mail")
    options.add_argument("--discard", action="store_true", help="do not hand mail on")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with servers(Settings(data=Path(folder) / "var")) as settings:
            migrate(settings)
            desk = wire(settings)
            service = told(given, settings, desk)
            try:
                print_answers(service.port, given.questions)
                compare(given, service)
            finally:
                service.end()
                desk.close()


def compare(given: argparse.Namespace, service: Service) -> None:
    rounds: dict[str, list[Round]] = {form: [] for form in FORMS}
    dunno = Dunno()
    with postfixes(service.port, dunno.port, discard=given.discard, signed=given.signed) as running:
        for number in range(given.rounds):
            # Each form stands at each place in turn: what the machine does meanwhile hits all alike.
            for place in range(len(FORMS)):
                form = FORMS[(number + place) % len(FORMS)]
                rounds[form].append(measure(given, running[form], dunno if form == "dunno" else service))
    dunno.end()
    print(f"{given.lines} connections, {given.rounds} rounds of {given.mails:,} mails of {given.size:,} B")
    print("                mails/s   of without  (between, 95 %)      CPU ms a mail: Postfix, whoever is asked")
    bare = rounds["without"]
    for form, mine in rounds.items():
        low, share, high = median_of([each.rate / other.rate for each, other in zip(mine, bare, strict=True)])
        rate = statistics.median(each.rate for each in mine)
        postfix, asked = (statistics.mean(getattr(each, name) for each in mine) for name in ("postfix", "asked"))
        of_without = "" if form == "without" else f"{share:7.1%}  ({low:6.1%} to {high:6.1%})"
        spent = f"{postfix:6.3f}" + ("" if form == "without" else f"   {asked:6.3f}")
        print(f"    {form:10} {rate:8.0f}     {of_without:28}              {spent}")


def median_of(found: Sequence[float]) -> tuple[float, float, float]:
    """The median, between the values that hold the true one in 95 of 100 runs: those 0.98 times the root of n ranks
    before and behind the middle (binomial)."""
    ranked, middle, reach = sorted(found), len(found) / 2, 0.98 * len(found) ** 0.5
    low, high = max(0, int(middle - reach) - 1), min(len(found) - 1, int(middle + reach))
    return ranked[low], statistics.median(ranked), ranked[high]


if __name__ == "__main__":
    main()
