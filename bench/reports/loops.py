"""The large feedback loops, each after the real samples that are known of it."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.factories.loops import hashed, refolded, sorted_fields, to_last

from .mails import HOST, Mail, written
from .shape import Made, arf, folded, head, made, masked, stamp, truth


def yahoo_1(given: Mail, chance: random.Random) -> Made:
    """In every second one a line of a mailbox file stands above the reported mail."""
    fields = (
        f"Feedback-Type: abuse\r\nUser-Agent: Yahoo!-Mail-Feedback/1.0\r\nVersion: 0.1\r\n"
        f"Original-Mail-From: <{given.bounce}>\r\nOriginal-Rcpt-To: {given.recipient}\r\n"
        f"Received-Date: {written(given.arrived, chance)}\r\nSource-IP: {given.ip}\r\n"
    )
    said = {"recipients": [given.recipient], "arrived": stamp(given), "ip": given.ip}
    line = b"" if chance.random() < 0.5 else b'>From "relay.example" Mon Jan 18 23:57:24 2026\r\n'
    return arf(fields, ("message/rfc822", line + given.raw)), truth(given, given.raw, said)


def yahoo_2(given: Mail, chance: random.Random) -> Made:
    results = f"mta1.{HOST}; dkim=pass header.i=@{given.own_domain}; spf=pass smtp.mailfrom={given.own_domain}"
    fields = (
        f"Feedback-Type: abuse\r\nUser-Agent: Yahoo!-Mail-Feedback/2.0\r\nVersion: 0.1\r\n"
        f"Original-Mail-From: <{given.bounce}>\r\nOriginal-Rcpt-To: {given.recipient}\r\nReceived-Date: "
        f"{written(given.arrived, chance)}\r\nReported-Domain: {given.own_domain}\r\nSource-IP: {given.ip}\r\n"
        f"Authentication-Results: {folded(results)}\r\n"
    )
    more = {"recipients": [given.recipient], "arrived": stamp(given), "ip": given.ip}
    own = f"X-Apparently-To: {given.recipient}\r\n".encode()
    return made(given, own + given.raw, fields, more={**more, "domains": [given.own_domain], "results": [results]})


def aol(given: Mail, chance: random.Random) -> Made:
    original, bounce = masked(given, "redacted")
    fields = (
        f"Feedback-Type: abuse\r\nUser-Agent: AOL SComp\r\nVersion: 0.1\r\nReceived-Date: "
        f"{written(given.arrived, chance)}\r\nSource-IP: {given.ip}\r\nReported-Domain: out.relay.example\r\n"
        "Redacted-Address: redacted\r\nRedacted-Address: redacted@\r\n"
    )
    more = {"mail_from": bounce, "arrived": stamp(given), "ip": given.ip, "domains": ["out.relay.example"]}
    return made(given, original, fields, more=more)


def validity_1(given: Mail, chance: random.Random) -> Made:
    return _validity_1(given, chance, to_last)


def comcast(given: Mail, chance: random.Random) -> Made:
    """The lines refolded with two blanks."""
    return _validity_1(given, chance, refolded)


def roadrunner(given: Mail, chance: random.Random) -> Made:
    """The fields in the order of the alphabet."""
    return _validity_1(given, chance, sorted_fields)


def cox(given: Mail, chance: random.Random) -> Made:
    """A Message-ID of the mailbox provider's own stands above the sender's."""
    return _validity_1(given, chance, lambda raw: b"Message-ID: <20151221.own@cox.example>\r\n" + raw)


def _validity_1(given: Mail, chance: random.Random, change: Callable[[bytes], bytes]) -> Made:
    """Order and names as ReturnPathFBL/1.0 has them; a hash in place of the recipient, sometimes behind a phrase."""
    mark = hashed(given.recipient)
    original, bounce = masked(given, mark)
    named = chance.choice((f"{mark}@{HOST}", f"undisclosed recipient <{mark}@{HOST}>"))
    fields = (
        f"User-Agent: ReturnPathFBL/1.0\r\nAbuse-Type: complaint\r\nFeedback-Type: abuse\r\n"
        f"Arrival-Date: {written(given.arrived, chance)}\r\nVersion: 1\r\nSource-IP: {given.ip}\r\n"
        f"Original-Rcpt-To: {named}\r\n"
        f"Original-Mail-From: {bounce}\r\nReported-Domain: {HOST}\r\nSource: Loop\r\n"
    )
    more = {"mail_from": bounce, "recipients": [f"{mark}@{HOST}"], "arrived": stamp(given)}
    return made(given, change(original), fields, more={**more, "ip": given.ip, "domains": [HOST]})


def validity_2(given: Mail, chance: random.Random) -> Made:
    mark = hashed(given.recipient)
    original, bounce = masked(given, mark)
    fields = (
        f"Source-Ip: {given.ip}\r\nAbuse-Type: complaint\r\nSubscription-Link: https://fbl.example/manage/1\r\n"
        f"Source: Loop\r\nFeedback-Type: {chance.choice(('abuse', 'Abuse'))}\r\nVersion: 1.0\r\n"
        f"User-Agent: ReturnPathFBL/2.0\r\nArrival-Date: {written(given.arrived, chance)}\r\n"
        f"Original-Mail-From: <{bounce}>\r\nOriginal-Rcpt-To: <{mark}@{HOST}>\r\n"
        f"Reported-Domain: {given.own_domain}\r\nReported-Uri: https://{given.own_domain}/\r\n"
    )
    more = {"mail_from": bounce, "recipients": [f"{mark}@{HOST}"], "arrived": stamp(given)}
    return made(given, original, fields, more={**more, "ip": given.ip, "domains": [given.own_domain]})


def zoho(given: Mail, chance: random.Random) -> Made:
    """The body cut, a return path of the mailbox provider's own above the sender's, no Original-* field."""
    original = (
        f"Delivered-To: {given.recipient}\r\nReturn-Path: <fwd@{HOST}>\r\n".encode() + head(given.raw) + b"\r\n"
    )
    fields = (
        "Feedback-Type: abuse\r\nUser-Agent: Zoho Mail\r\nVersion: 0.1\r\n"
        f"Received-Date: {written(given.arrived, chance)}\r\nSource-IP: {given.ip}\r\n"
    )
    more = {"recipients": [given.recipient], "arrived": stamp(given), "ip": given.ip}
    return made(given, original, fields, more=more)


def spamexperts(given: Mail, chance: random.Random) -> Made:
    """No blank line before the boundary; the login that sent the mail is among the results."""
    results = f"filter.example; auth=pass smtp.auth=mailer@{given.own_domain}"
    fields = (
        f"User-Agent: SpamExperts/88068\r\nVersion: 1\r\nOriginal-Envelope-Id: 1ZMXvl-000B9p-HH\r\n"
        f"Original-Mail-From: {given.bounce}\r\nArrival-Date: {written(given.arrived, chance)}\r\n"
        f"Source-IP: {given.ip}\r\nOriginal-Rcpt-To: <{given.recipient}>\r\nAuthentication-Results: {results}\r\n"
        "Feedback-Type: abuse\r\n"
    )
    more = {"recipients": [given.recipient], "arrived": stamp(given), "ip": given.ip, "results": [results]}
    return arf(fields, ("message/rfc822", given.raw), tight=True), truth(given, given.raw, more)
