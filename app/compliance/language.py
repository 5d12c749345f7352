"""Which language a text is in, by its smallest words; enough to guess a jurisdiction, and it says when it is not.

A language-detection package was not taken: models of megabytes for a guess that staff correct with one click.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

LOOKED_AT = 2_000
"""How many words are looked at."""
ENOUGH = 5
"""How many small words of a language must be there."""

_SMALL = {
    "en": "the and you your for with this from are our that have not will can is of to it",
    "de": "und der die das nicht ist mit sie ihr ihre wir auf für den dem ein eine von zu sich oder bei",
    "fr": "le les des vous votre nous pour avec est une dans sur pas que qui et cette aux du",
    "es": "el los las para con usted su por una que del en este más no sus está y",
    "it": "il gli per con una che del della non è sono questo questa alla tuo la di e nel",
    "pt": "o os as para com uma não você que seu sua em por da do mais é ao na",
    "nl": "de het een en van voor je uw met niet op zijn dit dat aan bij ons wij",
    "pl": "i w na nie się do jest z że dla oraz lub twoje przez od to po",
    "sv": "och att för inte med du din är på av som vi ett en om till har",
    "da": "og at for ikke med du din er på af som vi et en om til har der",
    "nb": "og å for ikke med du din er på av som vi et en om til har det",
    "fi": "ja on ei se että tai voit sinun tämä ovat kun niin myös meidän",
    "cs": "a v na se je pro že nebo vaše jsme od do jako by za",
    "tr": "ve bir bu için ile değil olarak çok daha size sizin",
    "ru": "и в не на что с для это по вы ваш мы от как",
}
_BY_WORD: dict[str, tuple[str, ...]] = {}
for _code, _words in _SMALL.items():
    for _word in _words.split():
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _code)
_SCRIPTS = (("ja", "\u3041", "\u30ff"), ("ko", "\uac00", "\ud7a3"), ("zh", "\u4e00", "\u9fff"))


def language_of(words: Sequence[str]) -> str:
    """ISO 639 code of the language of lower-case `words`, "" where none clearly leads."""
    looked = words[:LOOKED_AT]
    script = _script_of("".join(looked[:200]))
    if script:
        return script
    counts = Counter(code for word in looked for code in _BY_WORD.get(word, ()))
    ranked = [*counts.most_common(2), ("", 0), ("", 0)]
    (code, most), (_, next_most) = ranked[0], ranked[1]
    return code if most >= ENOUGH and most >= 1.2 * next_most else ""


def _script_of(text: str) -> str:
    """The language that its letters alone tell, or ""."""
    for code, low, high in _SCRIPTS:
        if sum(low <= letter <= high for letter in text) * 4 > len(text) > 0:
            return code
    return ""
