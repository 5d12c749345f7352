"""What may happen to signed mail and to its key on the way: tables that the differential test walks.

SIGNINGS: messages as dkimpy signs them. AFTER: changes to a signed message or its key records, by name.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from tests.factories.signed import HEADERS, MESSAGE, KeyPair, ed25519_pair, key_pair, record, sign

FORMS = [(header, body) for header in ("relaxed", "simple") for body in ("relaxed", "simple")]
NAME = "s1._domainkey.example.com"
OTHER = "other._domainkey.example.com"


@dataclass(frozen=True)
class Case:
    """A signed message and the key records to judge it by."""

    message: bytes
    zone: Mapping[str, bytes]


# ------------------------------------------------------------------ how mail is signed

RSA, ED = key_pair(1024), ed25519_pair()
HOPS = b"X-Hop: out.example.com,\r\n\tthe second\r\nX-Hop: mx.example.com\r\n"
PAIRS: dict[str, KeyPair] = {"rsa": RSA, "ed25519": ED}


def signings() -> Iterator[tuple[str, Case]]:
    """Messages signed by dkimpy: kinds of key, canonicalisations, l=, oversigned, a name twice, two signatures."""
    for form in FORMS:
        name = "/".join(form)
        for kind, pair in PAIRS.items():
            zone = {NAME: record(pair).encode()}
            yield f"{kind} {name}", Case(sign(MESSAGE, "example.com", "s1", pair, canonical=form), zone)
        zone = {NAME: record(RSA).encode(), OTHER: record(ED).encode()}
        counted = sign(MESSAGE, "example.com", "s1", RSA, canonical=form, length=True)
        yield f"l= {name}", Case(counted, zone)
        oversigned = sign(MESSAGE, "example.com", "s1", RSA, canonical=form, headers=None)
        yield f"oversigned {name}", Case(oversigned, zone)
        hops = sign(HOPS + MESSAGE, "example.com", "s1", RSA, canonical=form, headers=(*HEADERS, "x-hop", "x-hop"))
        yield f"a name twice {name}", Case(hops, zone)
        twice = sign(
            sign(MESSAGE, "example.com", "other", ED, canonical=form), "example.com", "s1", RSA, canonical=form[::-1]
        )
        yield f"twice {name}", Case(twice, zone)


SIGNINGS = dict(signings())

# ------------------------------------------------------------------ what happens to it afterwards


def bytes_changed(change: Callable[[bytes], bytes]) -> Callable[[Case], Case]:
    return lambda case: replace(case, message=change(case.message))


def swapped(old: bytes, new: bytes) -> Callable[[Case], Case]:
    def change(message: bytes) -> bytes:
        assert old in message
        return message.replace(old, new)

    return bytes_changed(change)


def on_top(line: bytes) -> Callable[[Case], Case]:
    return bytes_changed(lambda message: line + message)


def in_block(line: bytes) -> Callable[[Case], Case]:
    """The line put below the last header field."""
    return bytes_changed(lambda message: message.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n", 1))


def in_signature(pattern: bytes, new: bytes) -> Callable[[Case], Case]:
    """A regular expression replaced in each DKIM-Signature field."""

    def change(message: bytes) -> bytes:
        field = re.compile(rb"DKIM-Signature:(?:[^\n]|\n[ \t])*")
        return field.sub(lambda match: re.sub(pattern, new, match[0], count=1), message)

    return bytes_changed(change)


def records_changed(change: Callable[[bytes], bytes | None]) -> Callable[[Case], Case]:
    def changed(case: Case) -> Case:
        records = {name: change(txt) for name, txt in case.zone.items()}
        return replace(case, zone={name: txt for name, txt in records.items() if txt is not None})

    return changed


def record_swapped(pattern: bytes, new: bytes) -> Callable[[Case], Case]:
    return records_changed(lambda txt: re.sub(pattern, new, txt))


def moved_to_top(name: bytes) -> Callable[[Case], Case]:
    def change(message: bytes) -> bytes:
        field = re.search(rb"^" + name + rb":(?:[^\n]|\n[ \t])*\n", message, re.MULTILINE)
        assert field
        return field[0] + message[: field.start()] + message[field.end() :]

    return bytes_changed(change)


def fields_reordered(order: Callable[[list[bytes]], list[bytes]]) -> Callable[[Case], Case]:
    def change(message: bytes) -> bytes:
        head, blank, body = message.partition(b"\r\n\r\n")
        fields = re.findall(rb"[^\n]*\n(?:[ \t][^\n]*\n)*", head + b"\r\n")
        return b"".join(order(fields)) + blank[2:] + body

    return bytes_changed(change)


def one_name_reversed(name: bytes) -> Callable[[list[bytes]], list[bytes]]:
    """The fields of that name in each other's places; all others stay."""

    def order(fields: list[bytes]) -> list[bytes]:
        named = [each for each in fields if each.startswith(name + b":")]
        return [named.pop() if each.startswith(name + b":") else each for each in fields]

    return order


