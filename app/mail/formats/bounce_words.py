"""Words by which bounces and automatic replies are told where no standard form tells them: data only.

By language, from what mail servers and clients are seen to write. A subject's words count as one sign among others.
"""

from __future__ import annotations

import re

from app.mail.formats.wording import any_of

DAEMONS = re.compile(
    r"(?:mailer[-_.]?daemon|postmaster|mail[-_.]?daemon|mail[-_.]?delivery|double-bounce|bounces?|mdaemon|ndr|imss"
    r"|mail-?system)\b"
)
"""Local parts of programs that answer for a mail server; some are a person's too."""

PROGRAMS = re.compile(r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|ndr|double-bounce)\b")
"""Those of them that nobody else has."""

DAEMON_NAMES = any_of(r"mail (?:delivery )?(?:sub)?system|mail administrator|mailer.daemon|postmaster")

SUBJECT = any_of(
    r"undeliver|could ?n.t be delivered|not be delivered|not delivered|returned mail|return(?:ed)? to sender",
    r"deliver[a-z]* (?:status|failure|problem|error|has failed|failed|incomplete|delayed)",
    r"mail failure|mail failed|failed mail|non-?delivery|failure notice",
    r"mail system error|delayed mail|message \S{10,40} delayed",
    r"(?:mail|message) delivery(?! notice)|bounced? (?:e-?mail|message|notification)",
    r"message (?:blocked|rejected)|user unknown|\A\s*failed\s*:|mailbox (?:is )?full|over quota",
    r"processing error\s*\Z",
    r"unzustellbar|nicht zugestellt|nicht zustellbar|non remis|en erreur|no se (?:ha podido|puede) entregar",
    r"mancata consegna|non recapitabil|impossibile recapitare|onbestelbaar|no entrega(?:do|ble)",
    r"n[aã]o (?:foi )?entregue|n[aã]o (?:é|foi) possível entregar|niedostarcz|nie można dostarczyć|niedoręcz",
    r"olevererbar|ikke leveres|ikke lever(?:t|et)|gick inte att leverera|toimittamatta|nedoručiteln",
    r"kézbesíthetetlen|teslim edilemedi|nelivrabil|imposibil de livrat|δεν παραδόθηκε|ανεπίδοτ|αδύνατη η παράδοση",
    r"недоставлен|не достав|не (?:удается|удалось|вдалося|вдається) достав|доставк\S* (?:не|невозможн)",
    r"(?:сбо|ошибк|состояни|отчет|отчёт|уведомлени|статус)\S* о? ?достав|не доставено",
    r"לא ניתן למסירה|לא נמסר|تعذر (?:ال)?تسليم|غير قابل للتسليم|ไม่สามารถส่ง|tidak (?:terkirim|dapat (?:di)?kirim)",
    r"không (?:thể )?(?:gửi|phân phối|chuyển)(?: được)?|配信不能|送信できません|配信エラー|退信",
    r"无法(?:传递|投递)|未送达|無法(?:傳遞|投遞|傳送)|(?:投递|投遞|发送|發送|传送|傳送)失[败敗]",
    r"배달되지|배달 실패|전송 실패|반송",
)
"""A bounce's subject."""

SAYS = any_of(
    r"\b[45]\d\d[ -]{1,3}#?[45]\.\d{1,3}\.\d{1,3}\b|#[45]\.\d{1,3}\.\d{1,3}\b",
    r"\b55[0-4]\b[^\n]{0,80}(?:unknown|unavailable|not found|reject|denied|exist|no such|quota|full)",
    r"(?:could|can) ?not be delivered|couldn.t be delivered|(?:was|were) not delivered|undeliver(?:able|ed)",
    r"unable to deliver|delivery (?:to [^\n]{1,80} )?(?:has )?failed|failed recipient|fatal (?:delivery )?errors?",
    r"user unknown|unknown user|no such user|mailbox (?:is )?full|full mailbox|over quota|not been delivered",
    r"\brcpt to\b|retry timeout|delivery attempts",
    r"copy of (?:the|your|my) (?:original )?message|message from interscan|has (?:not yet been|been delayed)",
    r"nicht zugestellt werden|n'a pas pu être (?:remis|délivré|distribué)",
    r"no (?:se )?(?:pudo|ha podido) (?:ser )?entreg",
    r"recapito non riuscito|(?:impossibile|possibile) (?:consegnare|recapitare)|niet worden (?:afgeleverd|bezorgd)",
    r"não pôde ser entregue|не (?:может быть|удалось|было) достав|nie (?:mógł|można|udało)[^\n]{0,30} dostarcz",
    r"配信できません|送信できません|无法(?:投递|传递)|無法(?:傳遞|投遞)|未送达|您原信件的",
)
"""What a bounce says near its start."""

