"""What an HTML mail's own style sheets hide from everybody, told by class and id.

Only plain selectors count (`.preheader`, `p.x`, `#x`), and only where no rule shows the same again, be it for phones:
what somebody sees is not hidden. One pass, no backtracking, never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

GONE = re.compile(
    r"\bdisplay\s{0,9}:\s{0,9}none|\bopacity\s{0,9}:\s{0,9}0(?![.\d]*[1-9])"
    r"|\bmax-height\s{0,9}:\s{0,9}0(?![.\d]*[1-9])",
    re.IGNORECASE,
)
"""Declarations by which an element is not seen, whatever is in it."""
PALE = re.compile(
    r"\b(visibility)\s{0,9}:\s{0,9}hidden|(?<![\w-])(font-size)\s{0,9}:\s{0,9}(?:0(?![.\d]*[1-9])|1px)"
    r"|(?<![\w-])(color)\s{0,9}:\s{0,9}transparent|\b(text-indent)\s{0,9}:\s{0,9}-\d{3}",
    re.IGNORECASE,
)
"""Declarations that an element hands on to what is in it, unless that says otherwise; the property is a group."""
_VALUE = r"\s{0,9}:\s{0,9}(#[0-9a-f]{3,8}\b|[a-z]{3,20}\b(?!\()|rgba?\([\d., %]{5,30}\))"
_COLOUR = re.compile(r"(?<![\w-])color" + _VALUE, re.IGNORECASE)
_GROUND = re.compile(r"(?<![\w-])background(?:-color)?" + _VALUE, re.IGNORECASE)
_WHITE, _NAMES = "#ffffff", {"white": "#ffffff", "black": "#000000"}
_SHOWN = re.compile(
    r"(?<![\w-])(?:display|visibility|font|font-size|opacity|max-height|color|text-indent)\s{0,9}:", re.IGNORECASE
)
_BACK = re.compile(r"(?<![\w-])(?:display|opacity|max-height)\s{0,9}:[^;{}]{0,40}", re.IGNORECASE)
_OPENED = re.compile(r"<!--|<style\b[^<>]{0,500}>", re.IGNORECASE)
_ENDED = re.compile(r"</style", re.IGNORECASE)
_PLAIN = re.compile(r"\s*+[A-Za-z0-9]{0,20}([.#][\w-]{1,100})\s*+")
_COMBINED = re.compile(r"[\s>+~]+")
_NAMED = re.compile(r"([.#])([\w-]{1,100})|\[(class|id)[~|^$*]?=[\"']?([\w-]{1,100})", re.IGNORECASE)
_BRACE = re.compile(r"[{}]")
_ATTRIBUTE = re.compile(
    r"\s(class|id)\s{0,9}=\s{0,9}(?:\"([^\"<>]{1,500})\"|'([^'<>]{1,500})'|([^\s\"'<>=]{1,100}))", re.IGNORECASE
)
_MARKS = {"class": ".", "id": "#"}


def pale(declared: str, *, on_white: bool) -> str:
    """The property by which an element's style hides what is in it that says nothing else; "" where none does, a
    pattern where there are several.

    on_white: nothing in the mail gives itself a ground, so that white letters are not seen.
    """
    if found := PALE.search(declared):
        return next(str(each) for each in found.groups() if each).lower()
    letters, ground = _COLOUR.search(declared), _GROUND.search(declared)
    below = _hex(ground[1]) if ground else _WHITE if on_white else ""
    return "color|background(?:-color|-image)?|bgcolor" if letters and _hex(letters[1]) == below else ""


def _hex(colour: str) -> str:
    """A colour as `#rrggbb`, where it is opaque and written in hex, as `rgb(…)` in numbers, as white or as black."""
    colour = colour.lower()
    if colour.startswith("rgb("):
        return "#" + "".join(f"{min(int(each), 255):02x}" for each in re.findall(r"\d{1,3}", colour)[:3])
    if colour.startswith("#") and len(colour) == 4:
        return "#" + "".join(2 * digit for digit in colour[1:])
    return _NAMES.get(colour, colour)


class Sheets(NamedTuple):
    """What style sheets say of classes (`.x`) and ids (`#x`). hidden: from everybody. shown: a rule shows them.
    forced: also where their own style hides them."""

    hidden: frozenset[str]
    shown: frozenset[str]
    forced: frozenset[str]


def sheets_of(text: str) -> Sheets:
    """What the style sheets in HTML source say."""
    hidden, back, shown, forced = set[str](), set[str](), set[str](), set[str]()
    for is_for_all, selectors, declared in _rules(text):
        if GONE.search(declared):
            plain = [_PLAIN.fullmatch(each) for each in selectors.split(",")] if is_for_all else []
            hidden.update(match[1] for match in plain if match)
        elif _SHOWN.search(declared) and not PALE.search(declared):
            names = {name for each in selectors.split(",") for name in _named(each)}
            shown |= names
            if brought := _BACK.findall(declared):
                back |= names
                forced |= names if any("important" in each.lower() for each in brought) else set()
    return Sheets(frozenset(hidden - back), frozenset(shown), frozenset(forced))


def names_of(tag: str) -> Iterator[str]:
    """The classes and ids of a tag, as `Sheets` has them."""
    for match in _ATTRIBUTE.finditer(tag):
        said = match[2] or match[3] or match[4]
        yield from (_MARKS[match[1].lower()] + each for each in said.split())


def _named(selector: str) -> Iterator[str]:
    """The classes and ids of the element that a selector is about, the last one."""
    for match in _NAMED.finditer(_COMBINED.split(selector.strip())[-1]):
        yield match[1] + match[2] if match[1] else _MARKS[match[3].lower()] + match[4]


def _rules(text: str) -> Iterator[tuple[bool, str, str]]:
    """Each rule of the sheets: whether it stands outside all conditions (@media), its selectors, its declarations."""
    for sheet in _sheets(text):
        around, last, selectors = list[str](), 0, ""
        for brace in _BRACE.finditer(sheet):
            said = sheet[last : brace.start()]
            last = brace.end()
            if brace[0] == "{":
                selectors = said.rpartition(";")[2].strip()  # behind an @import
                around.append(selectors)
            elif around:
                if around.pop() == selectors and selectors[:1] not in ("", "@"):
                    yield not around, selectors, said
                selectors = ""


def _sheets(text: str) -> Iterator[str]:
    """What the sheets say, without comments; not those in an HTML comment, which only some program reads."""
    at = 0
    while (opened := _OPENED.search(text, at)) is not None:
        if opened[0] == "<!--":
            at = text.find("-->", opened.start() + 2)
            if at < 0:
                return
            continue
        ended = _ENDED.search(text, opened.end())
        if ended is None:
            return
        at = ended.end()
        sheet = text[opened.end() : ended.start()].replace("<!--", "").replace("-->", "")
        yield "".join(_uncommented(sheet))


def _uncommented(sheet: str) -> Iterator[str]:
    at = 0
    while (begins := sheet.find("/*", at)) >= 0:
        yield sheet[at:begins]
        ends = sheet.find("*/", begins + 2)
        if ends < 0:
            return
        at = ends + 2
    yield sheet[at:]
