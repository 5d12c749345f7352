"""Mails that ask for no more mail: the mailto: of List-Unsubscribe (RFC 2369), Apple Mail's, and by hand.

Honouring the wish is the customer's duty; it is no complaint of abuse.
"""

from __future__ import annotations

import re

from app.mail.domain import Kind, Reading
from app.mail.fields.address import bare_address
from app.mail.formats.forwarded import is_mail
from app.mail.inline.block import Mark, Text, blocks
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.report import set_aside

_ADDRESSED = re.compile(r"(?:list-?)?(?:unsub(?:scribe)?|opt-?out|remove|leave)[-+.=_@]")
_SUBJECT = re.compile(
    r"\s*(?:re:\s*)?(?:please |pls |bitte )?(?:unsubscribe(?: me| request)?|opt[- ]?out|remove(?: me)?"
    r"|list-unsubscribe"
    r"|unsubscribe (?:me )?(?:from )?(?:this |the |your )?(?:mailing list|list|newsletter)|take me off(?: your list)?"
    r"|remove me from (?:(?:your|this|the) )?(?:mailing )?list|stop e?-?mails?"
    r"|abmelden|abmeldung|abbestell(?:en|ung)|austragen|newsletter (?:abmelden|abbestellen)|d[ée]sabonne(?:r|ment)"
    r"|(?:se )?d[ée]sinscri(?:ption|re)|desinscribir|desuscribir|darse? de baja|cancelar (?:la )?suscripci[oó]n"
    r"|cancelar (?:inscri[cç][aã]o|assinatura)|descadastrar|uitschrijven|afmelden|disiscri(?:viti|zione)"
    r"|cancella(?:mi|zione)|annulla iscrizione|afmeld(?:ing)?|avregistrera?|avmeld(?:ing)?|avprenumerera|peruuta"
    r"|wypisz|rezygnacja|wypisanie|odhlásit|odhlásiť|leiratkozás|dezabonare|odjava|abonelikten çık"
    r"|aboneliği iptal et|отписаться|отписка|отпишите|відписатися|διαγραφή|退订|退訂|取消订阅|取消訂閱|配信停止"
    r"|수신거부)"
    r"(?:[\s:.-]+(?P<token>\S*))?\s*\Z",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\S*[\d@=_:+]\S*\Z|\Z")
_SHORT = 400
_COMPLAINT = re.compile(
    r"\bspam|\babuse(?!@)|complain|report(?:ing|ed)? (?:you|this)|illegal|harass|phish|\bscam|\bgdpr\b|dsgvo|rgpd"
    r"|never (?:subscribed|signed|asked|agreed|gave)|(?:did not|didn.t) (?:subscribe|sign|ask|agree)"
    r"|beschwer|belästig|nie (?:bestellt|angemeldet)|plainte|jamais (?:inscrit|demandé)|denunc|reclam"
    r"|nunca (?:me )?(?:suscrib|inscrev|pedi)|mai (?:iscritto|richiesto)|klacht|\bklage|skarg|stížnost|panasz"
    r"|şikayet|жалоб|спам|unsolicited|never heard|where did you get|who gave you|lawyer|attorney|legal action"
    r"|(?:does ?n.t|does not|is not|not) work|still (?:get|receiv|com)|keep (?:send|mail|spam|gett|receiv|com)"
    r"|\b(?:twice|again and again|(?:\d+|two|three|four|five|six|ten|many|several|multiple) times)\b"
    r"|already (?:unsub|asked)|\b(?:second|third|fourth|fifth|\d{1,3}(?:nd|rd|th)|umpteenth|last) time\b|\bignor"
    r"|\bsold\b|\berror\b|no (?:opt.?out|unsubscribe)|broken|marche pas|geht nicht|fehler|verkauft|vendu|vendid"
    r"|dr?ie keer|al .{0,20}keer|verkocht|non funziona|no sirve|nefunguje|nie działa|nem működik|çalışmıyor"
    r"|не работает|できません|无法|無法"
    r"|your (?:customer|client|user)|no (?:effect|use|avail)|\bihr(?:en?|em)? kunden?\b"
    r"|zum \S{3,15}(?:ten|letzten) ?mal"
    r"|(?:pour|per|por|voor) (?:la|de) \S{3,12} (?:fois|volta|vez|keer)|votre client|su(?:o|\b) client|vostro client"
    r"|anwalt|auskunft|\bwoher\b|funktioniert nicht|(?:mehr|viel|drei|fünf|zehn|x)mals?\b|eingewilligt|einwilligung"
    r"|\bart(?:ikel|icle|[ií]culo|\.)? ?(?:15|17|21)\b|\bcnil\b|toujours|malgré|ne fonctionne pas|\baepd\b|siguen"
    r"|sigo recib"
    r"|varias veces|no funciona|garante|già chiesto|continu(?:o|ate) a|ongevraagd|werkt niet|blijf|uodo|zgłosz|nadal"
    r"|várias vezes|continuo (?:a )?receb|não funciona|продолжа|仍然|仍在|まだ届|迷惑|何度も|계속|신고",
    re.IGNORECASE,
)


def read_unsubscribe(mail: Message) -> Reading | None:
    """The wish in `mail`, or None.

    A longer text, one that complains, or one with a mail attached or forwarded in it is a person's complaint,
    whatever its subject. What is sent to an unsubscribe address is taken for the wish alone.
    """
    if not _is_unsubscribe(mail):
        return None
    return set_aside(mail, Kind.UNSUBSCRIBE, "An unsubscribe request: not a complaint.")


def _is_unsubscribe(mail: Message) -> bool:
    if mail.head.has("x-apple-unsubscribe"):
        return True
    text = human_text(mail)
    if len(text) > _SHORT:
        return False
    recipient = (bare_address(mail.head.first("to")) or "").lower()
    return bool(_ADDRESSED.match(recipient)) or (_is_told(mail) and not _complains(mail, text))


def _is_told(mail: Message) -> bool:
    subject = _SUBJECT.match(mail.head.first("subject") or "")
    return bool(subject and _TOKEN.match(subject["token"] or ""))


def _complains(mail: Message, text: str) -> bool:
    return bool(_COMPLAINT.search(text)) or any(map(is_mail, mail.leaves())) or _forwards(text)


def _forwards(text: str) -> bool:
    """Whether a mail is forwarded in the text; one that is only quoted is what the wish answers."""
    return any(each.mark is Mark.FORWARDED for each in blocks(Text.of(text)))