TO_SENDER = any_of(
    r"\byour (?:e-?mail|mail|message)(?: \S{1,80}){0,4}? (?:(?:could|can) ?not be|was not|has not been) delivered",
    r"\bcould not deliver (?:mail|the message|your message) to\b|\bdelivery of (?:e-?)?mail to this address\b"
    r"|\bthe (?:e-?mail|message) you sent\b[^.]{0,120}\bnot been delivered",
    r"\bvotre message n'a pas pu [eê]tre|\bihre (?:nachricht|e-?mail)(?: \S{1,80}){0,6} nicht zugestellt",
)
"""What only who sent a mail is told."""

FILTER = any_of(r"(?:anti[- ]?)?spam[- ]?(?:firewall|filter\w*|gateway|score|content|policy)|(?:as|bulk|likely) spam")
"""What stopped it: no word of complaint."""

AUTO_REPLY = re.compile(
    r"\s*(?:(?:re|aw|sv|antw)\s*:\s*)?[\[【]?(?:"
    r"auto(?:matic|mated|matische)?[- ]?(?:reply|response|answer|antwo?o?rd?t?)\b|auto\s*:"
    r"|autoreply|autosvar|out of (?:the )?office\b(?![^\n]{0,30}\b(?:spam|phish))|out-of-office"
    r"|ooo\s*(?:\Z|[:;,(–-])|ooo until\b|on vacation|vacation (?:reply|notice|response)"
    r"|vacation\s*:|(?:on )?(?:annual |maternity |parental |sick )?leave\s*(?:\Z|[:;,(–-])"
    r"|away from (?:the |my )?office"
    r"|abwesen(?:heit|d)|urlaub(?:smeldung)?\s*(?:\Z|[:;,(–-])|fora do escrit[oó]rio|assente\s*(?::|dal)"
    r"|nicht im (?:büro|haus)|(?:ich bin )?im urlaub"
    r"|automati(?:sche antwort|sch antwoord|skt svar|sk svar)|afwezig"
    r"|r[ée]ponse automatique|absence du bureau|absent du bureau|je suis absent|absence\s*:"
    r"|respuesta autom[aá]tica|fuera de (?:la )?oficina|risposta automatica|resposta autom[aàá]tica"
    r"|(?:fuori (?:ufficio|sede)|poza biurem)\s*(?:\Z|[:;,(–-])"
    r"|automaattinen vastaus|poissa\s*:|automaatvastus|autom[aā]tisk[aā] atbilde|automatinis atsakymas"
    r"|automatyczna odpowied|odpowied[źz] automatyczn|nieobecność"
    r"|automatick[áa] odpov[eě][dď]|automatikus válasz|automatski odgovor"
    r"|samodejni odgovor|otomatik yan[ıi]t|răspuns automat|fravær|frånvaro|αυτόματη απάντηση"
    r"|автоответ|автоматич\w* (?:ответ|відповідь|отговор)|מענה אוטומטי|תשובה אוטומטית|رد تلقائي|الرد التلقائي"
    r"|erantzun automatikoa|sjálfvirkt svar|аутоматски одговор|автоматты жауап|پاسخ خودکار|स्वचालित उत्तर"
    r"|i(?:'m| am) (?:currently )?out of (?:the )?office|balasan (?:otomatis|automatik)|trả lời tự động|ตอบกลับอัตโนมัติ"
    r"|自動返信|自動応答|不在(?:です|の(?:お知らせ|ため|連絡|ご連絡)|\s*\Z|\s*[:：])"
    r"|(?:来自[^\n]{1,60}的)?自动(?:回复|答复)|自動回覆|자동 ?(?:회신|응답))"
    r"|[^\n]{0,200}[\[(]auto(?:matic)?[- ]?(?:reply|response)[\])]\s*\Z",
    re.IGNORECASE,
)
"""The subject of an automatic reply."""

TAKEN = any_of(
    r"\[?request received\]?|\b(?:ticket|case|request)\b[^\n]{0,40}\b(?:created|received|opened|registered|assigned"
    r"|closed|resolved|solved)",
    r"we (?:have |.ve )?received your (?:e-?mail|message|request|ticket|enquiry|inquiry)|thank you for contacting",
    r"\bAutoReply\b|ticket[- ]?eingang|eingangsbestätigung|accusé de réception|acuse de recibo",
)
"""A help desk that says that it has taken a mail."""

RECEIPT = re.compile(
    r"\s*(?:(?:(?:hi|hello|dear|hallo|bonjour)\b[^\n]{0,60}|[^\s@]{1,64}@\S{3,80},)\n\s*)?(?:"
    r"(?:we (?:would like to|hereby) )?(?:acknowledge|confirm)(?:ing)? (?:that )?we (?:have |.ve )?(?:received|got)"
    r" your|(?:just )?confirming (?:that )?we (?:have |.ve )?(?:received|got) your"
    r"|we (?:have |.ve )?(?:received|got) your|(?:this is a notification to let you know that )?we are changing the"
    r" status of your ticket"
    r"|thank(?:s| you) for (?:contacting|reaching out|your (?:e-?mail|message|report|request|submission"
    r"|inquiry|enquiry))"
    r"|(?:this is an? )?automated (?:response|reply|confirmation)|your (?:e-?mail|message|report|request|ticket)"
    r" (?:\S{1,20} )?(?:has been|was) (?:received|created|opened|registered)"
    r"|wir haben ihre|vielen dank für ihre (?:anfrage|nachricht|e-?mail|meldung)|nous avons bien reçu votre"
    r"|hemos recibido su|abbiamo ricevuto la (?:sua|tua)|recebemos (?:a )?sua|we hebben uw|dziękujemy za)",
    re.IGNORECASE,
)
"""How a help desk's text begins that says so to whoever wrote to it."""

