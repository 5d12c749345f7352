"""Every row of the shared corpus' manifest against what we say of the same bytes (`../shared/corpus`).

The manifest was made by machine from MIME types and names, so it has words that are not ours, and some that we
differ from: each of those is named here with its reason. 99 of 100 rows must agree.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from app.mail.domain import Kind, Reading
from app.mail.read import read, read_source
from tests.mail.inline import test_inline_corpus as inline

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not (CORPUS / "MANIFEST.json").is_file(), reason="the shared corpus is not here")

AGREEMENT = 0.99

SET_ASIDE = frozenset({Kind.BOUNCE, Kind.AUTO_REPLY, Kind.DMARC_AGGREGATE, Kind.TLS_RPT})
OURS = {
    "arf-abuse": frozenset({Kind.ARF}),
    "arf-auth-failure": frozenset({Kind.ARF}),
    "arf-opt-out": frozenset({Kind.ARF}),
    "arf-xarf": frozenset({Kind.XARF}),
    "jmrp-legacy": frozenset({Kind.JMRP}),
    "spamcop": frozenset({Kind.SPAMCOP}),
    "x-arf-v0.1/0.2 (PLAIN)": frozenset({Kind.X_ARF}),
    "x-arf-v0.1/0.2 (yes)": frozenset({Kind.X_ARF}),
    "forward-as-attachment-or-other": frozenset({Kind.FORWARDED}),
    "outlook-msg": frozenset({Kind.OUTLOOK_MSG}),
    "negative": SET_ASIDE,
    "inline-forward-body": frozenset({Kind.INLINE}),
    "inline-forward-subject": frozenset({Kind.INLINE}),
    # No report at all: somebody's mail. Notices are no kind of the manifest, so they stand here too.
    "message": frozenset({Kind.PERSON}),
}

NOTICES = (
    "AbuseIO+AbuseIO/abusehub/",
    "AbuseIO+AbuseIO/copyrightcompliance/",
    "AbuseIO+AbuseIO/cyscon/",
    "AbuseIO+AbuseIO/google/",
    "AbuseIO+AbuseIO/ip-echelon/",
    "AbuseIO+AbuseIO/projecthoneypot/",
    "AbuseIO+AbuseIO/shadowserver/",
    "AbuseIO+AbuseIO/webiron/",
    "gitpan+Mail-Abuse/mynet-",
)
"""What INDEX.md calls abuse notices other than feedback, and the manifest `message`: these are Kind.NOTICE."""

ARGUED = {
    "domainaware+parsedmarc/failure/exim_plain_text_only_no_arf_part.eml": (
        Kind.ARF,
        "An authentication failure in plain text, read as such by the peer itself; the manifest looks at MIME types.",
    ),
    "sisimai+set-of-emails/not-complaints/not-is-not-bounce-01.eml": (
        Kind.PERSON,
        "A person's mail, as its name says: no bounce. The manifest calls the whole folder negative.",
    ),
    "sisimai+set-of-emails/not-complaints/not-is-not-bounce-02.eml": (
        Kind.FORWARDED,
        "A person's mail with one attached: no bounce either.",
    ),
}


@lru_cache(maxsize=1)
def rows() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads((CORPUS / "MANIFEST.json").read_text()))


def told(row: dict[str, Any]) -> Reading:
    """The row's file read the way it is meant to be: as a mail, or as what makes it one."""
    path = CORPUS / row["file"]
    if row["kind"] == "inline-forward-body":
        return inline.reading(path)
    if row["kind"] == "inline-forward-subject":
        return read(
            f"From: forwarder@home.test\r\nSubject: {path.read_text().strip()}\r\n\r\n".encode() + body_of(path)
        )
    raw = path.read_bytes()
    # INDEX.md: these files have DNS records on top, and the mail behind a blank line.
    return read(raw.partition(b"\n\n")[2] if path.suffix == ".txt" and "stalwart" in row["file"] else raw)


def body_of(subject: Path) -> bytes:
    """A body of the same client and variant for a fixture that is a mail's subject, in whatever language there is."""
    client = re.sub(r"(?:_[a-z]{2}(?:_br)?)?_subject.*", "", subject.stem)
    bodies = sorted(subject.parent.glob(f"{client}*_body*.txt"))
    return next(each for each in bodies if inline.variant_of(each) == inline.variant_of(subject)).read_bytes()


def wanted(row: dict[str, Any]) -> frozenset[Kind]:
    if row["file"].startswith(NOTICES):
        return frozenset({Kind.NOTICE})
    # Variant 4 of a client is a reply, which quotes and forwards nothing.
    is_reply = row["kind"].startswith("inline-forward") and inline.variant_of(CORPUS / row["file"]) == inline.REPLY
    return frozenset({Kind.PERSON}) if is_reply else OURS[row["kind"]]


def agrees(row: dict[str, Any]) -> bool:
    found = told(row)
    said = row["kind"].partition("-")[2] if row["kind"].startswith("arf-") else None
    return found.kind in wanted(row) and said in (None, "xarf", found.feedback_type)


def test_every_kind_of_the_manifest_is_one_that_is_judged() -> None:
    assert {row["kind"] for row in rows()} == set(OURS)


def test_our_kind_agrees_with_the_manifest_but_where_it_is_argued() -> None:
    different = {row["file"] for row in rows() if not agrees(row)}

    assert different == {file for file in ARGUED if (CORPUS / file).exists()}
    assert 1 - len(different) / len(rows()) >= AGREEMENT


@pytest.mark.parametrize("file", ARGUED)
def test_where_we_differ_we_say_what_is_argued(file: str) -> None:
    kind, reason = ARGUED[file]
    assert reason
    assert read((CORPUS / file).read_bytes()).kind is kind


def test_a_bare_message_that_is_uploaded_is_the_reported_one() -> None:
    missing = []
    for row in rows():
        if row["kind"] != "message":
            continue
        found = read_source((CORPUS / row["file"]).read_bytes())
        if found.kind is not Kind.PERSON or len(found.originals) != 1:
            missing.append(row["file"])
    assert missing == []


def test_nothing_in_the_corpus_is_taken_for_a_notice_that_is_none() -> None:
    taken = {row["file"] for row in rows() if told(row).kind is Kind.NOTICE}
    assert all(file.startswith(NOTICES) for file in taken)
