"""The DKIM signatures of a message as the rules look at them: what each signs, and whether that holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.compliance.domain import Signed
from app.mail import limits
from app.mail.dkim.tags import Claim, claim
from app.mail.domain import Original
from app.mail.mime.head import read_head


def signatures(original: Original, held: Iterable[tuple[str, str]]) -> tuple[Signed, ...]:
    """Every signature with the fields it signs. held: (domain, selector) of those whose header hash holds.

    Where two signatures share both, neither counts as verified: which of them holds cannot be told.
    """
    verified = set(held)
    claims = list(_claims(original))[: limits.SIGNATURES]
    places = [(each.domain, each.selector) for each in claims]
    return tuple(
        Signed(each.domain, _names(each.signed), place in verified and places.count(place) == 1)
        for each, place in zip(claims, places, strict=True)
    )


def _claims(original: Original) -> Iterator[Claim]:
    head = read_head(original.raw, 0, len(original.raw))
    return (claim(field.raw) for field in head.fields if field.key == "dkim-signature")


def _names(signed: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(name.decode("utf-8", "replace") for name in signed)
