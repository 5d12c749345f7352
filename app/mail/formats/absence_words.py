"""Words by which people are told that somebody is away, in languages and forms that no machine marks: data only.

They are asked for last, where nothing else was found in a mail, and never suffice alone, as people complain of offers
of holidays, too: a machine must have sent it, or the text must begin with somebody saying so of themselves.
"""

from __future__ import annotations

import re

_ABSENT = (
    r"out of (?:the )?(?:office|country)|\b(?:on|my) (?:\w{1,10} )?(?:leave|holidays?|vacation|pto)\b|\booo\b|\boof\b"
    r"|\baway (?:from|until|till)\b|\bcurrently away|no longer (?:with|works?|employed|monitored|in use|active)"
    r"|left the company|not (?:being )?(?:regularly )?monitored|closed for|holiday closure|vacation responder",
    r"im urlaub|au(?:ß|ss)er haus|nicht (?:im büro|im haus|erreichbar|am platz)|abwesen|betriebsferien"
    r"|nicht mehr (?:für|bei|im unternehmen)|ausgeschieden|elternzeit",
    r"\babsen(?:t|te|ce)\b|en (?:congés?|vacances|déplacement)|congés? (?:annuels?|maternité)|hors du bureau",
    r"\bausente|\bausencia|de vacaciones|fuera de la oficina|\bausência|de férias|\bférias\s*[:–-]"
    r"|fora do escritório",
    r"\bassen(?:te|za)\b|in ferie|fuori (?:sede|ufficio)",
    r"afwezig|buiten kantoor|(?:op|met) vakantie|niet aanwezig|niet op kantoor",
    r"ikke på kontoret|fravær|på ferie|bortreist|ferie\s*[:–-]|frånvar|på semester"
    r"|inte på kontoret|fjarverandi|í fríi",
    r"\blomalla|\bpoissa|puhkusel|kontorist väljas|atvaļinājum|prombūtn|atostog|nesu biure",
    r"poza biurem|na urlopie|urlop do|nieobecn|nepřítomn|neprítomn|(?:na|mám|čerpám) dovolen|mimo kancel",
    r"\bodsot|na dopustu|\bodsut|na godišnjem|na odmoru|távol|szabadságon|concediu|nu sunt la birou|jam me pushime",
    r"\bотпуск|отсутству|вне офиса|нет на (?:рабочем )?месте|у відпустці|відпустк|відсутн|извън офиса|отсъств"
    r"|одсутан|на одмору|на годишњем",
    r"απουσί|εκτός γραφείου|σε άδεια|ofis dışında|izin(?:de|li)|tatilde|yıllık izin|məzuniyyət",
    r"(?:sedang|masa) cuti|cuti (?:tahunan|hingga|sampai)|di luar kantor|nghỉ phép|vắng mặt",
    r"ลาพักร้อน|ไม่อยู่(?:ที่|ใน)|ลางาน",
    r"休暇(?:中|の|を)|不在|外出中|出張中|休假|不在(?:办公室|辦公室)|外出|年假|부재|휴가|출장 중",
    r"בחופשה|מחוץ למשרד|נעדר|إجازة|خارج المكتب|غائب|مرخصی|अवकाश पर|छुट्टी पर",
)
ABSENT = re.compile("|".join(_ABSENT), re.IGNORECASE)
"""Somebody is away, or not there any more."""

_GREETING = (
    r"\s*(?:[^\n.?]{1,40}[,!:][ \t]*\n\s*"
    r"|(?:hi|hello|dear|hallo|hola|bonjour|ciao|hej|hei|здравствуйте)\b[^.\n]{0,30},\s*)?"
    r"(?:(?:thank you|thanks|vielen dank|danke|merci|gracias|grazie|obrigad[oa]|tack|takk?|bedankt|dziękuję|спасибо"
    r"|дякую|děkuji|köszönöm)\b[^.!\n]{0,60}[.!]\s{1,4})?"
)
_OF_ONESELF = (
    r"i am|i'm|i will be|we are|our office is|ich bin|(?:leider|derzeit|zurzeit|momentan) bin ich|je (?:suis|serai)"
    r"|(?:actualmente )?(?:estoy|estaré|me encuentro)|estou|estarei|encontro-me|sono|sarò|(?:momenteel )?ik ben"
    r"|momenteel ben ik|jeg er|jag (?:är|har)|olen|viibin|esmu|esu|jestem|przebywam|jsem|som|momentálně"
    r"|trenutno|jelenleg|sunt|mă aflu|я|сейчас я|зараз|перебуваю|в момента|είμαι|şu anda|saya|tôi|ฉัน|ผม|ดิฉัน|ขณะนี้"
    r"|現在|我|本人|目前|현재|אני|أنا|انا"
)
_VERB_LAST = (
    r"izin(?:de|li)yim|dışındayım|tatildeyim|休暇中です|休暇をいただ|不在(?:です|にして|となり)|外出中です"
    r"|(?:부재|휴가) ?중입니다|szabadságon vagyok|od(?:soten|sotna|sutan|sutna) s[ea]m|na dopustu sem|απουσιάζω"
    r"|(?:mám|čerpám) dovolen"
)
SAYS_SO = re.compile(
    rf"{_GREETING}(?:(?:{_OF_ONESELF})(?![a-zß-žа-я])[^.!?\n。]{{0,80}}?(?:{'|'.join(_ABSENT)})"
    rf"|[^.!?\n。]{{0,60}}?(?:{_VERB_LAST}))",
    re.IGNORECASE,
)
"""A text that begins with somebody's saying that they are away."""

_MOVED = (
    r"(?:change of|my new|new) e-?mail address|neue (?:e-?)?mail-?adresse|nouvelle adresse (?:e-?)?mail",
    r"nueva dirección de correo|nuovo indirizzo (?:e-?)?mail|novo (?:endereço de )?e-?mail|nieuw e-?mailadres",
)
MOVED = re.compile("|".join(_MOVED), re.IGNORECASE)
"""Somebody has another address."""

WANTS = re.compile(
    r"advert|newsletter|subscri|mailing list|opt.?out|\bstop\b|\bremove|\bblock|\breport|\billegal|gdpr|dsgvo"
    r"|werbung|abmeld|abbestell|belästig|publicit|désabonn|désinscri|publicid|baja\b|pubblicit|disiscri|cancellar"
    r"|reclame|afmeld|reklam|avregistrer|avmeld|odhlás|wypis|leiratkoz|dezabon|реклам|рассылк|отпис|жалоб|розсилк"
    r"|διαφήμι|abonelik|広告|配信停止|广告|廣告|退订|退訂|광고|수신거부|פרסומ|إعلان|iklan|quảng cáo|โฆษณา"
    r"|(?:still|keeps?) (?:get|receiv|send|mail|writ|com)|never (?:sign|gave|ask|order)"
    r"|without (?:my )?(?:consent|permission)"
    r"|immer noch|toujours|siguen|\bbut\b[^\n]{0,40}\b(?:still|again|mails?)\b",
    re.IGNORECASE,
)
"""Whoever writes such words may complain."""
