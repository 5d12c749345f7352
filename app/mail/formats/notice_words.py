"""Words by which a notice is told from a person's complaint, and what it is about from what it says."""

from __future__ import annotations

import re

from app.mail.domain import FeedbackType
from app.mail.formats.wording import any_of

UNATTENDED = any_of(
    r"\b(?:no|do-?not|dont|abuse|report)[-.]?repl(?:y|ies)",
    r"auto[-.]?(?:report|generat|mail|abuse)",
    r"\b(?:ne-?pas-?repondre|nicht-?antworten|no-?responde?r?a?|nao-?responda|non-?rispondere|niet-?(?:be)?antwoorden)",
    r"\bnie-?odpowiadaj",
    r"\bnotices?\b|\bnotify\b|notification|alerts?\b|\breports?\b|reporting|takedown",
    r"\b[a-z-]*cert\b|\bcert(?:bund|[-.][a-z]{2,4})\b|csirt|monitor|only\b",
    r"\b(?:root|daemon|cron|www-data|fail2ban|nagios|bounces?)\b",
)
"""In the local part of an address: nobody reads what is sent there, or a program has it."""

LISTED = re.compile(
    r"(?:\A|[\s\[:])(?:abuse)?(?:black|block)-?list(?:ed|ing)?(?:\]|[ \t]?:)\s{0,3}"
    r"\[?(?:[A-Za-z][\w.-]{0,30}\s{0,3}\(?)?\d{1,3}(?:\.\d{1,3}){3}\b",
    re.IGNORECASE,
)
"""In a subject: what watches lists of blocked addresses wrote it, with its mark and the address."""

GENERATED = any_of(
    r"automat(?:ic(?:ally)?|ed|iquement|isch(?:e[rns]?)?|icamente?)[\w-]{0,12}[ \t\n]{1,3}(?:e?-?mail|message"
    r"|generated|sent|notification|notice|alert|erzeugt|generiert|versandt|gegenereerd|generad[oa]|generat[oa]|gerad[oa]"
    r"|erstellt|verstuurd|bericht|nachricht|envoyé|généré)",
    r"(?:sent|generated) automatically|(?:envoyé|généré)e? automatiquement|automatycznie|автоматически",
    r"otomatik olarak",
    r"自動(?:送信|配信|生成|的に)|自动(?:发送|生成)|自動發送|자동(?:으로)? ?(?:발송|생성)",
    r"(?:message|mail|report|notice|information|list|data) (?:was|is|has been) (?:generated|automated)",
    r"do(?: not|n.t) reply\b|not (?:be )?(?:answered|monitored|respond)",
    r"has (?:just |now )?been (?:banned|blocked) by",
    r"(?m:^)[^\w\n]{0,12}(?:offending|infringing|abusive|malicious|fraudulent|reported|attacking)"
    r" (?:ur[li]|ip|domain|host|website|site|link|address)(?:s|es)?[ \t]{0,9}(?::|(?m:$))",
    r"\bdo(?: not|n.t) (?:need|require|expect) an? (?:response|reply|answer)",
    r"can be parsed with|machine[- ]read|contains an xml",
)
"""In the text: a machine wrote this."""

REFERENCE = any_of(
    r"(?:case|issue|incident|ticket|notice|report|reference|ref|rid|csirt|alert|complaint|abuse[ -]?(?:mail)?[ -]?id)"
    r"(?:[ _-]?(?:id|no|number|nr))?[ \t]{0,3}[.:#\[(]{0,3}[ \t]{0,3}#?[A-Z]{0,6}-?\d[\w-]{3,40}",
    r"(?:case|issue|incident|ticket)[ _-]?(?:id|no|number|nr)[ \t]{0,3}[:=][ \t]{0,3}\[?"
    r"(?=[^\s\d]{0,40}\d)[\w#.-]{5,60}",
    r"\A(?:\s{0,9}fwd?\s{0,9}:)?\s{0,9}\[[\w .#-]{0,60}\d{5,16}\]|\[#?[A-Z]{1,4}-?\d{5,12}\]",
)
"""The number under which the notifier keeps the matter."""

LOG_LINE = re.compile(
    r"^[>\s]{0,8}(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ][\d:.]{8,15}\S{0,6})"
    r" [\w.-]{1,100} [\w/.-]{1,40}\[\d+\]:",
    re.MULTILINE,
)
"""A line of a log as syslog writes it: time, host, program and its number (RFC 3164 §4.1.2)."""

