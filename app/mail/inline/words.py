"""What mail clients write around a mail that they forward within the text: data, no code beyond look-up tables.

Gathered by language from what clients are seen to write (Apple Mail, Gmail, Outlook, Yahoo, Thunderbird, HubSpot,
IONOS, GMX, Mail.ru, Yandex, Zoho, Proton and others). A label means one thing in every language that has it, so that
a line needs no language to be understood; `LANGUAGES` exists for clients that write all labels in one line.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum


class Role(StrEnum):
    """What a label names; the value is the header field's English name."""

    FROM = "From"
    DATE = "Date"
    SUBJECT = "Subject"
    TO = "To"
    CC = "Cc"
    REPLY_TO = "Reply-To"
    OTHER = ""


DIRECTION = "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
"""What tells in which direction to write, around names and addresses in Hebrew and Arabic."""
NO_DIRECTION = dict.fromkeys(map(ord, DIRECTION))
_VOWELS = "".join(map(chr, (*range(0x64B, 0x653), 0x670, 0x640)))
"""Marks that Arabic may write, and the stroke that makes its words longer."""
_UNSEEN = dict.fromkeys(map(ord, f"{DIRECTION}{_VOWELS}\u200b\u200c\ufeff\u0307"))


def folded(text: str) -> str:
    """`text` for look-ups: composed, without case, marks that cannot be seen, and runs of white space."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFC", text).casefold().translate(_UNSEEN).split())


def _words(text: str) -> frozenset[str]:
    return frozenset(folded(word) for word in text.split())


_ROLES = (Role.FROM, Role.DATE, Role.SUBJECT, Role.TO, Role.CC, Role.REPLY_TO)

# A language a line; sender | date | subject | recipient | copy | reply-to, the forms apart by commas.
_TABLE = {
    "en": "From,Sender|Date,Sent,Sent on,Date sent|Subject|To,Recipient|Cc,Copy|Reply-To,Reply to",
    "de": "Von,Absender|Datum,Gesendet,Gesendet am|Betreff,Thema|An,Empfänger|Kopie,Kopie (CC),Kopie an|Antwort an",
    "fr": "De,Expéditeur|Date,Envoyé,Envoyé le,Date d'envoi|Objet,Sujet|À,A,Pour,Destinataire|Copie à|Répondre à",
    "es": "De,Remitente|Fecha,Enviado,Enviado el,Enviados|Asunto|Para,Destinatario|Con copia,Copia|Responder a",
    "it": "Da,Mittente|Data,Inviato,Inviato il|Oggetto,Ogg|A,Per,Destinatario|Copia,Copia a,P.c.|Rispondi a",
    "pt": "De,Remetente|Data,Enviado,Enviada,Enviado em,Enviada em,Enviadas|Assunto|Para,Destinatário|Com cópia"
    "|Responder a",
    "nl": "Van,Afzender|Datum,Verzonden,Verzonden op,Verstuurd|Onderwerp|Aan,Ontvanger|Kopie|Antwoord aan",
    "da": "Fra,Afsender|Dato,Sendt,Sendt den|Emne|Til,Modtager|Kopi,Kopi til|Svar til",
    "nb": "Fra,Avsender|Dato,Sendt|Emne|Til,Mottaker|Kopi,Kopi til|Svar til",
    "sv": "Från,Avsändare|Datum,Skickat,Skickad|Ämne,Ärende|Till,Mottagare|Kopia,Kopia till|Svara till,Svar till",
    "fi": "Lähettäjä,Keneltä|Päivämäärä,Päiväys,Lähetetty,Pvm|Aihe,Otsikko"
    "|Vastaanottaja,Vastaanottajat,Saaja,Kenelle|Kopio|Vastaus",
    "et": "Saatja,Kellelt|Kuupäev,Saadetud,Saatmisaeg|Teema,Pealkiri|Adressaat,Kellele,Saaja|Koopia|Vasta",
    "pl": "Od,Nadawca|Data,Wysłano,Wysłane,Data wysłania|Temat|Do,Adresat,Odbiorca|DW,Kopia,Dw|Odpowiedz do",
    "cs": "Od,Odesílatel|Datum,Odesláno|Předmět,Věc|Komu,Pro,Příjemce|Kopie|Odpověď komu,Odpovědět",
    "sk": "Od,Odosielateľ|Dátum,Odoslané,Poslané|Predmet|Komu,Pre,Príjemca|Kópia,Kópie|Odpovedať,Odpoveď",
    "sl": "Od,Pošiljatelj|Datum,Poslano|Zadeva|Za,Komu,Prejemnik|Kopija,Kp,V vednost|Odgovor na",
    "hr": "Od,Šalje,Pošiljatelj|Datum,Poslano,Poslato,Poslan|Predmet,Naslov|Za,Prima,Primatelj|Kopija|Odgovor",
    "hu": "Feladó|Dátum,Elküldve,Küldve|Tárgy|Címzett,Címzettek|Másolat,Másolatot kap|Válaszcím",
    "ro": "De la,De,Expeditor,Expeditorul|Data,Dată,Trimis,Expediat|Subiect,Subiectul"
    "|Către,Catre,Pentru,La,Destinatar,Destinatarul|Copie|Răspuns către",
    "bg": "От,Подател|Дата,Изпратено|Относно,Заглавие|До,Получател|Копие|Отговор до",
    "el": "Από,Αποστολέας|Ημερομηνία,Στάλθηκε,Εστάλη,Αποστολή,Ημ/νία|Θέμα|Προς,Παραλήπτης|Κοιν.,Κοινοποίηση"
    "|Απάντηση σε",
    "tr": "Kimden,Gönderen,Gönderici|Tarih,Gönderilen,Gönderildi,Gönderilme,Gönderme Tarihi|Konu|Kime,Alıcı|Bilgi"
    "|Yanıt Adresi",
    "ru": "От,От кого,Отправитель|Дата,Отправлено,Отправленные|Тема|Кому,Получатель|Копия|Ответить,Обратный адрес",
    "uk": "Від,Від кого,Відправник|Дата,Надіслано,Відправлено|Тема|Кому,Одержувач|Копія|Відповісти",
    "lt": "Nuo,Siuntėjas,Kas|Data,Išsiųsta|Tema|Kam,Gavėjas|Kopija|Atsakyti",
    "lv": "Sūtītājs,No|Datums,Nosūtīts|Temats,Tēma|Kam,Uz,Adresāts|Kopija|Atbildēt",
    "ca": "De,Remitent|Data,Enviat|Assumpte|Per a,A|Còpia|Respon a",
    "ja": "差出人,送信者,送信元,発信者|日付,日時,送信日時|件名|宛先,送信先,受信者|写し|返信先",
    "zh": "发件人,寄件人,寄件者,自,從,从|日期,时间,发送时间,發送時間,发送日期,寄件日期,傳送日期,已傳送,已寄出"
    "|主题,主題,主旨,主 题,主 題|收件人,收件者,到|抄送,副本|回复",
    "ko": "보낸 사람,보낸사람,발신|날짜,보낸 날짜,보낸날짜,보낸 시간|제목|받는 사람,받는사람|참조|회신",
    "he": "מאת|תאריך,נשלח|נושא|אל|עותק|השב אל",
    "ar": "من,المرسل|التاريخ,تاريخ,بتاريخ,تاريخ الإرسال,تم الإرسال|الموضوع|إلى,المستقبل|نسخة|الرد على",
    "id": "Dari,Pengirim|Tanggal,Dikirim,Terkirim|Subjek,Perihal,Judul|Kepada,Untuk,Penerima|Tembusan,Salinan"
    "|Balas ke",
    "ms": "Daripada|Tarikh,Dihantar|Subjek,Tajuk|Kepada|Salinan|Balas kepada",
    "fil": "Mula kay,Mula sa|Petsa,Ipinadala|Paksa|Para kay,Para sa|Kopya|Sagot",
    "vi": "Từ,Người gửi,Gửi từ|Ngày,Đã gửi,Ngày gửi|Tiêu đề,Chủ đề|Tới,Đến,Gửi đến,Người nhận,Cho|Đồng gửi|Trả lời",
    "th": "จาก,ผู้ส่ง|วันที่,ส่ง,ส่งเมื่อ|หัวเรื่อง,เรื่อง,หัวข้อ,หัวจดหมาย,ชื่อเรื่อง|ถึง,ผู้รับ|สำเนา,สำเนาถึง|ตอบกลับ",
    "sr": "Шаље,Од,Пошиљалац|Датум,Послато|Тема,Наслов,Предмет|Прима,За,Прималац|Копија|Одговор",
    "mk": "Од,Испраќач|Датум,Испратено|Предмет,Наслов|До,За,Примач|Копија|Одговор",
    "be": "Ад,Ад каго,Адпраўнік|Дата,Адпраўлена|Тэма|Каму,Атрымальнік,Да|Копія|Адказаць",
    "kk": "Кімнен|Күні,Жіберілген|Тақырыбы|Кімге|Көшірмесі|Жауап",
    "az": "Kimdən,Göndərən|Tarix,Göndərilib|Mövzu|Kimə,Alan|Surət|Cavab",
    "ka": "გამგზავნი,ვისგან,ვინ|თარიღი,გაგზავნილია|თემა,სათაური|მიმღები,ვის|ასლი|პასუხი",
    "sq": "Nga|Datë,Data,Dërguar|Subjekt,Subjekti|Për|Kopje|Përgjigju",
    "is": "Frá,Sendandi|Dagsetning,Sent,Dags.,Dags|Efni,Titill|Til,Viðtakandi|Afrit|Svara",
    "nn": "Frå,Avsendar|Dato,Sendt|Emne|Til,Mottakar|Kopi|Svar til",
    "eu": "Nork,Nondik,Bidaltzailea|Data,Bidalia,Noiz|Gaia|Nori,Nora,Hartzailea|Kopia|Erantzun",
    "gl": "De,Remitente|Data,Enviado|Asunto,Titular|Para,Destinatario|Copia|Responder a",
    "fa": "از,فرستنده|تاریخ,ارسال شده,ارسال|موضوع,عنوان|به,گیرنده|رونوشت|پاسخ به",
    "hi": "प्रेषक,से,भेजने वाला|दिनांक,तारीख,भेजा गया,तिथि|विषय|प्रति,को,प्राप्तकर्ता,पाने वाला|प्रतिलिपि|उत्तर",
    "bn": "থেকে,প্রেরক|তারিখ,পাঠানো|বিষয়|প্রতি,প্রাপক|অনুলিপি|উত্তর",
    "uz": "Jo‘natuvchi,Joʻnatuvchi,Jo'natuvchi,Kimdan|Sana|Mavzu|Qabul qiluvchi,Kimga|Nusxa|Javob",
    "sw": "Kutoka,Kutoka kwa|Tarehe|Mada|Kwa|Nakala|Jibu",
}

LANGUAGES: dict[str, tuple[tuple[Role, str], ...]] = {
    language: tuple(
        (role, label) for role, forms in zip(_ROLES, row.split("|"), strict=True) for label in forms.split(",")
    )
    for language, row in _TABLE.items()
}
"""The labels of each language as they are written. English ones are used by clients of any language."""

_OTHERS = (
    *("Bcc", "Importance", "Priority", "Attachments", "Attachment", "Organization", "Sensitivity", "Categories"),
    *("Blindkopie", "Blindkopie (BCC)", "Wichtigkeit", "Priorität", "Anlagen", "Anlage", "Organisation"),
    *("Cci", "Pièces jointes", "Pièce jointe", "CCO", "Datos adjuntos", "Importancia", "Ccn", "Allegati", "Priorità"),
    *("Anexos", "Prioridade", "Bijlagen", "Bijlage", "Urgentie", "Vedhæftede filer", "Vedlegg", "Bilagor"),
    *(
        "Liitteet",
        "Załączniki",
        "UDW",
        "Ważność",
        "Přílohy",
        "Prílohy",
        "Mellékletek",
        "Fontosság",
        "Ekler",
        "Вложения",
    ),
)

ROLES: dict[str, Role] = {folded(name): Role.OTHER for name in _OTHERS} | {
    folded(label): role for labels in LANGUAGES.values() for role, label in labels
}
"""What a label means, by its `folded` form."""

HEADER_NAMES = frozenset(map(folded, ("From", "Date", "Subject", "To", "Cc", "Reply-To", "Bcc")))
"""The labels that a mail's own header has too: they do not tell a forward from a header."""