def bare_rsa_key(txt: bytes) -> bytes:
    """The key without its SubjectPublicKeyInfo wrapping, which RFC 6376 §3.6.1 first asked for by mistake."""
    head, _, encoded = txt.rpartition(b"p=")
    if b"k=rsa" not in txt:
        return txt
    der = load_der_public_key(b64decode(encoded)).public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return head + b"p=" + b64encode(der)


AFTER: dict[str, Callable[[Case], Case]] = {
    "nothing": lambda case: case,
    "spoofed From on top": on_top(b"From: Bank <security@bank.example>\r\n"),
    "spoofed From below": in_block(b"From: Bank <security@bank.example>\r\n"),
    "two spoofed From": on_top(b"From: a@bank.example\r\nfrom: b@bank.example\r\n"),
    "From removed": swapped(b"From: Shop <news@example.com>\r\n", b""),
    "second Subject on top": on_top(b"Subject: Spoofed\r\n"),
    "second Subject below": in_block(b"Subject: Spoofed\r\n"),
    "second To on top": on_top(b"To: other@example.net\r\n"),
    "Subject changed": swapped(b"Subject: A", b"Subject: B"),
    "To redacted": swapped(b"reader@example.net", b"redacted@example.net"),
    "unsigned field changed": swapped(b"with ESMTP", b"with SMTP"),
    "unsigned field added": on_top(b"X-Spam: yes\r\n"),
    "field name in other case": swapped(b"Subject:", b"SUBJECT:"),
    "value in other case": swapped(b"Shop", b"SHOP"),
    "blanks behind the colon": swapped(b"Date: ", b"Date:   "),
    "no blank behind the colon": swapped(b"Date: ", b"Date:"),
    "field refolded": swapped(b"Subject: A   folded\r\n subject", b"Subject: A folded subject"),
    "field folded with a tab": swapped(b"Mon, 2 Mar 2026", b"Mon,\r\n\t2 Mar 2026"),
    "word split by folding": swapped(b"news@example.com>", b"news@exam\r\n ple.com>"),
    "Subject moved to the top": moved_to_top(b"Subject"),
    "From moved to the top": moved_to_top(b"From"),
    "signature moved below": bytes_changed(
        lambda message: message[message.index(b"\r\nReceived") + 2 :].replace(
            b"\r\n\r\n", b"\r\n" + message[: message.index(b"\r\nReceived") + 2] + b"\r\n", 1
        )
    ),
    "fields in reverse order": fields_reordered(lambda fields: fields[::-1]),
    "fields in the order of the alphabet": fields_reordered(sorted),
    "fields of one name in reverse order": fields_reordered(one_name_reversed(b"X-Hop")),
    "signatures in reverse order": fields_reordered(one_name_reversed(b"DKIM-Signature")),
    "third field of a name on top": on_top(b"X-Hop: mx.example.net\r\n"),
    "third field of a name below": in_block(b"X-Hop: mx.example.net\r\n"),
    "mailbox line on top": on_top(b"From someone Mon Mar  2 10:00:00 2026\r\n"),
    "line without a colon": in_block(b"no header field at all\r\n"),
    "8-bit field name": in_block(b"X-\xc3\xa9: 1\r\n"),
    "folded line first": on_top(b" folded: yes\r\n"),
    "obsolete blank before the colon": in_block(b"X-Old : 1\r\n"),
    "field without a name": in_block(b":nameless: 1\r\n"),
    "bare LF": bytes_changed(lambda message: message.replace(b"\r\n", b"\n")),
    "bare LF in the header only": bytes_changed(
        lambda message: (
            message.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n") + b"\n\n" + message.partition(b"\r\n\r\n")[2]
        )
    ),
    "bare LF in the body only": swapped(b"reader. \r\n", b"reader. \n"),
    "bare CR throughout": bytes_changed(lambda message: message.replace(b"\r\n", b"\r")),
    "bare CR in the body": swapped(b"reader. \r\n", b"reader. \r"),
    "CR CR LF in the body": swapped(b"reader. \r\n", b"reader. \r\r\n"),
    "body changed": swapped(b"  reader.", b"  writer."),
    "body in other case": swapped(b"Hello", b"HELLO"),
    "body emptied": bytes_changed(lambda message: message[: message.index(b"\r\n\r\n") + 4]),
    "body and blank line cut": bytes_changed(lambda message: message[: message.index(b"\r\n\r\n") + 2]),
    "body appended": bytes_changed(lambda message: message + b"Buy now\r\n"),
    "empty lines appended": bytes_changed(lambda message: message + b"\r\n\r\n\r\n"),
    "empty lines cut": bytes_changed(lambda message: message.rstrip(b"\r\n") + b"\r\n"),
    "last line end cut": bytes_changed(lambda message: message.rstrip(b"\r\n")),
    "blanks at line ends cut": swapped(b"reader. \r\n", b"reader.\r\n"),
    "blanks squeezed in the body": swapped(b"Hello,  reader", b"Hello, reader"),
    "blank removed from the body": swapped(b"Second  line", b"Secondline"),
    "leading blank removed from the body": swapped(b"\tSecond", b"Second"),
    "duplicate tag": in_signature(rb" q=dns/txt;", b" q=dns/txt; q=dns/txt;"),
    "tag without a value": in_signature(rb" q=dns/txt;", b" q=dns/txt; hello;"),
    "empty tag": in_signature(rb" q=dns/txt;", b" q=dns/txt;;"),
    "junk tag list": in_signature(rb"(?s):.*\r\n", b": ...\r\n"),
    "signature emptied": in_signature(rb"(?s) b=.*", b" b=\r"),
    "signature without b=": in_signature(rb"(?s)\s*b=.*", b"\r"),
    "b= is not base64": in_signature(rb" b=..", b" b=!!"),
    "b= of another length": in_signature(rb" b=....", b" b="),
    "b= of another value": in_signature(rb" b=....", b" b=AAAA"),
    "b= folded again": in_signature(rb" b=(....)", rb" b=\1\r\n\t "),
    "semicolon at the end": bytes_changed(
        lambda message: re.sub(rb"(DKIM-Signature:(?:[^\n]|\n[ \t])*)\r\n", rb"\1;\r\n", message)
    ),
    "blanks at the signature's end": bytes_changed(
        lambda message: re.sub(rb"(DKIM-Signature:(?:[^\n]|\n[ \t])*)\r\n", rb"\1 \t\r\n", message)
    ),
    "bh= of another value": in_signature(rb"bh=....", b"bh=AAAA"),
    "bh= is not base64": in_signature(rb"bh=....", b"bh=!!!!"),
    "d= of somebody else": in_signature(rb"d=example\.com", b"d=example.net"),
    "d= with a blank": in_signature(rb"d=example\.com", b"d=example. com"),
    "d= in capitals": in_signature(rb"d=example\.com", b"d=EXAMPLE.com"),
    "tag appended": in_signature(rb"; b=", b"; zz=1; b="),
    "v=2": in_signature(rb"v=1", b"v=2"),
    "a= unknown": in_signature(rb"-sha256", b"-sha512"),
    "a= in capitals": in_signature(rb"a=(rsa|ed25519)", b"a=RSA"),
    "c= unknown": in_signature(rb"c=(relaxed|simple)", b"c=nofws"),
    "no key": records_changed(lambda txt: None),
    "key revoked": record_swapped(rb"p=.*", b"p="),
    "key without p=": record_swapped(rb"p=.*", b""),
    "key record empty": records_changed(lambda txt: b""),
    "key record of other text": records_changed(lambda txt: b"verification=1234"),
    "key of somebody else": records_changed(
        lambda txt: record(ed25519_pair(1) if b"ed25519" in txt else key_pair(1024, 1)).encode()
    ),
    "key of the other kind": record_swapped(rb"k=(rsa|ed25519).*", b"k=ed25519; p=" + b64encode(bytes(range(32)))),
    "key cut": record_swapped(rb"(p=.{20}).*", rb"\1"),
    "key not base64": record_swapped(rb"p=.", b"p=!"),
    "key with blanks": record_swapped(rb"(p=.{10})", rb"\1 \t "),
    "key bare of its wrapping": records_changed(bare_rsa_key),
    "key of an unknown kind": record_swapped(rb"k=(rsa|ed25519)", b"k=dsa"),
    "key of another version": record_swapped(rb"v=DKIM1", b"v=DKIM2"),
    "key record without v=": record_swapped(rb"v=DKIM1; ", b""),
    "key record with a tag twice": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; n=1; n=2; "),
    "key record with junk": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; junk; "),
    "key for another service": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; s=chat; "),
    "key for e-mail": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; s=email; "),
    "key for e-mail and more": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; s=chat:email; "),
    "key for TLS reports": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; s=tlsrpt; "),
    "key for sha256": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; h=sha1:sha256; "),
    "key for sha1 only": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; h=sha1; "),
    "key for tests": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; t=y; "),
    "strict key": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; t=y:s; "),
    "key with the old g=": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; g=nobody; "),
    "tag name of the key is malformed": record_swapped(rb"v=DKIM1; ", b"v=DKIM1; a-b=1; "),
}
