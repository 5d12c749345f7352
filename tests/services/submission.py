"""A private Postfix that takes mail only from logins (Dovecot's SASL) and hands it all to one SMTP port.

with Submission(relay=port, users={"mailer@acme.test": "secret"}) as submission:
    submission.send("mailer@acme.test", b"Message-ID: <1@acme.test>\\r\\n\\r\\nhi\\r\\n", "karl@mailbox.test")
    log = submission.log_file

It is Postfix by its `Postfix` of postfix.py, with authentication before it and another way out.
"""

from __future__ import annotations

import shutil
import smtplib
import ssl
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services import postfix
from tests.services.programs import answers, certificate, demand, free_port, wait_until

MAIN = """
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
default_transport = smtp:[127.0.0.1]:{relay}
relay_domains =
"""
DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run
protocols =
listen = 127.0.0.1
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = dovecot
default_login_user = dovenull
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
"""


class Submission:
    """relay: the port of 127.0.0.1 that takes SMTP for everybody. users: login → password. more: lines for its
    main.cf. tables: LMDB tables that are there, empty, before it starts. encrypted: whether it takes no password
    before STARTTLS. milter: where a milter is, as `smtpd_milters` names it."""

    def __init__(
        self,
        relay: int,
        users: Mapping[str, str],
        *,
        more: str = "",
        tables: Iterable[Path] = (),
        encrypted: bool = False,
        milter: str | None = None,
    ) -> None:
        self._relay, self._users = relay, users
        self._more, self._tables, self._encrypted, self._milter = more, tuple(tables), encrypted, milter
        self._sasl = free_port()
        self._postfix = postfix.Postfix(lmtp=relay)
        self._folder = Path()
        self._dovecot: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        demand("postfix", "postqueue", "dovecot")
        self._folder = Path(tempfile.mkdtemp(prefix="sasl-"))
        self._folder.chmod(0o755)
        users = (f"{name}:{{PLAIN}}{word}::::::\n" for name, word in self._users.items())
        (self._folder / "users").write_text("".join(users))
        conf = self._folder / "dovecot.conf"
        conf.write_text(DOVECOT.format(folder=self._folder, sasl=self._sasl))
        argv = [shutil.which("dovecot", path="/usr/sbin:/usr/bin") or "dovecot", "-F", "-c", str(conf)]
        self._dovecot = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: answers(self._sasl), "Dovecot's SASL listens")
        lines = MAIN.format(sasl=self._sasl, relay=self._relay) + self._wanted().replace("{", "{{").replace("}", "}}")
        self._postfix.main = _instead(self._postfix.main, lines)
        self._postfix.before_start = self._make_tables
        self._postfix.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._postfix.__exit__(kind, fault, trace)
        if self._dovecot is not None:
            self._dovecot.terminate()
            self._dovecot.wait(20)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wanted(self) -> str:
        lines = [self._more.strip()]
        if self._encrypted:
            cert, key = certificate(self._folder)
            lines += ["smtpd_tls_security_level = may", "smtpd_tls_auth_only = yes"]
            lines += [f"smtpd_tls_cert_file = {cert}", f"smtpd_tls_key_file = {key}"]
        if self._milter is not None:
            lines += [f"smtpd_milters = {self._milter}", "milter_default_action = tempfail"]
        return "\n".join(lines) + "\n"

    def _make_tables(self, conf: Path) -> None:
        for table in self._tables:
            table.touch()
            subprocess.run(["postmap", "-c", str(conf), f"lmdb:{table}"], check=True)

    @property
    def server(self) -> postfix.Postfix:
        """The Postfix of it: its port, its queue, its configuration."""
        return self._postfix

    def signed_in(self, login: str) -> smtplib.SMTP:
        """A connection that `login` has signed in on."""
        smtp = self._postfix.connection()
        if self._encrypted:
            smtp.starttls(context=ssl._create_unverified_context())
        smtp.login(login, self._users[login])
        return smtp

    @property
    def log_file(self) -> Path:
        """What Postfix writes its log to."""
        return self._postfix.folder / "mail.log"

    def send(self, login: str, message: bytes, *recipients: str) -> None:
        """Hands a message in as `login`; Postfix has it when this returns."""
        with self.signed_in(login) as smtp:
            smtp.sendmail(f"bounce@{login.partition('@')[2]}", recipients, message)


def _instead(main: str, lines: str) -> str:
    """A main.cf with these lines in place of those of the same name."""
    names = tuple(f"{line.partition(' =')[0]} =" for line in lines.splitlines() if line)
    return "\n".join(line for line in main.splitlines() if not line.startswith(names)) + lines
