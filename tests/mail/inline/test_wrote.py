"""The sentence above a forwarded mail, `On <date>, <who> wrote:`, in the languages of the clients that write it."""

from __future__ import annotations

from datetime import date

import pytest

from app.mail.domain import Kind
from app.mail.read import read

SENTENCES = {
    "en": "On Tue, 3 Nov 2026 at 10:00, {} wrote:",
    "en-us": "On Tue, Nov 3, 2026 at 10:00 AM {} wrote:",
    "de": "Am Di., 3. Nov. 2026 um 10:00 Uhr schrieb {}:",
    "fr": "Le mar. 3 nov. 2026 à 10:00, {} a écrit :",
    "es": "El mar, 3 nov 2026 a las 10:00, {} escribió:",
    "it": "Il giorno mar 3 nov 2026 alle ore 10:00 {} ha scritto:",
    "pt": "Em ter., 3 de nov. de 2026 às 10:00, {} escreveu:",
    "pt-pt": "{} escreveu (terça, 3/11/2026 à(s) 10:00):",
    "nl": "Op di 3 nov 2026 om 10:00 schreef {}:",
    "sv": "Den tis 3 nov. 2026 kl 10:00 skrev {}:",
    "da": "Den tirs. 3. nov. 2026 kl. 10.00 skrev {}:",
    "nb": "tir. 3. nov. 2026 kl. 10:00 skrev {}:",
    "fi": "ti 3. marrask. 2026 klo 10.00 {} kirjoitti:",
    "pl": "wt., 3 lis 2026 o 10:00 {} napisał(a):",
    "cs": "út 3. 11. 2026 v 10:00 odesílatel {} napsal:",
    "sk": "ut 3. 11. 2026 o 10:00 {} napísal(a):",
    "hu": "{} ezt írta (időpont: 2026. nov. 3., K, 10:00):",
    "ro": "În mar., 3 nov. 2026 la 10:00, {} a scris:",
    "ru": "вт, 3 нояб. 2026 г. в 10:00, {}:",
    "uk": "вт, 3 лист. 2026 р. о 10:00 {} пише:",
    "tr": "{}, 3 Kas 2026 Sal, 10:00 tarihinde şunu yazdı:",
    "el": "Στις Τρί 3 Νοε 2026 στις 10:00 π.μ., ο χρήστης {} έγραψε:",
    "ja": "2026年11月3日(火) 10:00 {}:",
    "zh": "{} 于2026年11月3日周二 10:00写道：",
    "zh-tw": "{} 於 2026年11月3日 週二 上午10:00寫道：",
    "ko": "2026년 11월 3일 (화) 오전 10:00, {}님이 작성:",
    "hr": "uto, 3. stu 2026. u 10:00 {} napisao je:",
    "bg": "На вт, 3.11.2026 г. в 10:00 {} написа:",
    "ca": "El dt., 3 de nov. 2026, 10:00, {} va escriure:",
    "vi": "Vào Th 3, 3 thg 11, 2026 vào lúc 10:00 {} đã viết:",
    "he": "\u202bבתאריך יום ג׳, 3 בנוב׳ 2026 ב-10:00 מאת \u202a{}\u202c\u200f:\u202c",
    "id": "Pada tanggal Sel, 3 Nov 2026 pukul 10.00 {} menulis:",
    "apple-en": "On 3. Nov 2026, at 10:00, {} wrote:",
    "apple-de": "Am 03.11.2026 um 10:00 schrieb {}:",
    "apple-fr": "Le 3 nov. 2026 à 10:00, {} a écrit :",
    "ar": "\u202bفي الثلاثاء، 3 نوفمبر 2026 في 10:00 ص تمت كتابة ما يلي بواسطة \u202a{}\u202c\u200f:\u202c",
    "es2": "El mar, 3 nov 2026 a las 10:00 a. m., {} escribió:",
    "lv": "otrd., 2026. g. 3. nov., plkst. 10:00, {} rakstīja:",
    "tb-en": "On 11/3/26 10:00 AM, {} wrote:",
    "tb-de": "Am 03.11.26 um 10:00 schrieb {}:",
}
WRITERS = {
    "Ann Lee <ann@home.test>": "Ann Lee <ann@home.test>",
    "Ann <ann@home.test>": "Ann <ann@home.test>",
    '"Lee, Ann" <ann@home.test>': "Lee, Ann <ann@home.test>",
    "<ann@home.test>": "ann@home.test",
    "ann@home.test": "ann@home.test",
}


@pytest.mark.parametrize("written", WRITERS)
@pytest.mark.parametrize("language", SENTENCES)
def test_who_wrote_it_and_when(language: str, written: str) -> None:
    sentence = SENTENCES[language].format(written)
    found = read(
        "From: Jo <jo@home.test>\nTo: abuse@relay.test\nSubject: Fwd: Tulips\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n\nLook.\n\n{sentence}\n\n> Tulips\n> are cheap\n".encode()
    )

    (original,) = found.originals
    assert (found.kind, original.from_) == (Kind.INLINE, WRITERS[written])
    assert original.date is not None and original.date.date() == date(2026, 11, 3)


def test_labels_between_marks_of_direction() -> None:
    block = (
        "---------- הודעה שהועברה ---------\n\u202bמאת: \u202aAnn Lee\u202c\u200f <\u202aann@home.test\u202c\u200f>\n"
        "\u202bתאריך: יום ג׳, 3 בנוב׳ 2026 ב-10:00\n"
        "\u202bנושא: \u202aTulips\u202c\u200f\n\u202bאל: <\u202ajo@home.test\u202c>\n"
    )
    found = read(
        "From: Jo <jo@home.test>\nTo: abuse@relay.test\nSubject: Fwd: x\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{block}\n\nTulips are cheap\n".encode()
    )

    (original,) = found.originals
    assert (original.from_, original.subject) == ("Ann Lee <ann@home.test>", "Tulips")
    assert original.recipients == ("jo@home.test",)