FORWARD_STEMS = (
    *("forward", "fwd", "weitergeleitet", "weiterleitung", "transféré", "transmis", "réexpédié", "faire suivre"),
    *("reenviad", "reenviat", "inoltrat", "encaminhad", "reencaminhad", "doorgestuurd", "doorgezonden"),
    *("videresend", "vidaresend", "vidarebefordra", "välitet", "edelleenlähe", "edastatud", "przekaz", "przesłan"),
    *(
        "przesyłan",
        "přeposlan",
        "přeposíl",
        "předan",
        "preposlan",
        "posredovan",
        "proslijeđen",
        "prosleđen",
    ),
    *(
        "továbbít",
        "redirecțion",
        "redirection",
        "înaintat",
        "препратен",
        "προωθημέν",
        "προωθήθηκε",
        "iletil",
        "iletilen",
        "ileti başlangıcı",
    ),
    *("yönlendiril", "пересыла", "пересла", "перенаправл", "переадрес", "пересила", "persiųst", "peradresuot"),
    *("diteruskan", "terusan", "dimajukan", "ipinasa", "chuyển tiếp", "ส่งต่อ", "прослеђен", "проследен", "перасла"),
    *("қайта жолда", "yönləndir", "გადაგზავნ", "გადამისამართ", "përcjell", "áframsen", "framsen", "birbidal"),
    *("هدایت شده", "فوروارد", "ارسال مجدد", "अग्रेषित", "ফরওয়ার্ড"),
    *(
        "محول",
        "ممررة",
        "ارجاع شده",
        "προώθηση",
        "plusend",
        "przekierow",
        "reencamiñad",
        "proslijedjen",
        "переправлен",
    ),
    *("uzatil", "បញ្ជូនបន្ត"),
    *("pārsūtīt", "転送", "转发", "轉寄", "轉發", "전달", "הועבר", "מועברת", "المعاد توجيهها", "معاد توجيه"),
)
"""Any of these in a separator line says that the mail is forwarded; other words may also introduce a reply."""

