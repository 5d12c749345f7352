"""The pages, hosts and addresses that a notice reports, out of its text and its tables.

What is reported stands in one of six places: behind a label (`Offending IP: …`), in a line of its own, in a row drawn
with bars, in the subject, written so that nobody clicks on it (`hxxp`, `[.]`), or in a column or element of an
attached table. Links in running sentences are the notifier's own pages far more often than the reported one, so they
are left alone, and so is whatever lies at the notifier's own domain.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from itertools import islice
from urllib.parse import urlsplit

from app.mail.formats.aggregate import unpacked_start
from app.mail.formats.defanged import is_marked, undone
from app.mail.formats.reported_words import OTHERS, TELLS_MORE, is_label, words_of
from app.mail.mime.charset import decoded
from app.mail.mime.message import Message, Part
from app.mail.mime.rows import Row
from app.mail.report import holds_mail
from app.values import dataclass

MOST = 40
"""Values of each sort that are kept of one notice."""
TEXT_CHARS = 40_000
TABLE_BYTES = 262_144
ROWS = 1_000
_LEAST_COLUMNS = 3
_LEAST_BARS = 2
_NAME_CHARS = 40
_PEEK_BYTES = 16_384

_URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'`|\\^{}]{3,2000}", re.IGNORECASE)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,10}(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})\Z")
_ADDRESS = re.compile(
    r"(?<![\w.:/@-])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w/])", re.I
)
_LABEL = re.compile(
    r"^[^\w\n]{0,12}([A-Za-z][\w /'’().-]{0,40}?)[ \t]{0,20}(?:=>|[:=])[ \t('\"<\[]{0,20}(\S[^\n]{0,2000})$"
)
_SIGNATURE = re.compile(r"[^\w\n]{0,12}(?:web|website|site|homepage|internet|www)[ \t]{0,9}:", re.IGNORECASE)
"""A notifier's own page, in the lines below its name."""
_SPOKEN = re.compile(
    r"(?:[(\[]|\bIP(?:v[46])?(?: address)?:? )(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})"
    r"(?=[\s)\],;]|\.\s|\Z)",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"^(?:[\s>*\-•#]{0,8}|\s{0,8}\d{1,3}[.)] )(\S{4,2000})(?:[ \t]+[\[(]([^\s\])]{1,45})[\])])?[ \t]*$"
)
_ELEMENT = re.compile(r"<([A-Za-z][\w:-]{0,40})(?:[ \t][^<>]{0,300})?>\s{0,9}([^<>\s]{2,2000})\s{0,9}</")
_ATTRIBUTE = re.compile(r"[\s<]([A-Za-z][\w:-]{0,40})=[\"']([^\"'<>\s]{2,2000})[\"']")
_ADVICE = re.compile(
    r"\w+://[^/]+/?|.*(?:remov|delist|faq\b|help\b|rules|policy|policies|unsubscribe|contact).*", re.IGNORECASE
)
"""A URL in a line of its own that is the notifier's: a front page, or what says so."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What a notice reports, each value once, in the order found. hosts: names, those in `urls` too."""

    urls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.urls or self.hosts or self.addresses)

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """By the names that a feedback report has for them (RFC 5965 §3.2, §3.3)."""
        named = {"reported-uri": self.urls, "reported-domain": self.hosts, "source-ip": self.addresses}
        return {name: values for name, values in named.items() if values}


def targets_of(values: Iterable[str], own: Iterable[str] = ()) -> Targets:
    """URLs, hosts and addresses among `values`, told apart. own: the notifier's domains, whatever lies there is not
    reported."""
    mine = {each for each in map(_registered, own) if each}
    urls: dict[str, None] = {}
    hosts: dict[str, None] = {}
    addresses: dict[str, None] = {}
    for value in values:
        url = _URL.match(value)
        host = host_of(url[0]) if url else _bare(value)
        if not host or _registered(host) in mine:
            continue
        if url:
            urls[url[0].rstrip(".,;:!?)]")] = None
        address = _as_address(host)
        if address:
            addresses[address] = None
        elif _HOST.match(host):
            hosts[host] = None
    return Targets(*(tuple(islice(found, MOST)) for found in (urls, hosts, addresses)))


def host_of(url: str) -> str:
    """The host of a URL, lower case, "" where it has none."""
    try:
        return (urlsplit(url).hostname or "").strip(".").lower()
    except ValueError:
        return ""


def is_address(text: str) -> bool:
    """Whether `text` is an IP address and nothing else."""
    return _as_address(text) is not None


def in_text(subject: str, text: str) -> Iterator[str]:
    """The values that stand where a notice's subject and text report something."""
    plain = undone(subject)
    yield from _URL.findall(plain)
    yield from _ADDRESS.findall(plain)
    for line in text[:TEXT_CHARS].split("\n"):
        if not _SIGNATURE.match(line):
            yield from _in_line(line)


def alone_in(text: str) -> Iterator[str]:
    """The URLs that fill a line of their own: reported where nothing else is, else mostly the notifier's advice. Not
    below a label of somebody else's place."""
    above = ""
    for line in text[:TEXT_CHARS].split("\n"):
        found = _ALONE.match(line)
        if found and _URL.match(found[1]):
            words = words_of(above.partition(":")[0])
            is_named = above.rstrip().endswith(":") and words.isdisjoint(TELLS_MORE)
            if words.isdisjoint(OTHERS) and (is_named or not _ADVICE.fullmatch(found[1])):
                yield found[1]
        elif line.strip():
            above = line if ":" in line else ""


