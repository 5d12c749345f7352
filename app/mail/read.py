"""Any mail, understood: the one door of this library.

The formats are tried in a fixed order, machine formats first, a person's mail last; the first that knows the mail
answers. A fault inside one format is noted and the next is tried: a mail is never lost to a bug in a reader.

    feedback report (ARF, XARF) → JMRP → certified mail, a gateway's banner → TLS and DMARC statistics → X-ARF
    → a provider's event → SpamCop → failure in plain text → redirected → unsubscribe → bounce → enrolment
    → automatic reply → a report that was passed on → notice of a watcher
    → forwarded as attachment, as .eml, as .msg or by Exchange → source pasted in the text → forwarded in the text
    → an answer of a machine → a bulk mail handed on as it was → a person
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from app.errors import TooLarge
from app.mail import limits
from app.mail.domain import Kind, Reading
from app.mail.formats.aggregate import read_aggregate
from app.mail.formats.arf import read_arf
from app.mail.formats.auth_failure import read_auth_failure
from app.mail.formats.auto_reply import read_auto_reply, read_unasked_reply
from app.mail.formats.bounce import read_bounce
from app.mail.formats.certified import read_receipt, unwrapped
from app.mail.formats.enrolment import read_enrolment
from app.mail.formats.events import read_event
from app.mail.formats.forwarded import attached_mails, read_forwarded
from app.mail.formats.gateway import unbannered
from app.mail.formats.jmrp import read_jmrp
from app.mail.formats.notice import read_notice
from app.mail.formats.pasted import pasted_below, pasted_in, read_pasted
from app.mail.formats.redirected import read_handed_on, read_redirected
from app.mail.formats.spamcop import read_spamcop
from app.mail.formats.told import read_told, with_places_named
from app.mail.formats.unsubscribe import read_unsubscribe
from app.mail.formats.x_arf import read_x_arf
from app.mail.formats.xarf import read_attached_xarf, read_xarf_file
from app.mail.inline.forward import read_inline, read_pasted_inline
from app.mail.mime.cms import opened
from app.mail.mime.emlx import out_of_emlx
from app.mail.mime.media_type import COMPOUND_FILE
from app.mail.mime.message import Message, parse
from app.mail.mime.source import as_mail
from app.mail.mime.text import human_text
from app.mail.mime.torn import mended
from app.mail.original import looks_like_mail, original_from
from app.mail.outlook.msg import read_msg, read_outlook, unread_msg
from app.mail.outlook.tnef import SIGNATURE
from app.mail.outlook.winmail import read_attached, read_winmail, with_text, wrapped_in
from app.mail.report import PASSED_ON, reading

Format = Callable[[Message], Reading | None]

_SOURCE_FIELDS = ("received", "return-path", "message-id", "dkim-signature", "mime-version", "content-type")
"""Fields of a mail's source that no client shows: where one stands, what was pasted is the source."""

_NO_MSG = "A file as Outlook and Office write them (OLE), but no Outlook message can be read in it."
_NO_WINMAIL = "A file as Exchange writes them (winmail.dat), but no mail can be read in it."


def read(raw: bytes) -> Reading:
    """What the mail `raw` is and holds. The same bytes always give the same reading.

    raw: the whole mail as it came, any line ends. A file that is no mail gives Kind.UNREADABLE with its reason.

    Raises TooLarge when `raw` is over `limits.MESSAGE_BYTES`. Never raises for a malformed mail.
    """
    _refuse_large(raw)
    if not raw or raw.isspace():
        return _unreadable("The file is empty.")
    if raw.startswith(COMPOUND_FILE):
        return _file_read(read_msg, raw) or _unreadable(_NO_MSG)
    if raw.startswith(SIGNATURE):
        return _file_read(read_winmail, raw) or _unreadable(_NO_WINMAIL)
    mail = opened(mended(parse(out_of_emlx(raw))))
    if not looks_like_mail(mail.head):
        return _file_read(read_xarf_file, raw) or _unreadable(
            "No mail header stands at the start, so this is not a mail."
        )
    return _dispatch(mail, _FORMATS)


def read_source(raw: bytes) -> Reading:
    """What somebody pasted or uploaded in the form: the mail in it is the reported one.

    An Outlook .msg file or winmail.dat holds the reported mail. Where the paste is itself a report (ARF, JMRP, X-ARF,
    XARF, SpamCop, a forward as attachment), it is read as `read` would. Text copied out of a mail client with its
    forward lines is Kind.INLINE. Source without any header gives a complaint with no original and a defect.

    Raises TooLarge when `raw` is over `limits.MESSAGE_BYTES`.
    """
    _refuse_large(raw)
    if raw.startswith(COMPOUND_FILE):
        return _file_read(read_msg, raw) or _unread_file(_NO_MSG)
    if raw.startswith(SIGNATURE):
        return _file_read(read_winmail, raw) or _unread_file(_NO_WINMAIL)
    report = _file_read(read_xarf_file, raw)
    if report:
        return report
    mail = parse(as_mail(out_of_emlx(raw)))
    found = _first(mail, (*_REPORTS, read_forwarded, read_outlook, read_exchange, _pasted_forward(raw)))
    if isinstance(found, Reading):
        if found.is_complaint:
            return found
        found = ()  # whoever fills the form in complains
    original = original_from(mail.top.source)
    originals = pasted_below(mail.top.source, original) if original else ()
    if original and not original.received:  # a page of a client's may tell what it shows above the source (Gmail)
        originals = (pasted_in(mail) or (originals, ""))[0]
    return Reading(
        kind=Kind.PERSON,
        feedback_type=None,
        is_complaint=True,
        originals=originals,
        headers=mail.head.fields if originals else (),
        subject=originals[0].subject if originals else None,
        text=human_text(mail),
        arrived=reading(mail, Kind.PERSON, originals=originals).arrived if originals else None,
        defects=(*mail.defects, *found) if original else ("The pasted source holds no mail header.", *found),
    )


