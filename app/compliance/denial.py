"""Whether a text says what a wording in it says, or denies it, asks it, or makes a condition of it (pure).

"You cannot unsubscribe" holds the word and says the opposite. No grammar is parsed: a word of denial in the same
clause, before or behind, is enough for doubt, and what is in doubt is not said. Only SIDE characters on either side
are looked at, so that each look takes bounded time.
"""

from __future__ import annotations

import re

SIDE = 160
"""How many characters on either side of a wording are looked at."""
SUBJECT = 1_000
"""How many characters of a subject are looked at."""

_STOP = re.compile(r"[.!?…](?=[\s\"'”»)*_]|\Z)|[。！？؟|•·▪►]|\n[^\S\n]{0,9}(?:\n|[-*>–]\s)|\s[–—-]{1,2}\s")
"""Where a sentence ends: its mark, a blank line, a bullet."""
_SHORT = re.compile(r"^[^\n]{0,45}\n(?=[^\S\n]{0,9}[A-ZÀ-ÞА-Я¿])", re.MULTILINE)
"""A line that was not full, before one that begins with a capital: no sentence goes on there."""
_PAUSE = re.compile(
    r"[,;:()]\s|[，、；：]"
    r"|\s(?:but|aber|sondern|mais|pero|sino|ma|mas|maar|men|ale|но|а|and you|or you|und sie|et vous|y usted)\s",
    re.IGNORECASE,
)
"""Where a clause ends within a sentence."""

_NOT = (
    r"not|no|never|cannot|can[’'\s]?t|(?:do|does|did|wo|is|are|was|were|have|has|had|could|would|should|must)n[’']?t"
    r"|without|neither|nor|none|nobody|nothing|unable|impossible|refuse[sd]?|rather than|instead of|unlike"
    r"|free of|beware(?: of)?|vorsicht(?: vor)?|cuidado con|attenzione a"
    r"|nicht|kein\w{0,2}|nie|niemals|ohne|weder|unm[öo]glich|(?-i:[Nn]e)|jamais|aucune?|sans|impossibles?"
    r"|nunca|jam[áa]s|ning[uú]n\w?|tampoco|imposible|sin haber\w{0,3}|sin poder|non|senza|nessun\w?|impossibile"
    r"|n[ãa]o|nenhum\w?|imposs[íi]vel|sem poder|niet|geen|nooit|zonder|onmogelijk|bez|nigdy|niemożliw\w{1,2}"
    r"|inte|aldrig|utan|ingen|inget|inga|om[öo]jligt|ikke|aldri|intet|uden|uten|umulig\w?|(?:ei|en|et|ette|emme) voi"
    r"|eivät|älä|ilman|mahdoton\w?|nem[ůu]\w{2,6}|nelze|není|nikdy|nem|nincs|soha|nu (?:v[ăa]|te|pute[țt]i|este)"
    r"|не|нет|нельзя|невозможно|никогда|без|неможливо|ніколи|δεν|μην?|όχι|olmadan|değil"
)
_DENIES = re.compile(
    rf"(?<![\w’'])(?:(?:{_NOT})(?!\w)|n[’'](?=[aeéêiouy]))|(?:无法|無法|不能|不可|不是|没有|沒有|并非|並非|不會|不会|从未|勿)",
    re.IGNORECASE,
)

_IF = (
    r"if|should you|unless|wenn|falls|sollten sie|si|se|als|indien|jeśli|jeżeli|om|hvis|jos|если|якщо|pokud|dacă|ha"
    r"|αν|εάν|pour|afin de|para|per|um|aby|чтобы|щоб|för att|for(?= ikke)|in order"
)
"""Words that open a condition or an aim."""
_HARMLESS = re.compile(
    rf"(?<!\w)(?:{_IF})\s(?:[^\s,;:]{{1,20}}\s){{0,4}}?(?:do not|did not|are not|have not|no longer"
    rf"|(?!cannot|can)(?:{_NOT}))(?!\w)"
    r"|(?<!\w)(?:not|no longer|non?|nicht mehr|plus) (?:interest\w{2,7}|wish\w{0,3}|want\w{0,3}|like|to receive)"
    r"|(?<!\w)(?:do not|don[’']?t) (?:wish|want|like|forget|hesitate|worry)"
    r"|(?<!\w)(?:not|nicht|non) (?:only|just|nur|seulement|solo)|(?<!\w)no s[óo]lo"
    r"|(?<!\w)ohne (?:angabe|weiteres)|(?<!\w)(?:sans|senza|sin|sem) (?:motif|motivo)|(?<!\w)zonder opgaaf"
    r"|(?<!\w)(?:no|without|ohne|sans|sin) (?:problem|worries|charge|cost|fee|obligation|kosten|frais|coste?)\w{0,2}",
    re.IGNORECASE,
)
"""Denials that leave what follows untouched: who does not want more mail is told how to leave."""

