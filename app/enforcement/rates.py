"""How sure a rate is (pure): the Wilson score interval, which holds for small numbers and rates near nothing.

E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927), pages 209 to 212.
No library: it is four lines, and a statistics package is fifty megabytes.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

SURE = 1.959963984540054
"""The normal quantile of an interval that holds the true rate in 95 of 100 cases."""


class Interval(NamedTuple):
    """Between what a rate most likely lies; both from 0 to 1."""

    low: float
    high: float


def wilson(some: int, many: int, quantile: float = SURE) -> Interval:
    """Between what the true rate lies where `some` of `many` were seen; from 0 to 1 where `many` is none.

    More than all count as all: complaints may come in later than the mail they are about was counted.
    """
    if many <= 0:
        return Interval(0.0, 1.0)
    part = min(max(some, 0), many) / many
    square = quantile * quantile
    middle = (part + square / (2 * many)) / (1 + square / many)
    half = quantile * sqrt(part * (1 - part) / many + square / (4 * many * many)) / (1 + square / many)
    # Rounding must not make of nothing a little: no complaint is no rate.
    low = 0.0 if part == 0 else max(0.0, middle - half)
    return Interval(low, 1.0 if part == 1 else min(1.0, middle + half))
