"""The other shapes: Microsoft old and new, Amazon SES, CFBL, authentication failures, what a gateway recoded."""

from __future__ import annotations

import base64
import random
import re

from .mails import HOST, Mail, written
from .shape import Made, arf, folded, head, made, outer, stamp, truth
from .truth import Answer

TYPES = ("abuse", "fraud", "virus", "other", "not-spam")


def tencent(given: Mail, chance: random.Random) -> Made:
    fields = (
        f"Feedback-Type: abuse\r\nUser-Agent: mail.qq.com\r\nVersion: 1\r\nOriginal-Rcpt-To: {given.recipient}\r\n"
        f"Arrival-Date: {written(given.arrived, chance)}\r\nSource-IP: {given.ip}\r\n"
    )
    return made(given, given.raw, fields, more=_usual(given))


def _usual(given: Mail) -> Answer:
    return {"recipients": [given.recipient], "arrived": stamp(given), "ip": given.ip}


def old_jmrp(given: Mail, _: random.Random) -> Made:
    """No feedback part: the address in the subject, the recipient in a field of Microsoft's, To emptied."""
    original = re.sub(rb"\r\nTo: [^\r]*", b"\r\nTo: <>", given.raw)
    original = f"X-HmXmrOriginalRecipient: <{given.recipient}>\r\n".encode() + original
    return _complaint(given, original, "staff@hotmail.com")


def amazon(given: Mail, _: random.Random) -> Made:
    """The same shape from Amazon SES, with nothing of Microsoft's in it."""
    return _complaint(given, given.raw, "complaints@email-abuse.amazonses.com")


def _complaint(given: Mail, original: bytes, sender: str) -> Made:
    subject = f"complaint about message from {given.ip}"
    start = outer(subject, 'multipart/mixed; boundary="=_jm"', sender)
    report = start + b"--=_jm\r\nContent-Type: message/rfc822\r\n\r\n" + original + b"\r\n--=_jm--\r\n"
    return report, truth(given, original, {"recipients": [given.recipient], "ip": given.ip})


def new_jmrp(given: Mail, _: random.Random) -> Made:
    """Three fields and the reported header; the address stands in the checks that Microsoft wrote into it."""
    checks = (
        f"Authentication-Results: spf=pass (sender IP is {given.ip})\r\n smtp.mailfrom={given.own_domain}\r\n"
        f"Received-SPF: Pass (protection.outlook.com: domain of {given.own_domain} designates\r\n {given.ip} as"
        f" permitted sender) receiver=protection.outlook.com; client-ip={given.ip};\r\n helo=out.relay.example;\r\n"
    )
    original = checks.encode() + re.sub(rb"\r\nTo: [^\r]*", b"\r\nTo: <redacted>", head(given.raw))
    original = re.sub(rb"\r\n\tfor <[^>]*>", b"", original)
    fields = "Feedback-Type: abuse\r\nUser-Agent: JMRP/1.0\r\nVersion: 1\r\n"
    return made(given, original, fields, form="text/rfc822-headers", more={"ip": given.ip})


def cfbl(given: Mail, chance: random.Random) -> Made:
    """The least that RFC 9477 lets a report hold: two header lines of the reported mail."""
    original = f"Message-ID: <{given.message_id}>\r\nCFBL-Feedback-ID: 111:222:333\r\n".encode()
    report = arf(_cfbl_fields(given, chance), ("text/rfc822-headers", original))
    said = truth(given, original, {"arrived": stamp(given), "ip": given.ip})
    return report, {name: value for name, value in said.items() if name not in ("from", "subject")}


def cfbl_whole(given: Mail, chance: random.Random) -> Made:
    """As the reference reporter sends it: the type of the whole mail is one that nobody registered."""
    own = f"CFBL-Address: fbl@{given.own_domain}; report=arf\r\nCFBL-Feedback-ID: 111:222:333\r\n".encode()
    more = {"arrived": stamp(given), "ip": given.ip, "recipients": [given.recipient]}
    return made(given, own + given.raw, _cfbl_fields(given, chance), form="text/rfc822", more=more)


