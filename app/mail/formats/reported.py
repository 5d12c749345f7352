"""The pages, hosts and addresses that a notice reports, out of its text; its tables have their own file.

What is reported stands in one of six places: behind a label (`Offending IP: …`) or below it, in a line of its own, in
a row drawn with bars, in the subject, written so that nobody clicks on it (`hxxp`, `[.]`), or in a sentence that says
where something is hosted. Links in running sentences are the notifier's own pages far more often than the reported
one, so they are left alone, and so is whatever lies at the notifier's own domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from ipaddress import ip_address, ip_network
from itertools import islice
from urllib.parse import urlsplit

from app.mail.formats.defanged import in_one_line, is_marked, marked_hosts, undone
from app.mail.formats.pasted import UNSHOWN
from app.mail.formats.reported_words import caption_of, is_label, is_somebody_elses
from app.values import dataclass

MOST = 40
"""Values of each sort that are kept of one notice."""
TEXT_CHARS = 40_000
LINES = 600
_LEAST_BARS = 2

_URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'`|\\^{}]{3,2000}", re.IGNORECASE)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,10}(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})\Z")
_ADDRESS = re.compile(
    r"(?:(?<![\w.:/@-])|(?<=[g-z]:))"
    r"(?:\d{1,3}(?:\.\d{1,3}){3}(?=/32\b|(?![\w/]))|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w/]))",
    re.IGNORECASE,
)
"""An address, no network: of version 4 also as the one address of a network."""
_LABEL = re.compile(
    r"^[^\w\n]{0,12}([A-Za-z][\w /'’().-]{0,40}?)[ \t*]{0,20}(?:=>|[:=])[ \t('\"<\[*]{0,20}(\S[^\n]{0,2000})$"
)
_SIGNATURE = re.compile(
    r"(?:[^\w\n]{0,12}(?:web|homepage|internet|www)|[ \t|*]{0,12}(?:website|site))[ \t]{0,9}:", re.IGNORECASE
)
"""A notifier's own page, in the lines below its name."""
_TRACED = re.compile(r"\btrace ?route|\btracert\b|\btracing route", re.IGNORECASE)
_STOP = re.compile(r"^[ \t>]{0,8}\d{1,2}(?:[ \t][^\n]*(?:\(\d|\bms\b|\*)[^\n]*|[ \t]*)$", re.MULTILINE)
"""A router on the way to what is reported."""
_ALONE = re.compile(
    r"^(?:[\s>*\-•#]{0,8}|\s{0,8}\d{1,3}[.)] )(\S{3,1999}[^\s*])\*{0,3}(?:[ \t]+[\[(]([^\s\])]{1,45})[\])])?[ \t]*$"
)
_UNSHOWN = re.compile(rf"[ \t>]{{0,12}}{UNSHOWN}", re.IGNORECASE)
_LEAST_FIELDS = _PAIR = 2
_AROUND = "'\"<>[](),;*"
_STEP = re.compile(r"[/?&=#;]")
_INNER = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
"""Addresses of inner networks (RFC 1918, 6598, 4193): `is_private` holds those of documentation, too."""


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
    """URLs, hosts and addresses among `values`, told apart; none whose host is cut off or has no dot.

    own: the notifier's domains, whatever lies there is not reported. Addresses of inner networks count only where
    there are no others: notices are shown with them, too.
    """
    mine = {each for each in map(_registered, own) if each}
    urls: dict[str, None] = {}
    hosts: dict[str, None] = {}
    addresses: dict[str, None] = {}
    for value in values:
        url = _URL.match(value)
        page = _without_its_sentence(url[0]).replace("&amp;", "&") if url else ""
        host = host_of(page) if page else _bare(value)
        address = _as_address(host)
        if not (address or _HOST.match(host)) or _registered(host) in mine:
            continue
        if page:
            urls[page] = None
        if address:
            addresses[address] = None
        else:
            hosts[host] = None
    outer = [each for each in addresses if not _is_inner(each)]
    return Targets(*(tuple(islice(found, MOST)) for found in (urls, hosts, outer or addresses)))


def host_of(url: str) -> str:
    """The host of a URL, lower case, "" where it has none."""
    try:
        return (urlsplit(url).hostname or "").strip(".").lower()
    except ValueError:
        return ""


def is_address(text: str) -> bool:
    """Whether `text` is an IP address and nothing else."""
    return _as_address(text) is not None


def is_url(text: str) -> bool:
    """Whether `text` starts as the URL of a page does."""
    return _URL.match(text) is not None


def is_host(text: str) -> bool:
    """Whether `text` is the name of a host and nothing else."""
    return _HOST.match(text.lower()) is not None


def is_place(cell: str) -> bool:
    """Whether a cell holds nothing but a page, a host or an address."""
    return " " not in cell and bool(_URL.match(cell) or is_address(cell) or _HOST.match(cell))


def in_text(subject: str, text: str) -> Iterator[str]:
    """The values that stand where a notice's subject and text report something."""
    yield from _URL.findall(undone(subject))
    yield from addresses_named(subject)
    above = ""
    for line in in_one_line(text[:TEXT_CHARS]).split("\n")[:LINES]:
        if not (_SIGNATURE.match(line) or (_ALONE.match(line) and _is_theirs(caption_of(above)))):
            yield from in_line(line)
        if line.strip():
            above = line


def addresses_named(subject: str) -> Iterator[str]:
    """The addresses in a subject, wherever they stand."""
    yield from _ADDRESS.findall(undone(subject))


def without_inner(found: Targets) -> Targets:
    """`found` without addresses of inner networks."""
    return replace(found, addresses=tuple(each for each in found.addresses if not _is_inner(each)))


