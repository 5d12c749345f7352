"""A private OpenDKIM on a Unix socket that signs what its Postfix hands it, for the domains it is given.

with OpenDkim("acme.test") as signer:
    Submission(relay=port, users=users, milter=signer.milter)
    text = signer.records["s1._domainkey.acme.test"]
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services.programs import demand, wait_until

CONF = """
Mode s
Socket local:{folder}/milter
KeyTable file:{folder}/keytable
SigningTable refile:{folder}/signingtable
InternalHosts 127.0.0.0/8
RequireSafeKeys no
Canonicalization relaxed/relaxed
OversignHeaders From
Background no
Syslog no
UMask 000
SignHeaders *,+Message-ID,+Feedback-ID,+CFBL-Address
"""


class OpenDkim:
    """records: name → TXT record of each domain's key (the same for all), once it runs. milter: as Postfix names it.

    bits: of the keys. By TCP Postfix would wait 40 ms twice for each mail: libmilter sends in small pieces.
    """

    def __init__(self, *domains: str, bits: int = 1024) -> None:
        self._domains, self._bits = domains, bits
        self.milter = ""
        self.records: dict[str, str] = {}
        self._folder = Path()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        demand("opendkim", "opendkim-genkey")
        self._folder = Path(tempfile.mkdtemp(prefix="opendkim-"))
        self._folder.chmod(0o755)  # Postfix's smtpd runs as another user
        self.milter = f"unix:{self._folder}/milter"
        asked = ["opendkim-genkey", "-b", str(self._bits), "-s", "s1", "-d", "any.test", "-D", str(self._folder)]
        subprocess.run(asked, check=True, capture_output=True)
        text = "".join(re.findall(r'"([^"]*)"', (self._folder / "s1.txt").read_text()))
        self.records = {f"s1._domainkey.{domain}": text for domain in self._domains}
        keys = (f"{domain} {domain}:s1:{self._folder}/s1.private\n" for domain in self._domains)
        (self._folder / "keytable").write_text("".join(keys))
        (self._folder / "signingtable").write_text("".join(f"*@{each} {each}\n" for each in self._domains))
        conf = self._folder / "opendkim.conf"
        conf.write_text(CONF.format(folder=self._folder))
        argv = [shutil.which("opendkim", path="/usr/sbin:/usr/bin") or "opendkim", "-f", "-x", str(conf)]
        self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._listens, "OpenDKIM listens")
        return self

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            return line.connect_ex(str(self._folder / "milter")) == 0

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()  # asked to end, libmilter looks up every five seconds only
            self._process.wait(20)
        shutil.rmtree(self._folder, ignore_errors=True)