READ_SUBJECT = any_of(
    r"\A\s*(?:read|not read|gelesen|nicht gelesen|ungelesen gelöscht|lu|non lu|leído|no leído|letto|non letto|gelezen"
    r"|niet gelezen|lido|lida|przeczytano|прочитано|přečteno|læst|läst|lest|luettu|olvasva"
    r"|開封済み|已读|已讀|읽음)\s*:"
)
READ = any_of(
    r"\bwas (?:read|deleted without being read) on\b|wurde (?:am [^\n]{1,60} )?(?:gelesen|ungelesen gelöscht)",
    r"a été (?:lu|supprimé sans)|(?:se leyó|fue leído|è stato letto|foi lid[oa]"
    r"|is gelezen|został\S* przeczytan|прочитано)",
    r"byla přečtena|blev læst|(?:ble|vart) lest|lästes|on luettu|elolvas",
    r"開封されました|已(?:阅读|閱讀|读取|讀取)|읽었습니다",
)
"""What Outlook writes for somebody who has read a mail, where it does not say so by RFC 8098."""

YOURS = any_of(
    r"\b(?:your|ihre?[nr]?|votre|uw|vostr[oa]) (?:ip|ipv[46]|host|server|address|system|adresse|serveur|indirizzo)"
    r"(?:[ -]?(?:address|adresse))?[ :(\[]{1,3}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}:[0-9a-f:]{2,40})",
    r"\bassigned to (?:you\b|your (?:organi[sz]ation|network|company|team|desk))",
    r"\bpass(?:ed|ing)? (?:it |this )?on to you\b|\bplease find (?:below|attached|enclosed)\b",
    r"(?:ip|host|server|domain)[ :]{1,2}\S{4,80} (?:is |are )?(?:in|on|from) your (?:network|range|address space)",
)
"""A case that is not the answer to somebody who wrote, but handed to who is to act."""

_ABUSE = (
    r"\bspam|phish|\babus|\bscam|\bfraud|\bcomplain|malware|unsolicited|\battack|betrug|mi(?:ss|ß)brauch|спам|фишинг|жалоб"
    r"|フィッシング|迷惑メール|スパム|詐欺|垃圾邮件|垃圾郵件|诈骗|钓鱼|스팸|피싱"
)
ABUSE = any_of(_ABUSE)
"""What is complained of."""

PLAINT = any_of(
    r"\byour (?:customers?|clients?|servers?|networks?|users?|hosts?)\b|backscatter|\bscam|phish|\bflood",
    r"never (?:sent|subscribed|ordered|asked)|(?:did not|didn.t) (?:send|order|ask|write)",
    r"\b(?:parcel|package|paket|colis)\b",
    r"in my name|\b(?:uses?|using|forg\w{1,4}|abuses?) my (?:e-?mail )?(?:address|domain|name)|in meinem namen",
    r"\bihre?[nmrs]? kund|(?:über|aus) ihre[nm]? (?:server|netz)|abstellen|unterbinden|belästig|mi(?:ss|ß)br[aä]uch",
    r"(?:votre|vos) (?:client|serveur)|\bsu (?:cliente|servidor)|vostro client|seu cliente",
    r"uw klant|państwa klient|ваш\w{0,3} клиент",
    r"(?:nutzt|verwendet|missbraucht) mein|(?:en|a) (?:mon|mi|mio|meu) nom(?:bre|e)?\b",
    r"please (?:stop|act|investigate|take action|block|have a look|look into)|\bstop (?:it|this|them)\b",
    r"\bforg(?:es?|ed|ing) our\b|f[äa]lsch(?:t|en)? (?:uns|mein)|gef[äa]lscht\w{0,2} absender|gespamm?t|usurp|suplant"
    r"|falsifica",
)
"""Who writes of deliveries complains: of the server that mail comes from, or of a parcel."""

COMPLAINT = re.compile(
    r"(?!\s*+(?:re|aw|sv|antw|vs)\b\s*+:)"
    r"(?!\s*+\[?(?:auto|request received|undeliver|unzustell|return|failure|deliver|delayed|warning))"
    rf"[^\n]{{0,200}}?(?:{_ABUSE})",
    re.IGNORECASE,
)
"""The subject of who complains, and not of an answer, a bounce, or a warning of one's own mail server."""
