"""Messages for the worksheet, written field by field."""

from __future__ import annotations

from dataclasses import replace

from app.compliance.domain import Facts, Line, Signed
from app.compliance.worksheet import worksheet
from app.mail.domain import Original
from app.mail.original import original_from

HEAD = {
    "From": "Shop <news@shop.example>",
    "To": "reader@home.test",
    "Subject": "Garden chairs",
    "MIME-Version": "1.0",
}
PLAIN = "We write to tell you about the chairs in our garden.\n"
SIGNED = Facts(signatures=(Signed("shop.example", ("from", "subject"), True),))
ONE_CLICK = {
    "List-Unsubscribe": "<https://shop.example/u?x=1>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
COVERED = Facts(
    signatures=(Signed("shop.example", ("from", "list-unsubscribe", "list-unsubscribe-post"), True),)
)  # fmt: skip


def letter(body: str = PLAIN, *, html: bool = False, **head: str | None) -> bytes:
    """A message; `Reply_To="x"` is the field Reply-To, None leaves one out, a line end within parts two fields."""
    given: dict[str, str | None] = {**HEAD, **{name.replace("_", "-"): value for name, value in head.items()}}
    given.setdefault("Content-Type", f"text/{'html' if html else 'plain'}; charset=utf-8")
    fields = [f"{name}: {one}" for name, value in given.items() if value is not None for one in value.split("\n")]
    return ("\r\n".join(fields) + "\r\n\r\n" + body.replace("\n", "\r\n")).encode()


def original(raw: bytes) -> Original:
    found = original_from(raw)
    assert found is not None
    return found


def line(rule: str, raw: bytes, facts: Facts | None = None, *, headers_only: bool = False) -> Line:
    """That line of the message's worksheet; its quotes are held against the message."""
    message = replace(original(raw), headers_only=headers_only) if headers_only else original(raw)
    (found,) = (each for each in worksheet(message, facts or Facts()).lines if each.rule == rule)
    for quote in found.quotes:
        assert message.raw[quote.offset : quote.offset + len(quote.raw)] == quote.raw
    return found
