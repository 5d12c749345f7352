"""A desk with some work on it: complaints that came in by real bytes and went the whole way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network

from app.audit.domain import OPERATOR
from app.bootstrap import Desk, wire
from app.intake import service as intake
from app.intake.domain import Arrival, Category, Door
from app.pipeline import work_off
from app.senders.roster import read_roster
from app.senders.service import import_roster
from app.settings import Settings
from app.triage import service
from app.triage.queue import Filter, Row
from workers.stage.cast import NETWORK, RELAY, customers, write_roster, write_zone
from workers.stage.letters import clicked, delivered, forwarded

TURNED = "Your \u202ereceipt</script><script>alert(1)</script>"
BODY = "Dear <b>reader</b>,\r\n\r\npay at https://parcel.test/?u=dee%40home.test\x07\r\n"
WORDS = "It wants my card number. <img src=x>"


@dataclass
class Scene:
    """What the tests look at: the case of each kind of trouble."""

    desk: Desk
    phish: Row
    clicks: Row
    foreign: Row
    bare: Row


@contextmanager
def wired(settings: Settings) -> Iterator[Desk]:
    """The product with the demo's customers, their keys in its DNS; ten clicks open a case."""
    settings.data.mkdir(parents=True, exist_ok=True)
    cast = customers()
    write_zone(settings.data / "zone.tsv", cast)
    write_roster(settings.data / "senders.json", cast)
    ours = {"our_hosts": (RELAY,), "our_networks": (ip_network(NETWORK),), "clicks_open": 10}
    desk = wire(replace(settings, dns_zone=settings.data / "zone.tsv", **ours))  # type: ignore[arg-type]
    try:
        with desk.work() as work:
            import_roster(work, OPERATOR, read_roster((settings.data / "senders.json").read_text()))
            intake.store_many(work, _arrivals({each.id: each for each in cast}))
        while work_off(desk, 100):
            pass
        yield desk
    finally:
        desk.close()


def _arrivals(cast: dict[str, object]) -> list[Arrival]:
    parcel, prizes, clinic = (cast[name] for name in ("parcel", "prizes", "clinic"))
    phish = delivered(parcel, "dee@home.test", TURNED, BODY)  # type: ignore[arg-type]
    forged = delivered(clinic, "cy@home.test", "Your results", BODY, sign=False)  # type: ignore[arg-type]
    forged = forged.replace(RELAY.encode(), b"elsewhere.test").replace(b"[198.51.100.", b"[203.0.113.")
    won = [delivered(prizes, f"r{number}@fbl.test", "You have won", BODY) for number in range(12)]  # type: ignore[arg-type]
    return [
        *(Arrival(clicked(each, prizes, "fbl.test"), Door.LMTP) for each in won),  # type: ignore[arg-type]
        Arrival(phish, Door.FORM, Category.PHISHING, "dee@home.test", {"In the reporter's words": WORDS}),
        Arrival(forwarded(forged, "cy@home.test", "Is this my clinic?"), Door.MAILBOX),
        Arrival(b"", Door.FORM, Category.SPAM, None, {"In the reporter's words": "I deleted it."}),
        Arrival(b"\x00\x01 no mail", Door.COMMAND),
    ]


def scene_of(desk: Desk) -> Scene:
    """The scene's cases as they stand now."""
    with desk.work() as work:
        rows = service.queue(work, Filter(status=None)).rows
    by = {row.sender_id or str(row.verdict): row for row in rows}
    return Scene(desk, by["parcel"], by["prizes"], by["contradicted"], by["unproven"])