def _cfbl_fields(given: Mail, chance: random.Random) -> str:
    return (
        f"Feedback-Type: abuse\r\nUser-Agent: cfbl/1.0\r\nVersion: 1\r\nSource-IP: {given.ip}\r\n"
        f"Original-Mail-From: <{given.bounce}>\r\nArrival-Date: {written(given.arrived, chance)}\r\n"
    )


def every_field(given: Mail, chance: random.Random) -> Made:
    """RFC 5965 §3 in full: repeated and folded fields, comments, the null sender now and then, every type."""
    kind = chance.choice(TYPES)
    readers = [given.recipient, *(f"reader{each}@{HOST}" for each in range(chance.randrange(1, 7)))]
    domains = [given.own_domain, f"link.{given.own_domain}"]
    sender = chance.choice((given.bounce, ""))
    results = f"mx.{HOST}; spf=fail smtp.mailfrom={given.own_domain}; dkim=pass header.d={given.own_domain}"
    fields = (
        f"Feedback-Type: {kind}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n"
        f"Source-IP: {given.ip} (out.relay.example)\r\nOriginal-Mail-From: <{sender}>\r\n"
        + "".join(f"Original-Rcpt-To: <{each}>\r\n" for each in readers)
        + "".join(f"Reported-Domain: {each}\r\n" for each in domains)
        + f"Arrival-Date:\r\n {written(given.arrived, chance)}\r\nReporting-MTA: dns; mx.{HOST}\r\n"
        f"Authentication-Results: {folded(results)}\r\nReported-URI: https://{given.own_domain}/\r\nIncidents: 3\r\n"
    )
    more = {"type": kind, "recipients": readers, "domains": domains, "mail_from": sender, "results": [results]}
    return made(given, given.raw, fields, more={**_usual(given), **more})


def auth_failure(given: Mail, chance: random.Random) -> Made:
    """RFC 6591 and 9991, the header of the failing mail alone."""
    return made(
        given,
        head(given.raw),
        _failure(given, chance, folded(_results(given))),
        form="text/rfc822-headers",
        more=_failed(given),
    )


def recoded(given: Mail, chance: random.Random) -> Made:
    """An authentication failure whose parts became base64 in a multipart/mixed on the way through Exchange."""
    fields = _failure(given, chance, _results(given))
    return arf(fields, ("message/rfc822", given.raw), encoded=True), truth(given, given.raw, _failed(given))


def _results(given: Mail) -> str:
    return f"mx.{HOST}; dmarc=fail header.from={given.own_domain}; spf=softfail smtp.mailfrom={given.own_domain}"


def _failed(given: Mail) -> Answer:
    more = {"type": "auth-failure", "domains": [given.own_domain], "results": [_results(given)]}
    return {**_usual(given), **more}


def _failure(given: Mail, chance: random.Random, results: str) -> str:
    canonical = base64.b64encode(chance.randbytes(300)).decode()
    return (
        f"Feedback-Type: auth-failure\r\nUser-Agent: NtesDmarcReporter/1.0\r\nVersion: 1\r\n"
        f"Original-Mail-From: <{given.bounce}>\r\nOriginal-Rcpt-To: <{given.recipient}>\r\n"
        f"Arrival-Date: {written(given.arrived, chance)}\r\nSource-IP: {given.ip}\r\n"
        f"Reported-Domain: {given.own_domain}\r\nAuthentication-Results: {results}\r\nAuth-Failure: dmarc\r\n"
        f"Delivery-Result: delivered\r\nIdentity-Alignment: none\r\nDKIM-Canonicalized-Body: {canonical}\r\n"
    )


def two_mails(given: Mail, chance: random.Random) -> Made:
    """Two reported mails, against the letter of the RFC: which is which is not asked."""
    fields = (
        f"Feedback-Type: abuse\r\nUser-Agent: Digest/1.0\r\nVersion: 1\r\nSource-IP: {given.ip}\r\n"
        f"Original-Rcpt-To: {given.recipient}\r\nArrival-Date: {written(given.arrived, chance)}\r\n"
    )
    second = given.raw.replace(given.message_id.encode(), b"2." + given.message_id.encode())
    report = arf(fields, ("message/rfc822", given.raw), ("message/rfc822", second))
    return report, {"type": "abuse", **_usual(given), "count": 2}