END_WORDS = _words(
    "end ende fin fine fim einde slut slutt slutet slutning loppu koniec konec kraj vége sfârșit son конец кінець"
    " кiнець край final finalizar terminar fi fino amaitu akhir ljúka završi заврши τέλος إنهاء انهاء انتهای"
)
"""First words of a line that closes a forward."""

FORWARD_PREFIXES = _words(
    "fwd fw wg tr rv i enc doorst vs vb pd vl ilt pr fs reenv továbbítás továbbítva tov edasi prosl prij psl trs"
    " redir προωθ πρθ пер пересл переслано преп přep 转发 轉寄 轉發 転送 전달 hl пд הועבר ส่งต่อ teruskan"
) | {folded("إعادة توجيه"), folded("Chuyển tiếp")}
"""What clients put before the subject of a forward."""

EITHER_PREFIXES = _words("vs i pd")
"""Those that are an answer's in another language: `VS` is a forward in Danish and Norwegian, an answer in Finnish."""

REPLY_PREFIXES = _words(
    "re aw antw sv r rif res resp odp ynt yan vá válasz ats atb απ σχετ отв ответ відп vast od"
    " 回复 答复 回覆 答覆 回信 返信 답장 회신 רד השב رد odg одг antwort odp bls ตอบกลับ re^2 re^3 betr"
)
"""What clients put before the subject of a reply."""

WROTE_WORDS = _words(
    "wrote writes schrieb schrieben a écrit escribió escribio ha scritto escreveu heeft het volgende geschreven"
    " schreef skrev følgende följande kirjoitti kirjutas napisał napisał(a) napisała napsal napsal(a) napísal"
    " napísal(a) je napisao/la napisao napisala piše ezt írta írta időpontban a scris написал написал(а) пишет"
    " написала написав пише yazdı şunları tarihinde użytkownik пользователь користувач on at am um kl klo kell"
    " le à el la las los a il giorno alle ore em às op om den d. på kl. dne v dňa o dnia în data de la в о г. р."
    " er via from von fra pm uhr parašė rakstīja va escriure odesílatel odosielateľ ο η χρήστης έγραψε στις на написа"
    " vào lúc đã viết pada tanggal pukul menulis בתאריך יום מאת כתב כתבה في تمت كتابة ما يلي بواسطة كتب ص م"
)
"""The words of an `On <date>, <name> wrote:` line that are no part of the name."""
