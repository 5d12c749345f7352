"""Changes of form that mail suffers on its way into a report, undone (bytes, pure).

Under c=relaxed neither folding nor the case of field names counts, and the order of fields matters only where a
signed name repeats. Under c=simple all of it does (RFC 6376 §3.4.1), and the folding that was is not written down:
the usual ones are tried.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from itertools import product

from app.mail.dkim.canonical import CRLF, Changed, Field, Letter
from app.values import dataclass

_FOLD = re.compile(rb"\r\n[ \t]++")
_FOLDS: tuple[tuple[bytes, str], ...] = (
    (b" ", "joined again"),
    (b"\r\n ", "folded with one blank"),
    (b"\r\n\t", "folded with a tab"),
    (b"\r\n        ", "folded with eight blanks"),
)
_QUOTED_FROM = re.compile(rb"^>(?=>*+From )", re.MULTILINE)
_PLAIN_FROM = re.compile(rb"^(?=>*+From )", re.MULTILINE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\r\n]++\Z")
_IS_BASE64 = re.compile(rb"\s*+base64\s*+\Z", re.IGNORECASE)
_CAPITALS = {
    b"message-id": b"Message-ID",
    b"mime-version": b"MIME-Version",
    b"dkim-signature": b"DKIM-Signature",
    b"list-id": b"List-ID",
    b"feedback-id": b"Feedback-ID",
    b"cfbl-feedback-id": b"CFBL-Feedback-ID",
}
_LINE = 57  # bytes that make a base64 line of 76 characters (RFC 2045 §6.8)


@dataclass(frozen=True, slots=True)
class Shape:
    """One way the header fields may have been formed, applied to fields that are given."""

    repeats: tuple[bytes, ...] = ()
    names: tuple[bytes, ...] = ()
    fold: bytes | None = None
    own_fold: bytes | None = None
    steps: tuple[str, ...] = field(default=())

    def of(self, name: bytes, fields: Sequence[Field]) -> list[Field]:
        """The fields under `name` (lower case) in this shape."""
        spelled = next((each for each in self.names if each.lower() == name), None)
        fold = self.own_fold if name == b"dkim-signature" else self.fold
        shaped = [_spelled(_folded(each, fold), spelled) for each in fields]
        return shaped[::-1] if name in self.repeats else shaped


def relaxed_shapes(letter: Letter, signed: Sequence[bytes]) -> Iterator[Shape]:
    """Repeated fields from the top down instead of from the bottom up: somebody sorted or moved them."""
    repeats = tuple(name for name in dict.fromkeys(signed) if len(letter.fields.get(name, ())) > 1)
    if repeats:
        yield Shape(repeats=repeats, steps=("Fields that repeat were put in their earlier order.",))


def simple_shapes(letter: Letter, signed: Sequence[bytes], names: Sequence[bytes]) -> Iterator[Shape]:
    """Other orders, foldings and spellings, those likelier first. names: h= as it is spelled."""
    orders = [Shape(), *relaxed_shapes(letter, signed)]
    spellings = [(), *_spellings(letter, names)]
    for fold, own_fold in sorted(product((None, *_FOLDS), repeat=2), key=lambda pair: pair[0] != pair[1]):
        for order, spelled in product(orders, spellings):
            if fold or own_fold or order.repeats or spelled:
                yield Shape(
                    order.repeats,
                    spelled,
                    fold[0] if fold else None,
                    own_fold[0] if own_fold else None,
                    (*order.steps, *_fold_steps(fold, own_fold), *_spelling_steps(spelled)),
                )


def shaped(shape: Shape, letter: Letter, signed: Sequence[bytes], changed: Changed) -> Changed:
    """The signed fields and the signatures in this shape; `changed` counts before the letter's own."""
    names = dict.fromkeys((*signed, b"dkim-signature"))
    given = {name: changed[name] if name in changed else letter.fields.get(name, []) for name in names}
    return {name: shape.of(name, fields) for name, fields in given.items() if fields}


def body_shapes(body: bytes, encoding: bytes) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """The body with quoting, doubled line ends and base64 lines as they may have been, where that changes it.

    encoding: Content-Transfer-Encoding of the message.
    """
    for change, step in _BODY_CHANGES:
        other = change(body)
        if other != body:
            yield other, (step,)
    if _IS_BASE64.match(encoding):
        other = _base64_lines(body)
        if other != body:
            yield other, ("The base64 lines of the body were brought to 76 characters.",)


def _folded(each: Field, fold: bytes | None) -> Field:
    """The field with its folds made `fold`; one right behind the colon goes, as no signer makes it."""
    if fold is None or CRLF not in each.value:
        return each
    first = _FOLD.match(each.value)
    value = b" " + each.value[first.end() :] if first else each.value
    return each._replace(value=_FOLD.sub(fold, value))


def _spelled(each: Field, name: bytes | None) -> Field:
    return each if name is None else each._replace(name=name)


def _spellings(letter: Letter, names: Sequence[bytes]) -> Iterator[tuple[bytes, ...]]:
    """h= where it spells names as they were, else each name with capitals; none where they stand so already."""
    stand = {each.name for fields in letter.fields.values() for each in fields}
    capitals = tuple(_CAPITALS.get(name.lower(), name.title()) for name in (*names, b"DKIM-Signature"))
    as_signed = () if all(name.islower() for name in names) else (*names, b"DKIM-Signature")
    for some in filter(None, (as_signed, capitals)):
        if any(name.lower() in letter.fields and name not in stand for name in some):
            yield some


def _fold_steps(fold: tuple[bytes, str] | None, own_fold: tuple[bytes, str] | None) -> tuple[str, ...]:
    steps = [f"The lines of signed fields were {fold[1]}."] if fold else []
    return (*steps, *([f"The lines of the signature field were {own_fold[1]}."] if own_fold else []))


def _spelling_steps(names: tuple[bytes, ...]) -> tuple[str, ...]:
    return ("Field names were spelled as they were signed.",) if names else ()


def _unquoted(body: bytes) -> bytes:
    return _QUOTED_FROM.sub(b"", body) if b">From " in body else body


def _quoted(body: bytes) -> bytes:
    return _PLAIN_FROM.sub(b">", body) if b"From " in body else body


def _single_line_ends(body: bytes) -> bytes:
    return body.replace(b"\r\r\n", CRLF)


_BODY_CHANGES: tuple[tuple[Callable[[bytes], bytes], str], ...] = (
    (_unquoted, "The quoting of lines that start with From was taken out."),
    (_quoted, "Lines that start with From were quoted again."),
    (_single_line_ends, "Doubled line ends were made single."),
)


def _base64_lines(body: bytes) -> bytes:
    """The same base64 text in lines of 76 characters; as it is where it is none."""
    if not _BASE64.match(body):
        return body
    try:
        plain = a2b_base64(body)
    except Error:
        return body
    lines = [b2a_base64(plain[at : at + _LINE], newline=False) for at in range(0, len(plain), _LINE)]
    return b"".join([line + CRLF for line in lines])
