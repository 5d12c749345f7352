"""Freshly signed mail to measure DKIM verifiers by: the same for the same number, but for its keys.

2 to 40 KB (plain text, indented HTML or base64) with one or two signatures: RSA-2048, every eighth second one
ed25519, all four canonicalisations. One message in six has its body changed, one in six its subject, and one in six
of those signed twice had its subject changed in between, as mailing lists do: only the upper signature holds.
"""

from __future__ import annotations

import base64
import random

from tests.factories.signed import KeyPair, ed25519_pair, key_pair, record, sign

KEYS: dict[str, KeyPair] = {f"r{number}": key_pair(2048, number) for number in range(4)}
RSA = list(KEYS)
KEYS["e"] = ed25519_pair()
ZONE = {f"{selector}._domainkey.example.com": record(pair).encode() for selector, pair in KEYS.items()}
FORMS = [(header, body) for header in ("relaxed", "simple") for body in ("relaxed", "simple")]


def message(chance: random.Random) -> bytes:
    raw = (header() + "\r\n" + body(chance)).encode()
    if chance.random() < 0.6:
        raw = signed(raw, "e" if chance.random() < 0.125 else chance.choice(RSA), chance)
        if chance.randrange(6) == 0:
            raw = raw.replace(b"News of", b"[list] News of")
    return mutated(signed(raw, chance.choice(RSA), chance), chance)


def header() -> str:
    hops = "".join(
        f"Received: from a{n}.example by b{n}.example;\r\n\tMon, 2 Mar 2026 10:0{n}:00 +0000\r\n" for n in range(4)
    )
    text = "From: Shop <news@example.com>\r\nTo: Reader <reader@example.net>\r\nSubject: News of the week\r\n"
    text += "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
    more = "".join(f"X-Field-{n}: something that senders and receivers add, number {n}\r\n" for n in range(8))
    return hops + text + more + "Content-Type: text/html; charset=utf-8\r\n"


def body(chance: random.Random) -> str:
    kind, lines = chance.choice(("plain", "html", "base64")), chance.choice((20, 60, 150, 500))
    if kind == "base64":
        return "".join(base64.b64encode(chance.randbytes(57)).decode() + "\r\n" for _ in range(lines))
    words = ("offer", "today", "our", "customers") if kind == "plain" else ("<td>", "</td>", 'class="x"', "text")
    indents = (0,) if kind == "plain" else (0, 2, 4, 8)
    return "".join(
        " " * chance.choice(indents) + " ".join(chance.choices(words, k=10)) + "\r\n" for _ in range(lines)
    )


def signed(raw: bytes, selector: str, chance: random.Random) -> bytes:
    return sign(raw, "example.com", selector, KEYS[selector], canonical=chance.choice(FORMS))


def mutated(raw: bytes, chance: random.Random) -> bytes:
    kind = chance.randrange(6)
    if kind == 0:
        return raw + b"changed\r\n"
    return raw.replace(b"News of", b"Olds of") if kind == 1 else raw
