"""Which domains belong together: by organisational domain, from an installed public suffix list."""

from __future__ import annotations

import re
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,40}[\w-]{1,63}")


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def organisation(domain: str | None) -> str | None:
    """The organisational domain (`mail.shop.co.uk` gives `shop.co.uk`), None where there is none."""
    name = (domain or "").strip(" .").lower()
    if not _DOMAIN.fullmatch(name):
        return None
    found: str | None = _suffixes().privatesuffix(name)
    return found


def same_house(one: str | None, other: str | None) -> bool:
    """Whether two domains belong to the same organisation, as far as their names tell."""
    house = organisation(one)
    return house is not None and house == organisation(other)


@lru_cache(maxsize=1_024)
def is_top_level(name: str) -> bool:
    """Whether there is such a top-level domain, by the public suffix list; name: lower case, without a dot."""
    return _known().publicsuffix(f"x.{name}") is not None


@lru_cache(maxsize=1)
def _known() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