def read_report(mail: Message) -> Reading | None:
    """A report that was forwarded as the only attachment of a mail, or of one attached to it: the report inside
    counts, or None.

    One that is no complaint does not: whoever forwards complains, and spam may look like such a report.
    """
    for _ in range(limits.FORWARDS):
        attached = attached_mails(mail)
        if len(attached) != 1:
            return None
        mail = parse(attached[0])
        inner = _first(mail, _REPORTS)
        if isinstance(inner, Reading):
            return replace(inner, defects=(*inner.defects, PASSED_ON)) if inner.is_complaint else None
    return None


def read_enveloped(mail: Message) -> Reading | None:
    """What lies in a provider's envelope of certified mail or below a gateway's banner, read as any mail but as
    another envelope, or None."""
    inner = unbannered(unwrapped(mail))
    if inner is mail:
        return None
    return _dispatch(inner, tuple(each for each in _FORMATS if each is not read_enveloped))


def read_exchange(mail: Message) -> Reading | None:
    """What Exchange wrapped (TNEF): the mails attached in it, else its text, read as any mail's. None where the mail
    has a text of its own, or nothing is wrapped."""
    wrapped = wrapped_in(mail)
    found = read_attached(mail, wrapped) if wrapped else None
    inner = with_text(mail, wrapped) if wrapped and not found else None
    if inner is None:
        return found
    read_on = _dispatch(inner, tuple(each for each in _FORMATS if each is not read_exchange))
    return replace(read_on, headers=mail.head.fields)


_REPORTS: tuple[Format, ...] = (read_arf, read_jmrp, read_x_arf, read_attached_xarf, read_spamcop)

_FORMATS: tuple[Format, ...] = (
    read_arf,
    read_jmrp,
    read_enveloped,
    read_aggregate,
    read_x_arf,
    read_attached_xarf,
    read_event,
    read_spamcop,
    read_auth_failure,
    read_redirected,
    read_unsubscribe,
    read_receipt,
    read_bounce,
    read_enrolment,
    read_auto_reply,
    read_report,
    read_notice,
    read_forwarded,
    read_outlook,
    read_exchange,
    read_pasted,
    read_inline,
    read_unasked_reply,
    read_handed_on,
    read_told,
)


def _pasted_forward(raw: bytes) -> Format:
    def pasted_forward(mail: Message) -> Reading | None:
        return None if mail.head.has(*_SOURCE_FIELDS) else read_pasted_inline(raw)

    return pasted_forward


def _dispatch(mail: Message, formats: tuple[Format, ...]) -> Reading:
    found = _first(mail, formats)
    if isinstance(found, Reading):
        with suppress(Exception):  # a bug there must not lose the mail
            return with_places_named(found)
        return found
    try:
        return reading(mail, Kind.PERSON, defects=(*unread_msg(mail), *found))
    except Exception as error:  # noqa: BLE001 - hostile input must end in an answer, not in a crash
        return _unreadable(f"Reading the mail failed ({type(error).__name__}).")


def _first(mail: Message, formats: tuple[Format, ...]) -> Reading | tuple[str, ...]:
    """The answer of the first format that knows the mail, else the faults met on the way."""
    faults: list[str] = []
    for read_format in formats:
        try:
            found = read_format(mail)
        except Exception as error:  # noqa: BLE001 - a bug in one reader must not lose the mail
            faults.append(f"{read_format.__name__} failed ({type(error).__name__}).")
            continue
        if found:
            return replace(found, defects=(*found.defects, *faults)) if faults else found
    return tuple(faults)


def _refuse_large(raw: bytes) -> None:
    if len(raw) > limits.MESSAGE_BYTES:
        raise TooLarge(f"The mail is larger than {limits.MESSAGE_BYTES // 1024 // 1024} MB.")


def _file_read(read_file: Callable[[bytes], Reading | None], raw: bytes) -> Reading | None:
    try:
        return read_file(raw)
    except Exception:  # noqa: BLE001 - hostile input must end in an answer, not in a crash
        return None


def _unread_file(defect: str) -> Reading:
    """What a person uploaded is a complaint even where it cannot be read."""
    return Reading(kind=Kind.PERSON, feedback_type=None, is_complaint=True, defects=(defect,))


def _unreadable(reason: str) -> Reading:
    return Reading(kind=Kind.UNREADABLE, feedback_type=None, is_complaint=False, reason=reason)
