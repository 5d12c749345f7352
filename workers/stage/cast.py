"""Twelve made-up customers of a made-up provider, their keys and the DNS that goes with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from app.mail.dkim.signing import new_key
from app.values import dataclass

RELAY = "relay.demo.test"
NETWORK = "198.51.100.0/24"

NAMES = (
    ("bakery", "Harbour Bakery", "weekly offers"),
    ("bikes", "Two Wheels", "spring sale"),
    ("books", "Corner Books", "new this month"),
    ("choir", "City Choir", "concert invitation"),
    ("clinic", "Oak Street Clinic", "appointment reminder"),
    ("florist", "Green Thumb Flowers", "flowers for the weekend"),
    ("garden", "Garden Planner", "what to plant now"),
    ("hotel", "Hotel Seaview", "late summer rooms"),
    ("parcel", "Parcel Pilot", "your parcel is waiting"),
    ("prizes", "Lucky Prizes", "you have won"),
    ("shoes", "Shoe Cabinet", "half price until Sunday"),
    ("travel", "Far Away Travel", "last seats"),
)


@dataclass(frozen=True)
class Customer:
    """One sender: its domain, what it writes about, and the key that signs its mail."""

    id: str
    name: str
    topic: str
    address: str
    private: bytes
    record: str

    @property
    def domain(self) -> str:
        return f"{self.id}.test"

    @property
    def login(self) -> str:
        return f"mailer@{self.domain}"


@cache
def customers() -> tuple[Customer, ...]:
    """The twelve, each with a key that this process made."""
    return tuple(_customer(number, *name) for number, name in enumerate(NAMES, start=1))


def _customer(number: int, id_: str, name: str, topic: str) -> Customer:
    private, record = new_key()
    return Customer(id_, name, topic, f"198.51.100.{number}", private, record)


def write_zone(path: Path, cast: Sequence[Customer]) -> None:
    """The zone file (name TAB TXT a line) with every customer's key."""
    path.write_text("".join(f"d1._domainkey.{each.domain}\t{each.record}\n" for each in cast))


def write_roster(path: Path, cast: Sequence[Customer]) -> None:
    """The roster that `abusedesk senders import` takes."""
    path.write_text(json.dumps({"senders": [_listed(each) for each in cast]}))


def _listed(customer: Customer) -> dict[str, object]:
    identities = [
        {"kind": "dkim", "value": customer.domain, "selector": "d1"},
        {"kind": "domain", "value": customer.domain},
        {"kind": "ip", "value": customer.address},
        {"kind": "login", "value": customer.login},
        {"kind": "feedback-id", "value": f"c-{customer.id}"},
    ]
    contact = f"post@{customer.domain}"
    return {"id": customer.id, "name": customer.name, "contact": contact, "identities": identities}
