"""Real reports that nobody here wrote, where ../shared/corpus is at hand, with the answers stated beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .truth import Answer, Report

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def real_reports() -> list[Report]:
    """The feedback reports of the corpus; none where it is not there.

    MANIFEST.json was made with Python's email package. Where it leaves room, nothing is asked: the first of two
    Message-IDs, which may be the mailbox provider's.
    """
    manifest = CORPUS / "MANIFEST.json"
    rows = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else []
    return [
        Report(row["file"].partition("/")[0], (CORPUS / row["file"]).read_bytes(), _truth(row))
        for row in rows
        if row["kind"].startswith("arf-") and row["kind"] != "arf-xarf"
    ]


def _truth(row: dict[str, Any]) -> Answer:
    said = {"type": row.get("ft"), "mail_from": row.get("omf"), "recipients": row.get("orcpt")}
    if row.get("src"):
        said["ip"] = row["src"].partition("(")[0]
    if row.get("orig_headers", {}).get("message-id") == 1:
        said["message_id"] = row.get("orig_mid")
    return {name: value for name, value in said.items() if value}
