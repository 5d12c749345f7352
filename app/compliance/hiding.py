"""Which elements of HTML source nobody sees, by their own style or a style sheet.

A style that an element hands on, such as the `font-size:0` by which columns are set without gaps, hides only where
nothing in the element says otherwise. Linear in the length: what looks through the text again and again is counted.
"""

from __future__ import annotations

import re

from app.compliance.styles import GONE, PALE, names_of, pale, sheets_of

_SILENT = re.compile(r"<(script|style|title|template)\b", re.IGNORECASE)
_STYLE = re.compile(r"<([A-Za-z]\w{0,20})\s(?:[^<>]{0,1000}?\s)??style\s{0,9}=\s{0,9}(\"[^\"<>]*+\"|'[^'<>]*+')")
_ELEMENT = re.compile(r"<([A-Za-z]\w{0,20})\s")
_TAG_CHARS = 2_000
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
"""Elements without an end (HTML §13.1.2)."""
_UNCLOSED = 20
"""Names of elements whose missing end is looked for: each look goes through all of the text."""
_LOOKED_AT = 2_000_000
"""Characters within elements that turn out to be seen; what comes after is taken for seen."""
_GROUND = re.compile(r"\bbackground|\bbgcolor", re.IGNORECASE)
_FONT = re.compile(r"<font\s", re.IGNORECASE)


class Hiding:
    """The elements of one text."""

    def __init__(self, text: str) -> None:
        self._text, self._sheets, self._on_white = text, sheets_of(text), not _GROUND.search(text)
        self._unclosed, self._left = set[str](), _LOOKED_AT

    def after(self, opened: int) -> int | None:
        """Where the element is over whose tag begins at `opened`; None where it is seen, or never closed."""
        name, handed_on = self._hidden(opened)
        if not name or name in _VOID or name in self._unclosed:
            return None
        if len(self._unclosed) >= _UNCLOSED or self._left <= 0:
            return None
        closing = self._closing(name, opened)
        if closing is None:
            self._unclosed.add(name)
            return None
        if handed_on and self._shows(handed_on, after_tag(self._text, opened), closing):
            self._left -= closing - opened
            return None
        return after_tag(self._text, closing)

    def _hidden(self, opened: int) -> tuple[str, str]:
        """The name of the element where it is hidden, else ""; and the property by which, where it is handed on."""
        text, sheets = self._text, self._sheets
        styled = _STYLE.match(text, opened, min(opened + _TAG_CHARS, len(text)))
        gone = GONE.search(styled[2]) if styled else None
        handed_on = pale(styled[2], on_white=self._on_white) if styled else ""
        if not (gone or handed_on or sheets.hidden):
            return "", ""
        element = _ELEMENT.match(text, opened)
        if not element:
            return "", ""
        names = {*names_of(text[opened : min(after_tag(text, opened), opened + _TAG_CHARS)])}
        if (gone and names.isdisjoint(sheets.forced)) or not names.isdisjoint(sheets.hidden):
            return element[1].lower(), ""
        return (element[1].lower(), handed_on) if handed_on else ("", "")

    def _closing(self, name: str, opened: int) -> int | None:
        """Where the tag begins that closes the element."""
        depth = 0
        for tag in re.compile(rf"<(/?){name}\b", re.IGNORECASE).finditer(self._text, opened):
            depth += -1 if tag[1] else 1
            if depth == 0:
                return tag.start()
        return None

    def _shows(self, handed_on: str, start: int, end: int) -> bool:
        """Whether something from `start` to `end` is styled otherwise than what an element hands on."""
        inside = self._text[start:end]
        if handed_on.startswith(("font-size", "color")) and _FONT.search(inside):
            return True
        said = re.compile(rf"(?<![\w-])(?:{handed_on}|font)\s{{0,9}}[:=][^;\"'<>]{{0,60}}", re.IGNORECASE)
        if any(not PALE.search(match[0]) for match in said.finditer(inside)):
            return True
        return not self._sheets.shown.isdisjoint(names_of(inside))


def after_tag(text: str, opened: int) -> int:
    """Where the tag, comment, script or style at `opened` is over; what is never closed goes to the end."""
    closing, width = ">", 1
    if text.startswith("<!--", opened):
        closing, width = "-->", 3
    elif silent := _SILENT.match(text, opened):
        closing, width = f"</{silent[1]}", 0
    end = text.find(closing, opened + 1)
    return end + width if end >= 0 else len(text)
