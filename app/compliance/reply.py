"""Whether a subject claims to answer or to forward an earlier mail (pure).

Mail programs write this claim in their language; who deceives also writes it with letters that look the same, with
marks before it, or with characters that nobody sees. So it is read as a person sees it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

LOOKED_AT = 300
"""How many characters of a subject are looked at."""
TAGS = 3


class Claim(StrEnum):
    """PERHAPS: a letter that some mail programs write for an answer, and that may be a word of the subject."""

    NONE = "none"
    PERHAPS = "perhaps"
    CLAIMED = "claimed"


_PREFIXES = (
    r"re\d?|fwd?\d?|aw|wg|antw|antwort|antwoord|doorst|rif|odp|ynt|vá|vedr|továbbítás|σχετ|απ|πρθ"
    "|отв|ответ|пересл|від|השב|הועבר|رد|تحويل|إعادة توجيه|回复|回覆|答复|答覆|转发|轉寄|轉發"
    "|转寄|返信|転送|회신|답장|전달"
)
_COUNTED = r"(?:\s?\[\d{1,3}\]|\s?\(\d{1,3}\)|\^\d{1,3})?\s{0,3}:"
_CLAIM = re.compile(rf"(?!re:(?:invent|inforce|publica|zero|mars)\b)(?:{_PREFIXES}){_COUNTED}")
"""An answer or a forward; some things are called re:so."""
_SHORT = "r|i|vb|vl|fs|réf|ref|ang|ilt|bls|trs|ats|atb|tr|rv|pd|sv|vs|res|enc|на|пер"
_LETTER = re.compile(rf"(?P<short>{_SHORT}){_COUNTED}\s{{0,5}}")
_TAG = re.compile(r"\s{0,9}(?:\[[^\[\]]{1,60}\]|\([^()]{1,60}\))\s{0,9}")
_SPOKEN = {
    **{"r": "it", "i": "it", "vb": "sv", "vl": "fi", "fs": "nb", "ang": "sv", "ilt": "tr", "пер": "ru"},
    **{"tr": "fr", "rv": "es", "pd": "pl", "sv": "sv da nb fi", "vs": "fi nb da", "res": "pt", "enc": "pt"},
}
"""The languages in whose mail programs a short prefix is an answer or a forward; elsewhere it may be a word."""
_ALIKE = str.maketrans("аеорсухіѕԁνωτɡԝʀꞃ", "aeopcyxisdvwtgwrr")
"""Letters of other scripts that look like Latin ones."""
_SEEN = str.maketrans("\u0130\u2236\ua789\u0589\u05c3\u02d0", "i:::::", "\u115f\u1160\u2800\u3164\uffa0\u034f")
"""What looks like a colon is one; what is shown as nothing is nothing."""
_UNSEEN = frozenset({"Cf", "Cc", "Mn", "Me"})


def claim_of(subject: str, language: str) -> Claim:
    """What the subject claims. language: ISO 639 code of the text, "" where it is not known.

    `R:` and `I:` are an answer and a forward in Italian mail, `TR:` is a forward in French; elsewhere they may be
    words, so they are PERHAPS.
    """
    shown = _as_seen(subject)
    for line in (shown, shown.translate(_ALIKE)):
        if (found := _claim(line, language)) is not Claim.NONE:
            return found
    return Claim.NONE


def _claim(line: str, language: str) -> Claim:
    claims = [_claim_at(line, at, language) for at in _begins(line)]
    return max(claims, key=list(Claim).index)


def _claim_at(line: str, at: int, language: str) -> Claim:
    perhaps = Claim.NONE
    while letter := _LETTER.match(line, at):
        if language in _SPOKEN.get(letter["short"], "").split():
            return Claim.CLAIMED
        at, perhaps = letter.end(), Claim.PERHAPS
    return Claim.CLAIMED if _CLAIM.match(line, at) else perhaps


def _begins(line: str) -> Iterator[int]:
    """Where the words may begin: behind marks, in a bracket (`[Fwd: …]`), behind at most TAGS tags (a list's)."""
    at = _marks(line, 0)
    for _ in range(TAGS):
        yield at + (line[at : at + 1] in ("[", "("))
        tag = _TAG.match(line, at)
        if not tag:
            return
        at = _marks(line, tag.end())
    yield at


def _marks(line: str, at: int) -> int:
    """The next place of a letter, a digit or a bracket."""
    while at < len(line) and not line[at].isalnum() and line[at] not in "[(":
        at += 1
    return at


def _as_seen(subject: str) -> str:
    """Lower case, full-width forms as plain ones, without what is not seen; accents stay."""
    plain = unicodedata.normalize("NFKC", subject[:LOOKED_AT].translate(_SEEN))
    return "".join(letter for letter in plain if unicodedata.category(letter) not in _UNSEEN).casefold().strip()
