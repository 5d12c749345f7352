"""Words by which an answer to a report or a request of ours is told from a complaint: data only.

Ticket systems of other desks answer without the marks of RFC 3834, and people at them by hand. They speak of what was
sent to them; who complains speaks of themselves, or of abuse.
"""

from __future__ import annotations

import re

from app.mail.formats.wording import any_of

_TAKEN = (
    r"(?:\w{1,12} ){0,2}(?:complaint|report|notice|notification|request|ticket|inquiry|enquiry|submission|case)s?\b"
)
_DONE = (
    r"(?:received|created|opened|registered|forwarded|reviewed|closed|resolved|solved|approved|denied|accepted"
    r"|declined|rejected|processed|updated|completed|assigned)\b"
)

_WAS = r"(?:has|have|was|were|is|are)(?: now| been| being){0,2}"

ANSWERS = any_of(
    rf"\bwe(?:'ve| have)? (?:just )?(?:received|got|forwarded|reviewed|processed|registered) your {_TAKEN}",
    rf"\byour {_TAKEN}(?: \S{{1,24}}){{0,6}}? {_WAS} {_DONE}",
    rf"\b(?:case|ticket|request) (?:\S{{1,24}} ){{0,2}}{_WAS} (?:closed|resolved|solved|completed)\b",
    rf"\b(?:case|ticket) (?:\S{{1,24}} ){{0,2}}{_WAS} (?:opened|created) for your\b",
    r"\bstatus of your (?:ticket|case|request)\b|\bre-?open (?:the|your|this) (?:ticket|case|request)\b",
    r"\bthank(?:s| you)(?: very much| so much)? for (?:bringing (?:this|it) to our attention|reporting|submitting"
    rf"|contacting|writing to|your {_TAKEN})",
    r"\b(?:contacted|notified|informed) (?:our|the) (?:customer|client|user)\b"
    r"|\bforwarded (?:it|this|your|the)\b[^.\n]{0,40} to (?:our|the) (?:customer|client|user)\b",
    rf"\b(?:ip|address|accounts?|customer|user|server|service|vps|site|website)(?:\(s\))? {_WAS}"
    r" (?:terminated|suspended|disabled|blocked|deactivated|taken down|null-?routed)\b",
    r"\bstatement has been (?:successfully )?(?:entered|received|submitted)\b",
    r"\bhow would you rate\b|\brate the support\b|\bfollowing your (?:\w{1,12} )?request\b",
    r"\breviewing the \S{1,10} you submitted\b",
    rf"\b\w{{2,30}} (?:has )?received your {_TAKEN}|\bin receipt of your {_TAKEN}",
    r"\bihre? (?:\w{1,20} )?(?:meldung|beschwerde|anfrage|mitteilung)\b[^.\n]{0,60}"
    r"(?:erhalten|eingegangen|weitergeleitet|bearbeitet|erfasst|registriert|angelegt)"
    r"|\bfür (?:ihre|die) (?:meldung|beschwerde|anfrage)\b",
    r"\bkunden? (?:informiert|kontaktiert|benachrichtigt)\b",
    r"\bvotre (?:signalement|plainte|demande|ticket)\b[^.\n]{0,60}"
    r"(?:reçue?|transmise?|prise? en|enregistr|clôtur|trait)"
    r"|\bbien reçu votre\b|\baccus(?:ons|e) réception de votre\b|\bmerci (?:pour|de) votre (?:signalement|demande)\b",
    r"\b(?:hemos recibido|gracias por) su (?:denuncia|queja|reporte|solicitud|informe)\b"
    r"|\bsu (?:denuncia|queja|reporte|solicitud) (?:ha sido|fue)\b",
    r"\babbiamo ricevuto la (?:sua|vostra|tua) (?:segnalazione|richiesta)"
    r"|\bla (?:sua|vostra) (?:segnalazione|richiesta) è stata|\bgrazie per la (?:sua |vostra )?segnalazione",
    r"\buw (?:melding|klacht|verzoek) (?:is|hebben|wordt)\b|\bvoor uw (?:melding|klacht|verzoek)\b",
    r"\brecebemos (?:a )?sua (?:denúncia|solicitação|reclamação)|\bsua (?:denúncia|solicitação|reclamação) foi",
    r"\bdziękujemy za zgłoszenie|\bzgłoszenie zostało",
)
"""A desk that says what became of what it was sent."""

ANSWERED_ABOUT = any_of(
    r"(?m:^[^\n:]{1,30}:[^\n]*$)",
    r"\babus\w*|\bspam(?:haus|cop|experts)\w*|\b(?:phishing|malware|fraud|scam) (?=report|complaint)"
    r"|\b(?:report|complain|request)(?:s|t|ts|ed|ing)?\b",
)
"""Words of abuse that are about what was answered: the desk's own name, a field of the ticket."""

MACHINE = any_of(
    r"\bthis is an? auto(?:mated|matic)?[ -]?(?:reply|response|answer)\b|to jest automatyczna odpowiedź"
    r"|automatisch (?:generierte|erzeugte|erstellte) (?:antwort|eingangs|empfangs)|ceci est une réponse automatique"
    r"|esta es una respuesta automática|(?:questa è una risposta|esta é uma resposta) automática?",
    r"dit is een automatisch antwoord|自動(?:返信(?:です|メール)|(?:返信|送信|配信)(?:され|して))"
    r"|系统自动(?:回复|发)",
    r"##-[^\n]{3,80}-##|\bwould like to recall the message\b|\boffice is closed (?:from|until|for)\b",
    r"\bthis (?:mailbox|inbox|e-?mail address|account) is (?:not|no longer) monitored\b|\be-?mail will be answered\b",
    r"\b(?:verify|prove)(?: that)? you(?:'re| are) (?:a )?(?:human|person|real)\b|\bsender verification\b"
    r"|\bheld pending (?:verification|approval)|\bwaitlisted\b|\b(?:approved senders|guest list|allowed list)\b"
    r"|\bresults of your e?-?mail commands?\b|\brejected by the list moderator"
    r"|\bawaits? moderator approval|\bheld until the list moderator|\bnot authorized to send mail to the \S",
    r"\bum ihre (?:nachricht|e-?mail) (?:zuzustellen|auszuliefern)|\bpara que su mensaje (?:sea|pueda ser) entregado"
    r"|\bafin que votre (?:e-?mail|message) soit (?:remis|délivré)"
    r"|\bpara que (?:a )?sua mensagem seja (?:encaminhada|entregue)",
)
"""What a machine says of itself, or asks of who wrote: to prove to be a person, to wait for a moderator."""

OF_ONESELF = re.compile(
    r"\bI\b|\b(?:me|[Mm]y|myself|[Ii]ch|mir|mich|[Mm]ein\w{0,2}|[Jj]e|moi|[Mm]on|[Mm]es|[Yy]o|[Mm]is?|[Ii]k|mij|mijn|eu"
    r"|meus?|mnie|[Ss]till|again"
    r"|weiterhin|wieder|immer noch|nach wie vor|täglich|encore|toujours|tous les jours|sigue\w{0,3}|todos los días"
    r"|ancora|ogni giorno|nadal|codziennie|as before|go(?:es)? on|every day)\b|j'ai",
)
"""Somebody tells what happens to them."""

REST = re.compile(
    r"^[^\n]{0,40}\b(?:original (?:complaint|message|report)|wrote|schrieb|a écrit)\b[^\n]{0,80}$",
    re.MULTILINE | re.IGNORECASE,
)
"""Below such a line stands what was answered."""
