"""What the mailbox reader decides: how much at a time, and how long to wait after a fault (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

MOST_UIDS = 2_000
"""UIDs in one command: Dovecot refuses a list of 19,000, and imaplib a line of more than a million bytes."""

MOST_MESSAGES = 100
MOST_BYTES = 32 * 1024 * 1024
"""What one batch holds in memory, but for its first message."""

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0


def windows(exists: int) -> list[str]:
    """Sequence sets that cover a folder of `exists` messages, MOST_UIDS in each (RFC 3501 §9).

    The last one is open: it has what came meanwhile too, and a small folder is searched as `1:*`, which also a
    server that takes the numbers of a UID SEARCH for UIDs answers in full.
    """
    firsts = range(1, exists + 1, MOST_UIDS)
    return [f"{first}:{'*' if first == firsts[-1] else first + MOST_UIDS - 1}" for first in firsts]


def split(uids: Sequence[int]) -> list[list[int]]:
    """The UIDs in their order, MOST_UIDS in each part."""
    return [list(uids[at : at + MOST_UIDS]) for at in range(0, len(uids), MOST_UIDS)]


def batches(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """UID → bytes in batches that one transaction takes: at most MOST_MESSAGES and MOST_BYTES, at least one."""
    batch: list[int] = []
    total = 0
    for uid, size in sizes.items():
        if batch and (len(batch) == MOST_MESSAGES or total + size > MOST_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(uid)
        total += size
    if batch:
        yield batch


def back_off(failures: int) -> float:
    """Seconds to wait after `failures` in a row, 1 or more: doubling from one second to a minute."""
    return float(min(FIRST_SECONDS * 2 ** min(failures - 1, 10), LONGEST_SECONDS))
