"""Received fields of real servers' shapes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.domain import Hop
from app.mail.fields import received
from app.mail.fields.received import hops, ip_in, read_hop, reception

STAMP = "Tue, 3 Nov 2026 12:00:00 +0000"
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"from a.example (a.example [203.0.113.9]) by mx.test (Postfix) with ESMTPS id 4Q for <u@mx.test>;"
            f" {STAMP}",
            ("a.example", "203.0.113.9", "mx.test", "ESMTPS", "4Q", "u@mx.test"),
        ),
        (
            f"from unknown (HELO a.example) (203.0.113.9) by mx.test with SMTP; {STAMP}",
            ("unknown", "203.0.113.9", "mx.test", "SMTP", None, None),
        ),
        (
            f"from [203.0.113.9] (helo=a.example) by mx.test with esmtp (Exim 4.98) (envelope-from <x@y.example>)"
            f" id 1u-2 for u@mx.test; {STAMP}",
            ("[203.0.113.9]", "203.0.113.9", "mx.test", "esmtp", "1u-2", "u@mx.test"),
        ),
        (
            f"from a.example ([IPv6:2001:db8::1]:2202) (using TLSv1.3 with cipher X (256/256 bits)) by mx.test with"
            f" LMTP; {STAMP}",
            ("a.example", "2001:db8::1", "mx.test", "LMTP", None, None),
        ),
        (
            f"from A.prod.test (2001:db8::2) by B.prod.test with Microsoft SMTP Server (version=TLS1_2, id 9) id"
            f" 15.20.1; {STAMP}",
            ("A.prod.test", "2001:db8::2", "B.prod.test", "SMTP", "15.20.1", None),
        ),
        (
            f"from a.example [203.0.113.9] by mx.test[192.0.2.1] with POP3; {STAMP}",
            ("a.example", "203.0.113.9", "mx.test", "POP3", None, None),
        ),
        (f"(qmail 13 invoked from network); {STAMP}", (None, None, None, None, None, None)),
        (f"by mx.test (Postfix, from userid 5) id 4Q; {STAMP}", (None, None, "mx.test", None, "4Q", None)),
        (
            f"from [::ffff:203.0.113.9] (unknown [127.0.0.1]) by mx.test; {STAMP}",
            ("[::ffff:203.0.113.9]", "127.0.0.1", "mx.test", None, None, None),
        ),
        (
            f"from a.example ([203.0.113.9:51234] helo=a.example) by mx.test with ESMTP; {STAMP}",
            ("a.example", "203.0.113.9", "mx.test", "ESMTP", None, None),
        ),
        (
            f"from [10.0.0.75] ([203.0.113.9:7751] helo=a.example) by mx.test (envelope-from <x@y.example>)"
            f" (ecelerity 3.6.25 r(Core:3.6.25.0)) with ESMTPS id 99/B7-0; {STAMP}",
            ("[10.0.0.75]", "203.0.113.9", "mx.test", "ESMTPS", "99/B7-0", None),
        ),
        (
            f"from unknown (HELO a.example) (u@203.0.113.9:2525)  by  with ESMTPA; {STAMP}",
            ("unknown", "203.0.113.9", None, "ESMTPA", None, None),
        ),
    ],
)
def test_a_received_field_is_taken_apart(text: str, expected: tuple[str | None, ...]) -> None:
    hop = read_hop(text)
    assert (hop.from_host, hop.from_ip, hop.by_host, hop.protocol, hop.queue_id, hop.for_address) == expected
    assert hop.at == NOON
    assert hop.text == text


def test_the_time_is_found_without_a_semicolon_too() -> None:
    assert read_hop("from a.example by mx.test on Tue, 3 Nov 2026 12:00:00 Z").at == NOON


@pytest.mark.parametrize(
    ("text", "ip"),
    [
        ("[203.0.113.9]", "203.0.113.9"),
        ("IPv6:2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:25", "203.0.113.9"),
        ("(203.0.113.9:51234)", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:25", "203.0.113.9"),
        ("::ffff:203.0.113.9:25", "203.0.113.9"),
        ("[2001:db8::1]:25", "2001:db8::1"),
        ("2001:db8::1:25", "2001:db8::1:25"),
        ("203.0.113.9:123456", None),
        ("203.0.113.9:ab", None),
        ("version 1.2.3", None),
        ("999.1.1.1", None),
        ("at 12:30:00", None),
    ],
)
def test_an_address_is_found_in_its_canonical_form(text: str, ip: str | None) -> None:
    assert ip_in(text) == ip


def test_the_reception_is_the_topmost_stamp_that_can_be_true() -> None:
    chain = [Hop("future", at=NOON + timedelta(days=9)), Hop("none"), Hop("real", at=NOON), Hop("older", at=NOON)]
    assert reception(chain, latest=NOON + timedelta(days=2)) == NOON
    assert reception([Hop("epoch", at=datetime(1970, 1, 1, tzinfo=UTC))]) is None


@pytest.mark.parametrize("protocol", ["IMAP4", "IMAP", "POP3", "pop3s"])
def test_fetching_a_mail_out_of_its_mailbox_is_not_its_reception(protocol: str) -> None:
    fetched = Hop("fetched", protocol=protocol, at=NOON + timedelta(hours=9))

    assert reception([fetched, Hop("real", protocol="LMTP", at=NOON)]) == NOON
    assert reception([fetched]) == NOON + timedelta(hours=9)


def test_a_chain_is_read_up_to_its_limit() -> None:
    assert len(hops([f"by mx.test; {STAMP}"] * 100)) == 60


def one_of(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words)


comments = one_of(
    "",
    " (Postfix)",
    " (a.example [203.0.113.9])",
    " ([IPv6:2001:db8::1]:25)",
    " ([203.0.113.9:25])",
    " (TLS (256/256)) (x; y)",
    " (",
)
clauses = st.tuples(
    one_of("from a.example", "from [203.0.113.9]", "from a", "from [", "from 07:", "")
    | st.just("from ünder.example"),
    comments,
    one_of(" by mx.test", "by mx.test", " by 2001:db8::2", " by <x@y.example>", " BY mx.test", ""),
    comments,
    one_of(
        " with ESMTPS", " with Microsoft SMTP Server", " with Microsoft SMTPSVC(6.0)", " with Microsoft", " via x", ""
    ),
    comments,
    one_of(" id 4Q", " id 15.20.1 via Frontend Transport", " id <4Q>", " internal id 4Q", ""),
    comments,
    one_of(" for <u@mx.test>", " for u@mx.test", " for <redacted>", " for <>", " for <u@mx.test>, <v@mx.test>", ""),
    comments,
    one_of(f"; {STAMP}", f"; {STAMP} (CET)", f"; x; {STAMP}", f" on {STAMP}", ";", ""),
)


@given(clauses.map("".join))
def test_the_usual_shape_is_read_as_every_other(text: str) -> None:
    with patch.object(received, "_USUAL", re.compile("(?!)")):
        expected = read_hop(text)

    assert read_hop(text) == expected