def spoken_in(text: str) -> Iterator[str]:
    """The addresses in sentences, in brackets or behind the word: reported where nothing else is."""
    yield from islice((match[1] for match in _SPOKEN.finditer(undone(text[:TEXT_CHARS]))), MOST)


def in_rows(rows: Iterable[Row]) -> Iterator[str]:
    """The values that rows of HTML report: below the name of a column, beside a label, else a row's first address."""
    columns: list[int] = []
    for row in rows:
        named = [at for at, cell in enumerate(row) if len(cell) <= _NAME_CHARS and is_label(cell)]
        values = [undone(cell) for cell in row]
        if len(row) == 2 and named == [0] and _is_place(values[1]):
            yield values[1]
        elif named and not any(map(_is_place, values)):
            columns = named
        elif columns:
            yield from (values[at] for at in columns if at < len(row) and _is_place(values[at]))
        else:
            yield from islice((each for each in values if is_address(each)), 1)


def in_tables(mail: Message) -> Iterator[str]:
    """The values that attached tables (CSV), XML and `label: value` files report."""
    for part in tables(mail):
        yield from _in_table(_text_of(part), part.filename.lower())


def in_xml(text: str) -> Iterator[str]:
    """The values of elements and attributes that are named like something reported; no XML parser is let near it."""
    for pattern in (_ELEMENT, _ATTRIBUTE):
        for match in islice(pattern.finditer(text), ROWS):
            if is_label(match[1]):
                yield undone(match[2])


def tables(mail: Message) -> tuple[Part, ...]:
    """The parts of a mail that a machine wrote to be read by a machine."""
    parts = list(islice(mail.leaves(), 1, 20))
    return tuple(part for part in parts if _is_table(part) and not holds_mail(part.content(_PEEK_BYTES)))


def _in_line(line: str) -> Iterator[str]:
    if len(line) > 4_000:
        return
    plain = undone(line) if is_marked(line) else line
    if plain is not line:
        yield from _URL.findall(plain)
    if plain.count("|") >= _LEAST_BARS:
        yield from _in_row(plain)
        return
    labelled = _LABEL.match(plain)
    if labelled and is_label(labelled[1]):
        yield from _values(labelled[2])
        return
    alone = _ALONE.match(plain)
    if alone and (alone[2] or _as_address(alone[1]) or plain is not line):
        yield from (value for value in alone.groups() if value)


def _values(text: str) -> Iterator[str]:
    """What stands behind a label: its first word, or all where they are addresses with nothing but commas between."""
    listed = text.split(",")[:MOST]
    if len(listed) > 1 and all(is_address(each.strip()) for each in listed):
        yield from (each.strip() for each in listed)
    else:
        yield text.split()[0].strip("'\"<>[](),;")


def _text_of(part: Part) -> str:
    """What a table says, taken out of its zip or gzip; of both forms at most `TABLE_BYTES`."""
    unpacked = unpacked_start(part.content(TABLE_BYTES), TABLE_BYTES)
    return decoded(unpacked, part.type.parameters.get("charset", ""))


def _is_place(cell: str) -> bool:
    """Whether a cell holds nothing but a page, a host or an address."""
    return " " not in cell and bool(_URL.match(cell) or is_address(cell) or _HOST.match(cell))


def _in_row(line: str) -> Iterator[str]:
    """The pages of a row drawn with bars, and its first address: what follows may be whom it attacked."""
    cells = [_behind_label(cell.strip()) for cell in line.split("|")]
    yield from (cell for cell in cells if _URL.match(cell))
    yield from islice(filter(is_address, cells), 1)


def _behind_label(cell: str) -> str:
    """The one word behind a label in a cell, `- IP: 203.0.113.9`; any other cell as it stands."""
    labelled = _LABEL.match(cell)
    return labelled[2] if labelled and " " not in labelled[2] and is_label(labelled[1]) else cell


def _in_table(text: str, name: str) -> Iterator[str]:
    if text.lstrip()[:1] == "<":
        yield from in_xml(text)
    elif "csv" in name or text[:500].partition("\n")[0].count(",") >= _LEAST_COLUMNS:
        yield from _in_csv(text)
    else:
        for line in text.split("\n")[:ROWS]:
            yield from _in_line(line)


def _in_csv(text: str) -> Iterator[str]:
    """The cells of columns that are named like something reported; `source` may also be where a row is from."""
    lines = (line for line in text.splitlines()[:ROWS] if len(line) < 8_000)
    try:
        rows = csv.reader(lines)
        names = next(rows, [])
        columns = [at for at, name in enumerate(names) if is_label(name)]
        for row in rows:
            cells = ((names[at], undone(row[at].strip())) for at in columns if at < len(row))
            yield from (cell for name, cell in cells if name.lower() != "source" or is_address(cell) or "://" in cell)
    except csv.Error:
        return


def _is_table(part: Part) -> bool:
    name = part.filename.lower()
    return part.name in ("text/csv", "text/xml", "application/xml", "application/json", "text/yaml") or name.endswith(
        (".csv", ".xml", ".log", ".txt", ".json", ".yaml", ".yml", ".csv.zip", ".csv.gz")
    )


def _registered(host: str) -> str:
    """The last two labels of a host, for want of a list of registries; "" of one that has fewer."""
    return ".".join(host.split(".")[-2:]) if "." in host else ""


def _bare(value: str) -> str:
    """A host or an address without what is written around it: brackets, a port, a path."""
    found = _ADDRESS.match(value.strip("[]"))
    if found:
        return found[0]
    return value.split("/")[0].partition(":")[0].strip("[]().,;").lower()


def _as_address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
