"""A private Dovecot on the loopback: IMAP and IMAPS on free ports, one user, all of it in one folder.

with Dovecot() as dovecot:
    dovecot.put([b"Subject: hello\\r\\n\\r\\nhi\\r\\n"])
    url = dovecot.url()
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from imapclient import IMAPClient

from tests.services.programs import answers, certificate, demand, free_port, wait_until

USER = "abuse@relay.test"
PASSWORD = "s3cret/@ %+"  # what a URL must escape

CONF = """
base_dir = {folder}/run
state_dir = {folder}/run
protocols = imap
listen = 127.0.0.1
log_path = {folder}/dovecot.log
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain
default_internal_user = dovecot
default_login_user = dovenull
mail_location = maildir:~/Maildir
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 0
maildir_stat_dirs = yes
{capability}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
"""


class Dovecot:
    """capability: what the server says it can (`IMAP4rev1 …`) instead of all it can."""

    def __init__(self, capability: str = "") -> None:
        self._capability = f"imap_capability = {capability}" if capability else ""
        self.imap, self.imaps = free_port(), free_port()
        self.folder = Path()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        demand("dovecot", "openssl")
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # short: sockets; passable: it drops its rights
        self.folder.chmod(0o755)
        self._write()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self) -> None:
        self.cert, key = certificate(self.folder)
        conf = CONF.format(
            folder=self.folder, cert=self.cert, key=key, imap=self.imap, imaps=self.imaps, capability=self._capability
        )
        (self.folder / "dovecot.conf").write_text(conf)
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
        mail = self.folder / "mail"
        mail.mkdir()
        shutil.chown(mail, "mail", "mail")

    def start(self) -> None:
        """Starts the server again, on the same ports and mail."""
        self._process = subprocess.Popen(["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")])
        wait_until(lambda: answers(self.imap), "Dovecot listens")

    def stop(self) -> None:
        """Stops the server and whoever is connected."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def url(self, folder: str = "INBOX", *, secure: bool = False, query: str = "") -> str:
        """ABUSEDESK_IMAP_URL for the mailbox."""
        scheme, port = ("imaps", self.imaps) if secure else ("imap", self.imap)
        return f"{scheme}://abuse%40relay.test:s3cret%2F%40%20%25+@127.0.0.1:{port}/{folder}{query}"

    def client(self) -> IMAPClient:
        """A connection signed in as the mailbox's user."""
        client = IMAPClient("127.0.0.1", self.imap, ssl=False)
        client.login(USER, PASSWORD)
        return client

    def put(self, messages: Iterable[bytes], folder: str = "INBOX") -> None:
        """Delivers messages, exact bytes (CRLF)."""
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for each in messages:
                client.append(folder, each)

    def count(self, folder: str = "INBOX") -> int:
        """How many messages the folder has; none where there is no such folder."""
        with self.client() as client:
            if not client.folder_exists(folder):
                return 0
            return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])

    def forget_uids(self) -> None:
        """Loses the server's indexes: UIDVALIDITY and all UIDs change (the server must be stopped)."""
        for each in (self.folder / "mail").rglob("dovecot*"):
            each.unlink()
