"""Opens what is sealed of reports."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from app.intake import store as rows
from app.intake.domain import Claimed
from app.mail.fields.address import addresses_in
from app.uow import Work


def opened(work: Work, reports: Sequence[rows.SealedReport]) -> list[Claimed]:
    """The reports in their order with raw message, reporter and words; empty where those are gone."""
    raws = rows.raw_of(work.session, [report.id for report in reports])
    keys = work.vault.open([*(report.id for report in reports), *(raw.id for raw in raws.values())])
    return [_claimed(work, report, raws.get(report.id), keys) for report in reports]


def _claimed(
    work: Work, report: rows.SealedReport, raw: rows.SealedRaw | None, keys: Mapping[UUID, bytes]
) -> Claimed:
    return Claimed(
        id=report.id,
        receipt=report.receipt,
        door=report.door,
        category=report.category,
        arrived_at=report.arrived_at,
        attempts=report.attempts,
        raw=unsealed_raw(work, raw, keys) or b"",
        reporter=unsealed(work, keys.get(report.id), f"report.reporter:{report.id}", report.reporter) or None,
        words=json.loads(unsealed(work, keys.get(report.id), f"report.words:{report.id}", report.words) or "{}"),
    )


def unsealed_raw(work: Work, raw: rows.SealedRaw | None, keys: Mapping[UUID, bytes]) -> bytes | None:
    """The bytes that arrived, None where they or their key are gone."""
    if raw is None or raw.id not in keys:
        return None
    return zlib.decompress(work.vault.unseal(keys[raw.id], f"raw_message.sealed:{raw.report_id}", raw.sealed))


def unsealed(work: Work, key: bytes | None, place: str, sealed: bytes | None) -> str:
    """The sealed text, empty where it or its key is gone."""
    return work.vault.unseal(key, place, sealed).decode() if key and sealed else ""


def addresses_told(reporter: str | None, words: Mapping[str, str] | None) -> frozenset[str]:
    """The addresses that a reporter gave in the form: the reporter's own and those in the words."""
    written = {address for text in (words or {}).values() for address in addresses_in(text)}
    return frozenset(written | ({reporter} if reporter else set()))
