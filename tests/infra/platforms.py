"""The mail servers that the contract of connectors is tried on, each behind the same few words.

A new connector gets a class here and a line in PLATFORMS; test_connectors.py then holds it to the contract.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from app.infra.connectors.kumomta import KumoMta
from app.infra.connectors.postfix import Postfix
from app.infra.connectors.postfix_programs import Programs
from app.infra.connectors.postfix_sight import Sight
from app.infra.connectors.postfix_tables import Folder
from app.infra.connectors.webhook import Webhook
from app.infra.poster import SignedPoster
from app.ports import Connector, Order, OrderLine
from app.settings import Address
from tests.services import kumomta
from tests.services.programs import demand

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "a key that both sides know"
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "webhook_receiver.py"


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def forward(self, by: timedelta) -> None:
        self.moment += by


class Platform(Protocol):
    """A mail server with its connector. clock: what both go by."""

    connector: Connector
    clock: SetClock

    def stopped(self, sender: str) -> bool:
        """Whether mail of the sender really does not leave."""

    def state(self) -> object:
        """Whatever it keeps: equal where nothing changed."""

    def forget(self) -> None:
        """Loses what it was told."""

    def lie(self) -> None:
        """From now on it answers that it did what it was told to, and does nothing."""

    def go_away(self) -> None:
        """From now on nobody is there."""


class WebhookPlatform:
    """The example receiver of the documentation, as it stands there."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.told: list[tuple[str, str]] = []
        example = example_receiver()
        self.receiver = example.Receiver(
            SECRET, told=lambda sender, key: self.told.append((sender, key)), now=self.clock.now
        )
        self._server = example.serve(self.receiver, "127.0.0.1", 0)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/orders"
        self.connector: Connector = self.connected()
        self._runs = True

    def connected(self, secret: str = SECRET) -> Webhook:
        return Webhook(self.url, SignedPoster(secret, self.clock))

    def stopped(self, sender: str) -> bool:
        return bool(self.receiver.platform.stopped(sender, f"{sender}@relay.test"))

    def state(self) -> object:
        return dict(self.receiver.platform._lines), list(self.told)

    def forget(self) -> None:
        self.receiver.platform._lines.clear()

    def lie(self) -> None:
        self.receiver.platform.set_lines = lambda sender, lines: None

    def go_away(self) -> None:
        if self._runs:
            self._runs = False
            self._server.shutdown()
            self._server.server_close()


class KumoPlatform:
    """A KumoMTA node as it documents itself."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.node = kumomta.KumoMta(self.clock).__enter__()
        self.connector: Connector = KumoMta(self.node.url, self.clock)

    def stopped(self, sender: str) -> bool:
        return not self.node.delivers(f"spring:{sender}@mailbox.test")

    def state(self) -> object:
        return [*self.node.entries(kumomta.SUSPEND), *self.node.entries(kumomta.BOUNCE)]

    def forget(self) -> None:
        self.node.restart()

    def lie(self) -> None:
        self.node.lies = True

    def go_away(self) -> None:
        self.node.stop()


class PostfixPlatform:
    """The tables of a Postfix, looked up by its own postmap; what a running one makes of them is tried elsewhere."""

    def __init__(self) -> None:
        demand("postmap")
        self.clock = SetClock()
        self._folder = Path(tempfile.mkdtemp(prefix="postfix-tables-"))
        self._conf = self._folder / "conf"
        self._conf.mkdir()
        (self._conf / "main.cf").write_text("compatibility_level = 3.6\n")
        self._programs = Programs(self._conf)
        tables = Folder(self._folder / "maps", self._programs)
        (self._folder / "maps").mkdir()
        self.connector: Connector = Postfix(tables, None, Sight(tables, None, Address("127.0.0.1", 1)))
        self._tables = tables

    def stopped(self, sender: str) -> bool:
        asked = [
            "postmap",
            "-c",
            str(self._conf),
            "-q",
            f"{sender}@relay.test",
            f"lmdb:{self._folder}/maps/suspended",
        ]
        return b"REJECT" in subprocess.run(asked, capture_output=True).stdout

    def state(self) -> object:
        return {each.name: each.read_bytes() for each in sorted((self._folder / "maps").iterdir())}

    def forget(self) -> None:
        for each in (self._folder / "maps").iterdir():
            each.unlink()

    def lie(self) -> None:
        self._tables.write = lambda *_: None  # type: ignore[method-assign]

    def go_away(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def opened(platform: Callable[[], Any]) -> Callable[[], AbstractContextManager[Platform]]:
    """Opens a platform and closes it at the end."""

    @contextmanager
    def open_one() -> Iterator[Platform]:
        running = platform()
        try:
            yield running
        finally:
            running.go_away()

    return open_one


PLATFORMS: dict[str, Callable[[], AbstractContextManager[Platform]]] = {
    "webhook": opened(WebhookPlatform),
    "kumomta": opened(KumoPlatform),
    "postfix": opened(PostfixPlatform),
}


def example_receiver() -> ModuleType:
    """The documentation's example, loaded from where it stands."""
    spec = importlib.util.spec_from_file_location("webhook_receiver", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def line(sender: str, kind: str = "suspend", scope: str = "sender", value: str = "", **more: Any) -> OrderLine:
    """A line about the sender's only login."""
    whole: dict[str, Any] = {
        "logins": (f"{sender}@relay.test",),
        "per_hour": 100 if kind == "throttle" else None,
        "text": "Sending is suspended for this account, case C1001",
        "since": NOON,
        "case_number": 1001,
    }
    return OrderLine(kind=kind, scope=scope, value=value, **(whole | more))


def order(sender: str = "acme", *lines: OrderLine, key: str = "", **more: Any) -> Order:
    """An order with these lines; its key follows from them."""
    made = key or f"{abs(hash((sender, lines))):016x}"
    return Order(sender, made, (f"{sender}@relay.test",), (f"{sender}.test",), lines, **more)


def stop(sender: str = "acme", **more: Any) -> Order:
    """The order to suspend the sender."""
    return order(sender, line(sender), **more)