ABOUT = any_of(
    r"\b(?:on|in|from|within|at|by) your (?:network|servers?|ip(?: address(?:es)?| ranges?)?|infrastructure|hosting"
    r"|address space|ranges?)\b",
    r"\b(?:for|about|concerning|regarding|involving) your (?:network|servers?|ip(?: address(?:es)?)?|host)\b",
    r"you are (?:currently )?(?:providing|hosting)|hosted (?:on|at|by|in)\b|contains \w{1,9} events",
    r"abuse (?:from|originating|report)|reported abuse|engaged in",
    r"received an? \w{3,20} (?:report|complaint) regarding",
    r"貴社の|貴ネットワーク|您的(?:网络|服务器|网段|ip)|您的(?:網路|伺服器)|귀(?:사|하)의 ?(?:네트워크|서버|ip)",
    r"(?:в|из|на) ваш(?:ей|его|ем) (?:сет|сервер|хостинг)|w (?:państwa|waszej) sieci|ağınız(?:da|dan)",
    r"(?:following|notified of) abuse|abuse[- ]type[ \t]*:",
    r"(?:is|was|are|been|have) (?:now )?(?:black-?|block-?)?listed\b|(?:has|have) been added to\b",
    r"\d (?:- )?(?:added to|found on|(?:black-?|block-?)?listed (?:on|in|at)) [A-Za-z]|(?:black|block)list: ?\[",
    r"suspicious (?:urls?|sites?|pages?|activity)|\blfd on\b|on one of your (?:systems|servers|hosts|machines)",
    r"abusive (?:\w{1,12} )?(?:requests?|traffic|activity)|offending[\w/ ]{0,12} (?:ip|host|url)\b",
    r"(?:attack|intrusion|brute.?force|scan\w{0,4}|attempts?) (?:from|at|against|originating)",
    r"infringing|(?:claimed|copyright) infring|under penalty of perjury|good faith belief|take ?down request",
    r"malicious (?:content|activity|url|file|ips?|(?:web ?)?sites?|domains?)",
    r"fraudulent (?:domains?|(?:web ?)?sites?|pages?|content|urls?|scripts?)\b|upstream provider",
    r"\balerts? for (?:ip )?\d{1,3}\.\d|safe browsing report",
    r"detected \d{1,6} (?:\w{3,20} )?(?:domains?|urls?|(?:web)?sites?|hosts?)\b",
    r"\b(?:spam|phishing|malware|scam)\b[\w \"'-]{0,30} from (?:the )?(?:host|ip|server|address)\b",
    r"\bstatus of the following ips?\b|\b(?:due to|because of) (?:user )?complaints\b",
    r"(?:was|were|been) (?:found|seen|observed|detected) (?:to be )?(?:sending|distributing|hosting) ",
    r"phishing (?:attack|site|page|url|content|website)|malware (?:url|distribution|attack|site|hosted)",
    r"in ihrem netz|von ihrem server|bei ihnen gehostet|phishing-(?:seite|angriff|aanval|pagina)|phishingaanval",
    r"uw netwerk|votre réseau|hébergé|su red\b|alojad[oa]|sua rede|vostra rete",
)
"""What notices say of a place in a network, and hardly anybody else."""

OWN_WORDS = any_of(
    r"\bI(?:'ve|'m| have| am| just| keep| still)? (?:received|receiving|got|get|getting|found|noticed|never|did not"
    r"|didn.t|clicked|bought|ordered|want)\b",
    r"\bmy (?:inbox|mail|e-?mail|account|phone|mother|father|wife|husband|name)\b",
    r"(?:sent|sending|spamming|mailed|wrote) (?:to )?me\b",
    r"\bich habe\b|\bmein(?:e[nmr]?)? (?:postfach|mail|konto)\b|\bheb ik\b|\bik heb\b",
    r"\bj'ai (?:re[cç]u|trouvé)\b|\bhe recibido\b|\bho ricevuto\b",
)
"""Somebody tells what happened to them."""

PASSED_ON = re.compile(
    r"\s*(?!fwd?: ?\[(?:[^\]\n]{1,40}#\d{8,20}|fail2ban)\])(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw|doorst|enc|i)\s*:",
    re.IGNORECASE,
)

"""But not as OTRS writes it above its number: there a desk sends out what it was sent. Nor above fail2ban's name:
what is passed on there is no mail that somebody complains of."""

FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr|rv|doorst|enc|i)\s*:", re.IGNORECASE)
"""Of these, those that no answer has."""

SEEN_AT = re.compile(
    r"^[^\w\n]{0,12}(?:[\w ]{0,30}?(?:time ?stamp|seen|observed|detected|tested on|event[ _]time|attack time"
    r"|(?:detection|observation)(?: of malicious activity)?)"
    r"|time|date)[ \t]{0,20}:[ \t]{0,20}([^\n]{8,80})$",
    re.IGNORECASE | re.MULTILINE,
)

SAID_AT = re.compile(r"\bon \((\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)?(?: [+-]\d{4}| [A-Z]{1,5})?)\)")
"""The same in a sentence."""

CLASSES = (
    (
        FeedbackType.FRAUD,
        any_of(
            r"phish|fraud|fraude|betrug|\bscams?\b|spoof|credential|identity theft|fake (?:shop|site)|impersonat",
            r"钓鱼|釣魚",
        ),
    ),
    (
        FeedbackType.OTHER,
        any_of(r"attack|brute.?force|intrusion|\bscan|\bddos\b|login attempt|copyright|infring|botnet"),
    ),
    (
        FeedbackType.VIRUS,
        any_of(
            r"malware|malicious (?:content|file|code|software|url)|unsafe (?:site|page)|safe browsing",
            r"virus|trojan|ransomware|exploit|\bworm\b|schadsoftware",
        ),
    ),
    (
        FeedbackType.ABUSE,
        any_of(
            r"\b(?<!anti-)(?<!anti )spam(?!haus|cop|rats|assassin)|unsolicited|junk mail",
            r"垃圾[邮郵]件|迷惑メール|スパム|스팸",
        ),
    ),
)
"""What a notice is about, the most severe first; but an attack is no malware, though it may speak of it."""
