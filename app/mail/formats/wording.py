"""How lists of words by which mails are told become one pattern."""

from __future__ import annotations

import re


def any_of(*patterns: str) -> re.Pattern[str]:
    """One pattern for any of these, whatever the case."""
    return re.compile("|".join(patterns), re.IGNORECASE)
