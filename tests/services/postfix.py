"""A private Postfix on the loopback that hands every mail for relay.test to one LMTP port.

with Postfix(lmtp=port) as postfix:
    postfix.send(b"Subject: hello\\r\\n\\r\\nhi\\r\\n", "abuse@relay.test")
"""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.services.programs import answers, demand, free_port, wait_until

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mx.relay.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
notify_classes =
biff = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
transport_retry_time = 1s
smtpd_relay_restrictions = permit_mynetworks, reject
relay_domains = relay.test
relay_recipient_maps =
transport_maps = inline:{{relay.test=lmtp:inet:[127.0.0.1]:{lmtp}}}
default_transport = discard:
default_destination_concurrency_failed_cohort_limit = 0
message_size_limit = {most}
mailbox_size_limit = 0
smtp_line_length_limit = 0
bounce_queue_lifetime = 1d
"""
# qmgr looks for new mail each second besides: by default it does so in 300 s, longer than any test waits.
MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
pickup   unix n - n 60 1 pickup
cleanup  unix n - n - 0 cleanup
qmgr     unix n - n 1 1 qmgr
tlsmgr   unix - - n 1000? 1 tlsmgr
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
verify   unix - - n - 1 verify
flush    unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp     unix - - n - - smtp
relay    unix - - n - - smtp
lmtp     unix - - n - - lmtp
showq    unix n - n - - showq
error    unix - - n - - error
retry    unix - - n - - error
discard  unix - - n - - discard
anvil    unix - - n - 1 anvil
scache   unix - - n - 1 scache
postlog  unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """lmtp: the port of 127.0.0.1 that mail is handed to. most: bytes of a message that it takes itself. main: what
    its main.cf is made from. before_start: called with the folder of its configuration when that is written."""

    def __init__(self, lmtp: int, most: int = 50 * 1024 * 1024) -> None:
        self._lmtp = lmtp
        self._most = most
        self.main = MAIN
        self.before_start: Callable[[Path], None] = lambda _conf: None
        self.smtp = free_port()
        self.folder = Path()

    def __enter__(self) -> Self:
        demand("postfix", "postqueue")
        self.folder = Path(tempfile.mkdtemp(prefix="postfix-"))
        self.folder.chmod(0o755)
        for each in ("conf", "queue", "data"):
            (self.folder / each).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        (self.conf / "main.cf").write_text(self.main.format(folder=self.folder, lmtp=self._lmtp, most=self._most))
        (self.conf / "master.cf").write_text(MASTER.format(smtp=self.smtp))
        self.before_start(self.conf)
        self._say("postfix", "start")
        wait_until(lambda: answers(self.smtp), "Postfix listens")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._say("postfix", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def conf(self) -> Path:
        """Where its configuration is."""
        return self.folder / "conf"

    def send(self, message: bytes, *recipients: str, sender: str = "reporter@example.net") -> None:
        """Hands a message in; Postfix has it when this returns."""
        with self.connection() as smtp:
            smtp.sendmail(sender, recipients, message)

    def connection(self) -> smtplib.SMTP:
        """A connection to hand many messages in."""
        return smtplib.SMTP("127.0.0.1", self.smtp, timeout=30)

    def queue(self) -> list[dict[str, Any]]:
        """What waits: `postqueue -j`, a mail each, with its recipients and why they are delayed."""
        said = self._say("postqueue", "-j").stdout
        return [json.loads(line) for line in said.splitlines()]

    def reload(self) -> None:
        """Has it read its configuration again."""
        self._say("postfix", "reload")

    def flush(self) -> None:
        """Tries everything that waits at once."""
        self._say("postqueue", "-f")

    def log(self) -> str:
        """What Postfix said."""
        return (self.folder / "mail.log").read_text()

    def _say(self, program: str, word: str) -> subprocess.CompletedProcess[str]:
        argv = [program, "-c", str(self.conf), word]
        env = os.environ | {"PATH": f"/usr/sbin:{os.environ['PATH']}"}
        return subprocess.run(argv, env=env, check=True, capture_output=True, text=True)
