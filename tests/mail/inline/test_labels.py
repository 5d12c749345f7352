"""Labels, closing lines and prefixes as the clients of many languages write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.mail.inline.forward import Subject, forward_in, subject_of
from app.mail.inline.words import ROLES, Role, folded

SENDER, READER = "Garden <news@garden.example>", "reader@mailbox.test"
LABELS = f"From: {SENDER}\nDate: Mon, 2 Nov 2026 09:58:00 +0000\nSubject: Bulbs\nTo: {READER}\n"
NOON = datetime(2026, 11, 2, 9, 58, tzinfo=UTC)


def forward(mark: str, closing: str, below: str = "") -> str:
    return f"Stop.\n\n{mark}\n{LABELS}\nTulips.\n\n{closing}\n{below}"


@pytest.mark.parametrize(
    ("mark", "sender", "date", "subject", "recipient"),
    [
        ("-------- 轉寄郵件 --------", "從", "日期", "主旨", "到"),
        ("-------- Persiųstas laiškas --------", "Kas", "Data", "Tema", "Kam"),
        ("-------- رسالة ممرّرة --------", "مِن", "التّاريخ", "الموضوع", "إلى"),
        ("-------- الرسالة الأساسية --------", "المرسل", "التاريخ", "الموضوع", "المستقبل"),
        ("-------- Перанакіраванае паведамленне --------", "Ад", "Дата", "Тэма", "Да"),
        ("-------- Uzatilgan xabar --------", "Jo‘natuvchi", "Sana", "Mavzu", "Qabul qiluvchi"),
        ("-------- გადაგზავნილი წერილი --------", "ვინ", "თარიღი", "თემა", "ვის"),
        ("-------- 元のメッセージ --------", "発信者", "日付", "件名", "宛先"),
        ("-------- Pesan Asli --------", "Pengirim", "Tanggal", "Judul", "Penerima"),
        ("-------- Esialgne kiri --------", "Saatja", "Kuupäev", "Pealkiri", "Saaja"),
        ("-------- Оригинално писмо --------", "От", "Дата", "Заглавие", "До"),
        ("-------- Upprunaleg skilaboð --------", "Frá", "Dags", "Titill", "Til"),
        ("-------- ข้อความเดิม --------", "ผู้ส่ง", "วันที่", "หัวจดหมาย", "ผู้รับ"),
        ("----- ข้อความที่ส่งต่อมา -----", "จาก", "วันที่", "ชื่อเรื่อง", "ถึง"),
        ("-------- Alkuperäinen viesti --------", "Keneltä", "Pvm", "Otsikko", "Kenelle"),
        ("----- Vidarebefordrat meddelande -----", "Från", "Datum", "Ärende", "Till"),
        ("----- پیغام ارجاع شده -----", "از", "تاریخ", "عنوان", "به"),
        ("-------- Προωθημένο μήνυμα --------", "Από", "Ημ/νία", "Θέμα", "Προς"),
        ("-------- Thư đã chuyển tiếp --------", "Gửi từ", "Ngày", "Chủ đề", "Cho"),
        ("-------- Mensaxe reencamiñada --------", "De", "Data", "Titular", "Para"),
        ("-------- Mesej Dimajukan --------", "Daripada", "Tarikh", "Tajuk", "Kepada"),
        ("-------- Birbidalitako mezua --------", "Nondik", "Data", "Gaia", "Nora"),
        ("-------- अग्रेषित संदेश --------", "भेजने वाला", "तिथि", "विषय", "पाने वाला"),
        ("----- Mensaje reenviado -----", "De", "Enviados", "Asunto", "Para"),
        ("----- Mensagem encaminhada -----", "De", "Enviadas", "Assunto", "Para"),
        ("----- Пересланное сообщение -----", "От", "Отправленные", "Тема", "Кому"),
        ("----Messaggio originale----", "Da", "Data", "Ogg", "A"),
        ("--------------------------", "发件人", "发送时间", "主\u3000题", "收件人"),
        ("------- Forwarded message follows -------", "From", "Date sent", "Subject", "To"),
    ],
)
def test_labels_are_read_as_clients_translate_them(
    mark: str, sender: str, date: str, subject: str, recipient: str
) -> None:
    text = f"{mark}\n{sender}: {SENDER}\n{subject}: Bulbs\n{date}: 2026-11-02 09:58\n{recipient}: {READER}\n\nTulips."
    found = forward_in(text, "spam")

    assert found
    original = found.originals[0]
    assert (original.from_, original.subject, original.date) == (SENDER, "Bulbs", NOON)
    assert original.recipients == (READER,)


def test_arabic_is_looked_up_without_its_vowels_and_strokes() -> None:
    assert folded("مِن") == folded("مـن") == "من"
    assert ROLES[folded("التّاريخ")] is Role.DATE


@pytest.mark.parametrize(
    "text",
    [
        "Да: я получил письмо.\nНет: я не подписывался.\nДата: вчера\n",
        "Nora: I got one, too.\nSana: So did I.\nCho: Stop them.\n",
        "Kas: ann@home.test\nTitular: Ann\n",
        "到: 今天\n主题: 投诉\n日期: 2026-11-02\n",
    ],
)
def test_words_that_are_labels_elsewhere_make_no_forward(text: str) -> None:
    assert forward_in(text, "Fwd: Bulbs") is None


@pytest.mark.parametrize(
    ("mark", "closing"),
    [
        ("----- Forwarded message from Garden -----", "----- End forwarded message -----"),
        ("----- Mensagem encaminhada de Garden -----", "----- Final da mensagem encaminhada -----"),
        ("----- Mensaje reenviado de Garden -----", "----- Terminar mensaje reenviado -----"),
        ("----- Missatge reenviat de Garden -----", "----- Fi del missatge reenviat -----"),
        ("----- Videresendt besked fra Garden -----", "----- Slutning af videresendt besked -----"),
        ("----- Przekierowywany list od Garden -----", "----- Koniec przekierowywanego listu -----"),
        ("----- Plusendita mesaĝo de Garden -----", "----- Fino de plusendita mesaĝo -----"),
        ("----- Välitetty viesti lähettäjältä Garden -----", "----- Välitetty viesti loppuu -----"),
        ("----- Välitetty viesti lähettäjältä Garden -----", "----- Välitetty viesti päättyy -----"),
        ("---- Garden kişisinden iletilen ileti ----", "------ İletilen ileti sonu ------"),
        ("----- Edastatud kiri Garden'lt -----", "----- Edastatud kirja lõpp -----"),
        ("----- Προώθηση μηνύματος από Garden -----", "----- Τέλος προωθημένου μηνύματος -----"),
        ("----- رسالة محولة من Garden -----", "----- إنهاء الرسائل المحولة -----"),
        ("----- Garden から転送されたメッセージ -----", "----- 転送するメッセージは以上です -----"),
        ("----- Garden로부터 전달된 편지 -----", "----- 전달 편지 끝 -----"),
        ("----- 从 Garden 转发的邮件 -----", "----- 结束转发的邮件 -----"),
        ("----- ข้อความที่ส่งต่อมาจาก Garden -----", "----- จบการส่งต่อข้อความ -----"),
        (
            "===8<==============Original message text===============",
            "===8<===========End of original message text===",
        ),
    ],
)
@pytest.mark.parametrize("quote", ["", "> "])
def test_the_line_that_closes_a_forward_is_no_part_of_it(mark: str, closing: str, quote: str) -> None:
    text = "".join(f"{quote}{line}\n" for line in forward(mark, closing).splitlines())
    found = forward_in(f"{text}Ann, 1 Elm Street\n", "spam")

    assert found
    assert found.originals[0].raw.decode().rstrip("> \n").endswith("Tulips.")
    assert found.words.endswith("Ann, 1 Elm Street")
    assert closing not in found.words


@pytest.mark.parametrize(
    "line",
    [
        "----- Forward this letter to a friend -----",
        "----- Newsletter weiterleiten -----",
        "-- Weitergeleitete Nachricht --",
        "===== Weitergeleitete Nachricht, Ende =====",
        "----- Weitergeleitete Nachricht -----",
        "----- Weitergeleitet von Ann am 3.11.2026 -----",
        "----- Weitergeleitete Nachricht von Ann -----\nVon: Ann",
        "-----END PGP SIGNATURE-----",
        "----------",
    ],
)
def test_what_looks_like_a_closing_line_and_is_none_stays_in_the_forward(line: str) -> None:
    found = forward_in(forward("----- Weitergeleitete Nachricht -----", line, "\nMore tulips."), "spam")

    assert found
    assert found.originals[0].raw.endswith(b"More tulips.")
    assert found.words == "Stop."


@pytest.mark.parametrize(
    "subject",
    [
        *("転送: Bulbs", "PSL: Bulbs", "Prij: Bulbs", "Tov: Bulbs", "TRS: Bulbs", "ПРЕП: Bulbs", "Přep: Bulbs"),
        *("הועבר: Bulbs", "إعادة توجيه: Bulbs", "Chuyển tiếp: Bulbs", "ส่งต่อ: Bulbs", "Teruskan: Bulbs"),
    ],
)
def test_a_subject_says_forward_in_many_languages(subject: str) -> None:
    assert subject_of(subject) == (Subject.FORWARD, "Bulbs")


@pytest.mark.parametrize("subject", ["Ed: Bulbs", "Pro: Bulbs", "Prep: Bulbs", "Chuyển: Bulbs", "No Fwd: Bulbs"])
def test_an_ordinary_word_before_a_colon_is_no_prefix(subject: str) -> None:
    assert subject_of(subject) == (Subject.NEITHER, subject)