_BEHIND = re.compile(
    r"[-\s]free\b|-?frei\b|(?: to)?(?: receive)? nothing\b"
    r"|(?:(?:[^\S\n]|\n(?=(?-i:[a-zà-ÿ])))(?!(?:if|when|and|or|so|to|because|und|oder|wenn|falls|weil|si|et|ou|pour|se"
    r"|y|o|e|para|per|als|en|of|om|jeśli|i|если|и|och|og|hvis)\b)[\w’'][\w’'-]{0,19}){0,4}?"
    r"\s(?:(?:is|are|was|were|will|does|do|did|can|could|has|have|would)(?:n[’']?t| not| never| no longer)\b|cannot\b"
    r"|can[’']t\b|never\b|(?:not |im)possible\b|unavailable\b|disabled\b|nicht\b|kein\w{0,2}\b|unm[öo]glich"
    r"|impossible|n[’']est|n[’']existe|ne \w|no (?:es|est[áa]|puede|funciona|se)\b"
    r"|non (?:è|sono|si|funziona|possibile)|impossibile|n[ãa]o (?:é|está|pode|se)\b|imposs[íi]vel|niet\b|geen\b"
    r"|onmogelijk|nie (?:jest|można|da)|niemożliw|inte\b|ikke\b|нельзя|невозможно|не \w|неможливо|δεν\b|değil"
    r"|nelze|není|nem\b)"
    r"|(?-i:[ぁ-んァ-ヶ一-鿿]{0,8}?(?:ません|ない|不可|无效|無效))"
    r"|[가-힣]{0,3}\s?(?:[가-힣]{1,3}\s){0,2}(?:없|아닙|않|못|불가)",
    re.IGNORECASE,
)
"""A denial behind the wording, where no other clause begins before it."""
_GLUED = re.compile(r"\s{0,3}(?:be able to|ever|even|simply|just)?\s{0,3}\Z", re.IGNORECASE)
_ANSWER = re.compile(
    r"\?\s{1,4}(?:no|nein|non|n[ãa]o|nee|nej|nie|нет|sorry)\b(?! (?:problem|worries))", re.IGNORECASE
)
_CONDITION = re.compile(
    r"(?<!\w)(?:if|unless|whether|until|once|before|soon|had|when|ob|wenn|falls|sobald|bevor|bis|si|se|als|indien|jeśli|om"
    r"|hvis|если|quando|cuando|quand)\s{1,3}(?:[^\s,.:;]{1,12}\s{1,3})?\Z"
    r"|(?<!\w)(?:only|nur|seulement|s[óo]lo|soltanto|alleen|endast|kun|только)\s{1,3}(?:[^\s,.:;]{1,12}\s{1,3}){0,4}\Z",
    re.IGNORECASE,
)


def denied(text: str, start: int, end: int) -> bool:
    """Whether something near `text[start:end]` says that it is not so. True where that is in doubt."""
    before, behind = text[max(0, start - SIDE) : start], text[end : end + SIDE]
    sentence, inside = _tail(_tail(before, _STOP), _SHORT), text[start:end]
    clause = _tail(sentence, _PAUSE)
    return (
        _denies(clause)
        or (_GLUED.match(clause) is not None and _held_over(sentence[: len(sentence) - len(clause)]))
        or _ends_denying(before)
        or any(at.start() for at in _DENIES.finditer(_HARMLESS.sub(" ", inside)))
        or bool(_BEHIND.match(behind))
        or bool(_ANSWER.search(behind, 0, 60))
    )


def unclaimed(text: str, start: int, end: int) -> bool:
    """Whether the text denies `text[start:end]`, asks it, or makes a condition of it: then it claims nothing."""
    before, behind = text[max(0, start - SIDE) : start], text[end : end + SIDE]
    stop = _STOP.search(behind)
    asks = stop is not None and stop[0] in "?？؟"
    return asks or bool(_CONDITION.search(before)) or denied(text, start, end)


def states(text: str, pattern: re.Pattern[str]) -> bool:
    """Whether the text, a line of SUBJECT characters at most, says anywhere what `pattern` means."""
    line = text[:SUBJECT]
    return any(not unclaimed(line, *found.span()) for found in pattern.finditer(line))


def _tail(text: str, ends: re.Pattern[str]) -> str:
    """What stands behind the last end."""
    last = 0
    for found in ends.finditer(text):
        last = found.end()
    return text[last:]


def _denies(clause: str) -> bool:
    return bool(_DENIES.search(_HARMLESS.sub(" ", clause)))


def _held_over(sentence: str) -> bool:
    """Whether a denial waits for what stands behind an insertion: “you cannot, in any way, leave”."""
    main = _tail(sentence.rstrip(" ,")[: sentence.rstrip(" ,").rfind(",") + 1].rstrip(" ,"), _PAUSE)
    found = [each.end() for each in _DENIES.finditer(main)]
    return bool(found) and found[-1] == len(main)


def _ends_denying(before: str) -> bool:
    """Whether the last word before is a denial, whatever line or box it stands in."""
    words = before.rstrip()
    found = [each.end() for each in _DENIES.finditer(words, max(0, len(words) - 30))]
    return bool(found) and found[-1] == len(words)
