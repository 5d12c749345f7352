"""How far down its path a mail is believed: what stands below a stranger's hop, the stranger may have written."""

from __future__ import annotations

import pytest

from app.attribution.domain import Verdict
from app.attribution.places import border
from app.mail.fields.received import hops
from app.senders.domain import IdentityKind
from tests.attribution.test_judge import BOX
from tests.attribution.test_not_fooled import AT, fact, judged

STRANGER = f"from mx.evil.test (mx.evil.test [203.0.113.9]) by mx.home.test; {AT}"
FROM_US = f"from out1.relay.test (out1.relay.test [198.51.100.7]) by mx.home.test; {AT}"
TO_US = f"from app (app [192.0.2.4]) (Authenticated sender: mailer) by out1.relay.test (Postfix) id AA; {AT}"
INNER = f"from mx.home.test (mx.home.test [10.1.2.3]) by store.home.test with LMTP; {AT}"
LARGE = (
    "from BN9PR03CA0001.namprd03.prod.outlook.com (2603:10b6:408:100::1)\r\n"
    " by BL0PR05MB1.namprd05.prod.outlook.com (2603:10b6:208:2f::2) with Microsoft SMTP\r\n"
    f" Server id 15.20; {AT}"
)


def source(*path: str) -> str:
    trace = "".join(f"Received: {line}\r\n" for line in path)
    return f"{trace}From: x@other.example\r\nSubject: s\r\n\r\nx\r\n"


@pytest.mark.parametrize(
    ("path", "sender"),
    [
        ([FROM_US, TO_US], "acme"),
        ([INNER, FROM_US, TO_US], "acme"),
        ([STRANGER, TO_US], None),
        ([INNER, STRANGER, FROM_US, TO_US], None),
    ],
)
def test_a_login_below_a_stranger_names_nobody_though_a_loop_shows_it(path: list[str], sender: str | None) -> None:
    said = judged(source(*path), fact("acme", IdentityKind.LOGIN, "mailer"), origin=BOX)

    assert (said.verdict, said.sender) == (Verdict.LIKELY if sender else Verdict.UNPROVEN, sender)


def test_servers_of_a_large_provider_that_write_their_addresses_are_one_house() -> None:
    said = judged(source(LARGE, FROM_US), fact("acme", IdentityKind.IP, "198.51.100.7"))

    assert (said.verdict, said.sender) == (Verdict.LIKELY, "acme")


@pytest.mark.parametrize(
    "line",
    [
        f"from mx2.home.test (unknown [203.0.113.9]) by mx.home.test (mx.home.test [192.0.2.1]); {AT}",
        f"from mx2.home.test (mx2.home.test [203.0.113.9]) by mx.home.test (Postfix) with ESMTP; {AT}",
        f"from by.home.test (203.0.113.9) by mx.home.test with SMTP; {AT}",
    ],
)
def test_a_client_that_greets_with_the_receivers_own_name_is_a_stranger_all_the_same(line: str) -> None:
    assert border(hops([line, FROM_US])) == 0