def without_route(text: str) -> str:
    """`text` without the routers of a traceroute, which notices show to say whom they ask."""
    return _STOP.sub("", text) if _TRACED.search(text) else text


def without_headers(text: str) -> str:
    """The first `LINES` lines without the headers of mails pasted in, but for those lines that a notice labels so.

    Filters write help pages and addresses of their own into a header, in lines behind `*` that are often unindented.
    """
    kept: list[str] = []
    header: list[str] = []
    for line in [*text.split("\n")[:LINES], ""]:
        if _UNSHOWN.match(line) or (header and _goes_on(line, header[0])):
            header.append(line)
        else:
            is_header = sum(1 for each in header if _UNSHOWN.match(each)) >= _LEAST_FIELDS
            kept += [line] if is_header else [*header, line]
            header = []
    return "\n".join(kept)


def without_lookups(found: Targets) -> Targets:
    """`found` without the pages that tell of an address or a host which is reported: it is what they are asked."""
    urls = tuple(url for url in found.urls if not _asks_of(url, {*found.addresses, *found.hosts}))
    gone = {host_of(url) for url in found.urls} - {host_of(url) for url in urls}
    return replace(found, urls=urls, hosts=tuple(each for each in found.hosts if each not in gone))


def alone(line: str) -> str | None:
    """The word that fills a line, without the address behind it in brackets."""
    found = _ALONE.match(line)
    return found[1] if found else None


def in_line(line: str) -> Iterator[str]:
    """The values that a line reports: all that are marked, else what stands behind its label, in its row or alone."""
    if len(line) > 4_000:
        return
    plain = undone(line) if is_marked(line) else line
    if plain is not line:
        yield from (url for url in _URL.findall(plain) if url not in line)
    if plain.count("|") >= _LEAST_BARS:
        yield from _in_row(plain)
        return
    labelled = _LABEL.match(plain)
    if labelled and is_label(labelled[1]):
        yield from _values(labelled[2])
        return
    if plain is not line and not labelled:
        yield from marked_hosts(line)
    alone = _ALONE.match(plain)
    if alone and (alone[2] or _as_address(alone[1].strip("()")) or plain is not line):
        yield from (value for value in alone.groups() if value)


def _values(text: str) -> Iterator[str]:
    """What stands behind a label: its first word, and that behind a second label in the line; or all where they are
    addresses with nothing but commas between."""
    listed = text.split(",")[:MOST]
    if len(listed) > 1 and all(is_address(each.strip()) for each in listed):
        yield from (each.strip() for each in listed)
        return
    first, *others = text.split(None, _PAIR)
    if first.endswith(":") and others and is_label(first):
        first, *others = others
    yield first.strip(_AROUND)
    if len(others) == _PAIR and others[0].endswith(":") and is_label(others[0]):
        yield others[1].strip(_AROUND)


def _in_row(line: str) -> Iterator[str]:
    """The pages of a row drawn with bars, and its first address: what follows may be whom it attacked."""
    cells = [_behind_label(cell.strip()) for cell in line.split("|")]
    yield from (cell for cell in cells if _URL.match(cell))
    yield from islice(filter(is_address, cells), 1)


def _behind_label(cell: str) -> str:
    """The one word behind a label in a cell, `- IP: 203.0.113.9`; any other cell as it stands."""
    labelled = _LABEL.match(cell)
    return labelled[2] if labelled and " " not in labelled[2] and is_label(labelled[1]) else cell


def _goes_on(line: str, first: str) -> bool:
    """Whether a line belongs to the header whose first line is `first`: further in, behind `*`, or no such label."""
    margin = first[: len(first) - len(first.lstrip(" \t>"))]
    labelled = _LABEL.match(line)
    is_further = line.startswith((f"{margin} ", f"{margin}\t", f"{margin}*"))
    return bool(line.strip(" \t>")) and (is_further or not (labelled and is_label(labelled[1])))


def _asks_of(url: str, named: Set[str]) -> bool:
    """Whether a URL of one host has another's name or an address as a step of its path or value of its query."""
    host = host_of(url)
    steps = _STEP.split(url.partition("://")[2].lower())[1:]
    return not is_address(host) and any(step in named and _registered(step) != _registered(host) for step in steps)


def _is_theirs(caption: str) -> bool:
    """Whether a line says that somebody else's place stands in the next one."""
    label, _, value = caption.partition(":")
    return not value.strip() and is_somebody_elses(label)


def _is_inner(address: str) -> bool:
    parsed = ip_address(address)
    return parsed.is_loopback or parsed.is_unspecified or parsed.is_link_local or any(parsed in net for net in _INNER)


def _registered(host: str) -> str:
    """The last two labels of a host, for want of a list of registries; "" of one that has fewer."""
    return ".".join(host.split(".")[-2:]) if "." in host else ""


def _without_its_sentence(url: str) -> str:
    """A URL without the marks of the sentence that it ends; a bracket may belong to its address (RFC 3986 §3.2.2)."""
    return url.rstrip(".,;:!?)" if "[" in url else ".,;:!?)]")


def _bare(value: str) -> str:
    """A host or an address without what is written around it: brackets, a port, a path."""
    found = _ADDRESS.match(value.strip("[]()"))
    if found:
        return found[0]
    return value.split("/")[0].partition(":")[0].strip("[]().,;").lower()


def _as_address(text: str) -> str | None:
    if not (":" in text or text.replace(".", "").isdigit()):
        return None
    try:
        return str(ip_address(text))
    except ValueError:
        return None
