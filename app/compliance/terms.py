"""Wordings that the rules look for, in the main languages of mail: one pattern a meaning.

Each wording is a regular expression without nested repeats, and every gap in it has an end, so that searching takes
linear time.
"""

from __future__ import annotations

import re

from app.compliance.wording import words

UNSUBSCRIBE = words(
    r"""
    un-?subscri(?:be|bing|ption)(?![a-z]) / opt(?:ing)?[-\s]?out / stop (?:receiving|getting|hearing)
    / (?:manage|update|change|edit|adjust) (?:your |my )?(?:e-?mail |subscription )?(?:preferences|settings)
    / (?:e-?mail|communications?|contact|notification) (?:preferences|settings)(?=\s?(?:[|·•:(]|\n\s{0,9}\n|\Z))
    / no longer (?:wish|want) / preferences? cent(?:er|re)\b / manage (?:your |my )?(?:e-?mail )?subscriptions?
    / remove (?:me|yourself)
    / remove (?:your|my|this) (?:name|e-?mail|address)
    / remove (?:you )?from (?:our |this |the |future |further )?(?:mailing )?(?:list|mailings?|e-?mails?|newsletter)\b
    / (?:taken|get|sign) off (?:of )?(?:our|this|the) (?:mailing )?list
    / leave (?:our|this|the) (?:mailing )?list\b(?! of)
    / removed from (?:our|this|the) (?:mailing )?list
    / excluded from (?:our |all |any )?(?:future |further )?(?:mailings?|e-?mails?|list)\b
    / to be (?:removed|deleted|excluded)[,:]? (?:please )?(?:click|send|reply|e-?mail|write|visit|go to|from future)
    / (?:click|press|tap) (?:here|below) to be removed
    / for removal[,:]? (?:please )?(?:click|send|reply|e-?mail|write|visit|go to|from)
    / (?:stop|turn off|discontinue|end) (?:all |any )?(?:these|our|future|further|such|more|e-?mail|promotional)
    (?:e-?mails?|mailings?|messages|newsletters?|notifications|alerts)\b
    / (?:cancel|end) (?:your|my|this) (?:e-?mail|newsletter|mailing(?: list)?) subscription
    / (?:to|can) cancel (?:your|my|this) subscription (?:here|below|by clicking)
    / cancel (?:your|my|this) subscription to (?:this|our|the) (?:newsletter|(?:mailing )?list|e-?mails)
    / let (?:me|us) know[^.\n]{0,30}? (?:won[’']t|will not) (?:contact|e-?mail|write to|bother) you
    / reply (?:with )?[“"']?(?:stop|remove)\b / if you(?:[’']d| would) rather not (?:hear|receive|get)
    / (?:if you )?(?:do not|don[’']?t) (?:want|wish)(?: to)? (?:receive|get|hear|be contacted|these|further|any more)
    / kein\w{0,2} (?:weiteren? )?(?:e-?mails?|newsletter|werbung|nachrichten)[^.\n]{0,30}?(?:wünsch|möcht|woll|erhalt)
    / nicht (?:mehr|länger) (?:erhalten|bekommen|beziehen)
    / aus (?:dem|unserem) verteiler (?:gelöscht|genommen|entfernt|gestrichen)
    / abmeld\w{2,5} / abbestell\w{1,4} / abzu(?:melden|bestellen) / aus(?:zu)?tragen
    / meld\w{1,3} (?:sie )?(?:sich|dich) (?:[\w.-]{1,20} ){0,4}ab(?=\s{0,3}(?:[.,;:!?)]|https?:|\Z))
    / (?:newsletter|e-?mail|mail)-einstellungen
    / (?:ne )?(?:souhaitez|voulez|désirez) plus recevoir / d[ée]sabonn\w{1,6} / d[ée]sinscri\w{1,6}
    / ne plus recevoir / arr[êe]ter de recevoir / retirer de (?:notre|nos|la|cette) liste
    / g[ée]rer (?:vos|mes) (?:pr[ée]f[ée]rences|abonnements)
    / dar(?:se|te|me|le) de baja / date de baja / dej(?:ar|a|e) de recibir
    / no recibir (?:más|mas|este|estos|nuestros)
    / no (?:deseas?|quieres?) (?:seguir )?recib\w{2,5}
    / (?:cancelar|anular|cancela|anula) (?:la |tu |su |mi )?suscripci[oó]n
    / desuscri\w{2,9} / gestionar? (?:tus|sus|mis) preferencias
    / non (?:desideri|desidera|vuoi|vuole) (?:più )?ricevere / (?:non|smettere di) ricevere più / smettere di ricevere
    / disiscri\w{2,5} / (?:annulla(?:re)?|cancella(?:re)?|cancell\w{1,4}) (?:la )?(?:tua |sua |mia )?(?:l')?iscrizione
    / cancellar(?:ti|si|mi|la)\b / cancellati dal / rimuov\w{1,4} (?:il )?(?:tuo|mio|suo) (?:indirizzo|nominativo)
    / gestisci (?:le )?(?:tue )?preferenze
    / n[ãa]o (?:deseja|quer|quiser|desejar) (?:mais )?receber / n[ãa]o receber mais / deixar de receber
    / (?:cancelar|anular|cancele) (?:a )?(?:sua |minha )?(?:inscriç[ãa]o|subscriç[ãa]o|assinatura)
    / descadastr\w{1,4} / sair d(?:a|esta|essa) lista / remover (?:o )?(?:meu|seu) (?:e-?mail|endereço|contato)
    / geen [^.\n]{0,20}?meer (?:wilt? )?ontvangen / niet (?:meer|langer) (?:wilt? )?ontvangen / uitschrijv\w{2,3}
    / afmeld\w{0,3} / af te melden / uit te schrijven
    / (?:meld|schrijf) (?:je|u) (?:(?!aan\b)[\w.-]{1,20} ){0,3}(?:af|uit)\b
    / wypis(?:ać|z) się / się wypisać / wypisani\w / z?rezygn\w{2,6} / anuluj\w{0,3} subskrypcj\w
    / avregistrer\w{1,4} / avprenumerer\w{0,4} / avanmäl\w{0,4} / avmeld\w{0,3} / frameld\w{0,4}
    / avsluta (?:din )?prenumeration\w{0,3} / avslutt abonnement\w{0,3} / meld (?:deg|dig) (?:av|fra)\b
    / stopp (?:abonnement|nyhetsbrev)\w{0,4} / afskrá
    / peru(?:uta)? (?:tilau|uutiskirj)\w{1,5} / lopeta tilau\w{1,5} / poist(?:a|u) (?:minut )?(?:postitus)?listalta
    / odhl[áa]s\w{1,4} / zruši[tť] odb[eě]r / leiratkoz\w{2,4} / dezabon\w{2,6} / odjavi(?:te|ti)? se / odjav[ae]\b
    / aboneli[ğk]\w{0,6} (?:iptal|çık)\w{0,5} / liste(?:den|sinden) çık\w{0,4}
    / atsisakyti (?:naujienlaišk|prenumerat)\w{1,4} / atteikties no (?:jaunum|saņem|abon)\w{1,5}
    / loobu(?:da)? (?:uudiskirj|tellimus)\w{0,4}
    / отпи[сш]\w{3,7} / відпи[сш]\w{3,7} / (?:отказаться|отказ) от (?:рассыл|подпис|получен)\w{1,4}
    / отменить подписку / скасувати підписку / відмовитися від (?:розсил|підпис)\w{1,4} / odkaži naročnino
    / απεγγραφ\w{1,3} / διαγραφ\w{1,3} από / κατάργηση εγγραφής
    / إلغاء (?:ال)?اشتراك / להסרה / הסרה? מ(?:רשימת|הרשימה) / ยกเลิกการ(?:สมัคร|รับ)
    / hủy đăng ký / ngừng nhận / berhenti berlangganan / nyahlanggan
    / (?:メルマガ|配信|購読|登録)の?(?:解除|停止) / 退会 / 수신\s{0,3}거부 / 구독\s{0,3}(?:취소|해지)
    / 退订 / 取消订阅 / 退訂 / 取消訂閱
    """
)

HARD_TO_LEAVE = words(
    r"""
    (?:log|sign)[-\s]?in(?:\s?to)?(?:\syour\saccount)? (?:to|in order to|and) (?:unsubscribe|opt[-\s]?out)
    / (?:log|sign)[-\s]?in(?:\s?to)?(?:\syour\saccount)? (?:to|in order to|and) change your preferences
    / to (?:unsubscribe|opt[-\s]?out|be removed)[^.\n]{0,40}?\b(?:log ?in|sign ?in|pay|send a letter|write to us)\b
    / to (?:unsubscribe|opt[-\s]?out|be removed)[^.\n]{0,40}?\b(?:call|phone|telephone|fax) (?:us|our|the|\+?[\d(])
    / to (?:unsubscribe|opt[-\s]?out|be removed),? (?:please )?(?:by post|call|phone|telephone|fax)\b
    / to (?:unsubscribe|opt[-\s]?out|be removed)[^.\n]{0,60}?\byour (?:id|passport|driving licen[cs]e)\b
    / (?:fee|charge)(?: of [^.\n]{1,20})? (?:to|for) (?:unsubscrib\w{1,3}|opt\w{0,3}[-\s]?out|removal)
    / (?:unsubscribing|opting[-\s]out|removal) (?:costs|incurs)
    / (?:um sich|zum) abzumelden[^.\n]{0,30}?(?:anrufen|einloggen|schriftlich)
    / zur abmeldung[^.\n]{0,30}?(?:loggen|melden sie sich an|rufen)
    / pour vous d[ée]s(?:abonner|inscrire)[^.\n]{0,30}?(?:connectez|appelez|courrier)
    / para darse de baja[^.\n]{0,30}?(?:llame|inicie sesi[oó]n)
    """
)

ADVERTISEMENT = words(
    r"""
    advertisement\b / advertising\b(?!\s(?:department|agency|team|rates|policy|partner|campaign|space|sales))
    / this is an? (?:ad|(?:commercial|marketing) (?:e-?mail|message)|promotional \w{1,12})\b / \[adv?\]
    / sponsored\b(?! by)
    / this (?:promotional|marketing|commercial) (?:e-?mail|message|communication)
    / (?:promotional|marketing|commercial) (?:e-?mails|messages|communications)
    / anzeige\b(?!\s(?:aufgeben|erstatten|gegen)) / werbung\b / werbemail\b / werbliche\w{0,2}\b / publicit[ée]\b
    / communication commerciale / publicidad\b / comunicaci[oó]n comercial / pubblicit[àa]\b
    / comunicazione (?:commerciale|promozionale) / publicidade\b / reclame\b / advertentie\b / reklam[aey]?\b
    / mainos\b / реклама / 広告 / 未承諾広告 / 광고 / 广告 / 廣告
    """
)

COMMERCIAL = words(
    r"""
    buy (?:now|today) / order (?:now|today) / shop now / (?:special|limited|exclusive) offers? / discount\w{0,3}
    / \d{1,2} ?% off / free (?:trial|shipping|gift) / best prices? / on sale
    / jetzt (?:kaufen|bestellen|sichern) / angebote?\b / rabatt\w{0,2} / gratis\b / achete[zr]\b
    / commande[zr] maintenant / promo(?:tion)?s?\b / soldes?\b / compra(?:r)? ahora / ofertas?\b / descuentos?\b
    / acquista(?:re)? ora / offerta\b / sconto\b / korting\b / bestel nu / compre agora / desconto\b
    / promocja\b / rabat\b / скидк\w / купить
    """
)

BAIT = words(
    r"""
    you(?:['’]ve| have)? won\b / claim your (?:prize|reward|gift) / act (?:now|immediately) / 100 ?% free
    / risk[-\s]free / make money fast / miracle (?:cure|pill|diet) / lose weight (?:fast|now)
    / you(?:['’]ve| have) been (?:selected|chosen)
    / sie haben gewonnen / vous avez gagn[ée] / ha(?:s)? ganado / hai vinto / voc[êe] ganhou / вы выиграли
    """
)

LURE = words(
    r"""
    winner\b / urgent(?: response| reply)?\b / final (?:notice|warning|reminder)
    / account (?:will be |has been |is )?(?:suspended|locked|limited|closed)
    / verify your (?:account|identity|e-?mail) / guaranteed\b / congratulations\b / last chance / miracle\b
    / gewinner\b / letzte mahnung / konto (?:wurde |ist )?(?:gesperrt|eingeschr[äa]nkt) / f[ée]licitations\b
    / dernier (?:avis|rappel) / felicidades\b / complimenti\b / gefeliciteerd\b
    """
)
"""Words that bait where they are not true, and that honest mail has, too."""

TRANSACTION = words(
    r"""
    invoice\b / receipt\b / your order / order confirmation / payment\b / your (?:account|password)
    / security alert / your (?:parcel|package|delivery) / tracking number / rechnung\b / bestellung\b
    / zahlung\b / ihr(?:e)? (?:konto|paket|lieferung) / sicherheitswarnung / facture\b
    / votre (?:commande|colis|compte) / paiement\b / factura\b / su (?:pedido|cuenta|paquete) / fattura\b
    / il tuo ordine / fatura\b / factuur\b / счет\b
    """
)

OFFERS = words(
    r"""
    (?:earn|make) (?:up to )?[$€£] ?\d[\d.,]{2,9} (?:per|a|every) (?:day|week|month)
    / no risk\b(?! of) / no catch[!:,] / (?:double|triple) your (?:money|income|investment)
    / guaranteed (?:income|returns?|profits?|results?) / risk[-\s]free / miracle (?:cure|pill)
    / 100 ?% (?:free|guaranteed) / get rich / work from home and / no credit check
    / cures (?:cancer|diabetes) / cured (?:my|his|her|of) (?:cancer|diabetes) / garantierte? (?:rendite|gewinne?)
    / ohne risiko / schnell reich
    / gains? garantis? / sans (?:aucun )?risque / ganancias? garantizadas? / sin riesgo
    / guadagn\w{1,2} garantit\w / senza rischi / lucros? garantidos? / гарантированн\w{1,3} доход
    """
)

OTHER_WAY = re.compile(r"(?<!\w)(?:or|oder|ou|eller|lub|или|free)(?!\w)|https?://|@", re.IGNORECASE)
"""Within a wording of HARD_TO_LEAVE: there is another, easy way besides."""

CONSENT = words(
    r"""
    (?:because|as|since) you (?:have |previously )?(?:signed up|subscribed|registered|opted[-\s]in|asked)
    / (?:because|as|since) you (?:have |previously )?(?:agreed|requested|consented)
    / (?:because|as|since) you(?:[’']re| are) (?:subscribed|registered|signed up|a subscriber)\b
    / (?:because|as|since) you joined (?:our|this|the) (?:mailing )?list
    / (?:receiv\w{1,4}|get|sent)[^.\n]{0,40}? as a subscriber (?:of|to)\b
    / you (?:have )?(?:opted[-\s]in|subscribed|signed up)\b
    / you (?:have )?(?:consented|agreed) to (?:receive|get|be (?:sent|contacted)|our (?:e-?mails?|newsletter))
    / (?:sent|send you)[^.\n]{0,40}? with your (?:express )?consent
    / (?:weil|da) (?:sie|du) (?:sich|dich|unser\w{0,2}|der)\b(?:[^.\n]|\.\d){0,80}?(?:registriert|abonniert)
    / (?:weil|da) (?:sie|du) (?:sich|dich|unser\w{0,2}|der)\b(?:[^.\n]|\.\d){0,80}?angemeldet
    / (?:weil|da) (?:sie|du) (?:sich|dich|unser\w{0,2}|der)\b(?:[^.\n]|\.\d){0,80}?(?:zugestimmt|eingewilligt)
    / (?:sie haben|du hast) (?:sich|dich|unser\w{0,2}|der)\b(?:[^.\n]|\.\d){0,80}?(?:angemeldet|abonniert)
    / (?:sie haben|du hast) (?:sich|dich|unser\w{0,2}|der)\b(?:[^.\n]|\.\d){0,80}?(?:zugestimmt|eingewilligt)
    / porque (?:se |te )?(?:ha|has|usted) ?(?:suscrit\w|registrad\w|suscribi\w|aceptad\w)
    / (?:se suscribi[oó]|te suscribiste)\b / porque est[áa]s? (?:suscrit|registrad|inscrit|cadastrad)\w\b
    / perch[ée] (?:ti sei|si [èe]|sei|hai)\b[^.\n]{0,40}?(?:iscritt\w|registrat\w|acconsentito)
    / porque (?:se )?(?:inscreveu|subscreveu|cadastrou)
    / omdat (?:u|je)\b[^.\n]{0,60}?(?:aangemeld|ingeschreven|geabonneerd) / ponieważ (?:zapisał|wyrazi)\w{1,6}
    / eftersom du (?:har anmält|prenumererar) / fordi du (?:har tilmeldt|har meldt deg på|abonnerer)
    / koska olet tilannut / protože jste se (?:přihlásil|registroval|zaregistroval)\w? / mert feliratkozott
    / abone olduğunuz için / вы подписа\w{2,5} / потому что (?:вы )?подписа\w{2,5}
    / ご登録いただ(?:いた|いて|きました) / 因为您(?:已)?(?:订阅|注册) / 因為您(?:已)?(?:訂閱|註冊) / 구독하(?:셨|신)
    / (?:car|parce que|puisque) vous (?:[êe]tes|vous [êe]tes|avez)\b[^.\n]{0,60}?(?:inscrit|abonn[ée])
    / (?:car|parce que|puisque) vous avez\b[^.\n]{0,60}?(?:accept[ée]|consenti) / vous [êe]tes abonn[ée]e? [àa]\b
    """
)

CUSTOMER = words(
    r"""
    (?:because|as|since) you (?:have |previously )?(?:purchased|bought|ordered)
    / (?:because|as|since) you (?:are|were) (?:a|our) (?:\w{1,12} )?customer
    / (?:weil|da) sie (?:bei uns |unser\w{0,2} )?(?:kunde|kundin|gekauft|bestellt)
    / (?:car|parce que|puisque) vous [êe]tes (?:un |notre )?client / porque (?:es|eres|usted es) cliente
    / perch[ée] (?:sei|[èe]) (?:un |nostro )?cliente / porque [ée] (?:um |nosso )?cliente / omdat (?:u|je) klant
    """
)
"""The recipient is said to have bought before: a soft opt-in, inferred consent, but no express one."""

BOUGHT_LIST = words(
    r"""
    purchased (?:e-?mail |mailing )?list
    / (?:bought|purchased|rented) (?:a|this|the|your) (?:\w{1,12} )?(?:list|address)
    / gekauften? (?:adress|verteiler|e-?mail-?)\w{0,8} / liste achet[ée]e / lista comprada / lista acquistata
    """
)
PUBLISHED = words(
    r"""
    (?:found|got|obtained|took) your (?:e-?mail|address|contact|name)\b[^.\n]{0,60}?(?:online|internet|web\b|public)
    / (?:found|got|obtained|took) your (?:e-?mail|address|contact|name)\b[^.\n]{0,60}?(?:director|linkedin|databas)
    / publicly available (?:e-?mail|source|address)
    / your (?:e-?mail )?address (?:was|is) (?:taken|obtained|collected) from
    / ihre (?:e-?mail-?)?adresse (?:haben wir|wurde)\b[^.\n]{0,60}?(?:internet|[öo]ffentlich|verzeichnis)
    / nous avons trouv[ée] votre (?:adresse|contact|e-?mail) / encontramos su (?:correo|direcci[oó]n)
    / abbiamo trovato il (?:tuo|suo) (?:indirizzo|contatto)
    """
)
"""The address is said to have been found where anybody may read it."""

_AGREED = (
    r"(?:(?:you )?(?:subscribed|signed up|opted[-\s]in)|you registered|(?:subscription|consent|opt-in|sign-?up)"
    r"|confirmed (?:your |the )?(?:subscription|e-?mail|address|consent|sign-?up)|sich angemeldet"
    r"|(?:anmeldung|adresse|einwilligung)[^.\n]{0,20}? best[äa]tigt|inscrit|inscription|suscrit\w|iscritt\w)"
)
_WHEN = (
    r"(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}\.? [a-zäéû]{3,10} \d{4}|[a-z]{3,9} \d{1,2}, \d{4}"
    r"|\d{1,3}(?:\.\d{1,3}){3})"
)
PROOF = words(
    rf"{_AGREED}\b[^.\n]{{0,60}}?{_WHEN} / (?:am|vom) {_WHEN}[^.\n]{{0,40}}? (?:angemeldet|abonniert|eingewilligt)"
)

REGISTERED = words(
    r"""
    impressum\b / handelsregister\b / hr[ab] ?\d{2,7} / ust-?id\b / siren\b / siret\b / rcs [a-z]{3,20} / kvk\b
    / company (?:no|number|registration) / registered (?:office|in england) / p\.? ?iva\b / nif\b / cif\b
    / abn:? ?\d\d \d{3} \d{3} \d{3} / acn:? ?\d{3} \d{3} \d{3}
    / (?:vat|tva|iva|btw|mwst)[-\s.:]{0,3}(?:no|nr|id)?[.:\s]{0,3}[A-Z]{2}[\dA-Z]{8,12}\b
    """
)

FORMS = (
    r"GmbH(?: & Co\. KG)?|AG|UG|KG|OHG|e\.K\.|e\.V\.|Ltd\.?|Limited|LLC|L\.L\.C\.|Inc\.?|Corp\.?|Corporation|PLC|plc"
    r"|LLP|Pty\.? Ltd\.?|S\.?A\.?R\.?L\.?|S\.A\.S\.?|SAS|SASU|S\.A\.|SA|S\.L\.U?\.?|SL|S\.r\.l\.|Srl|SRL|S\.p\.A\."
    r"|SpA|B\.V\.|BV|N\.V\.|NV|Oy|Oyj|AB|ASA?|A/S|ApS|sp\. z o\.o\.|s\.r\.o\.|a\.s\.|Kft\.?|d\.o\.o\.|Lda\.?|Ltda\.?"
    r"|ООО|SE"
)
"""Legal forms of companies, as they are written behind a name."""
_DOUBTFUL = r"AG|UG|KG|SAS?|SL|NV|BV|AB|ASA?|SE|Limited"
"""Forms that are also words, directions or states; they count where a name ends with them."""
COMPANY = re.compile(
    r"(?<!\w)(?!(?:Offers?|Seats|Places|Tickets|Stock|Spaces|Time|In|The|This)\s)"
    r"(?:[A-ZÄÖÜÉÈÀ][\w&.'’-]{0,40},?[ \t]{1,3}){1,5}"
    rf"(?:(?!(?:{_DOUBTFUL})(?!\w))(?:{FORMS})(?!\w)|(?<!,[ \t])(?:{_DOUBTFUL})(?=\s{{0,3}}(?:[,.;:)(|·•\n-]|\Z)))"
)
"""A name with a legal form."""

CONTACT = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,20}(?!\w)"
    r"|(?<![\w/=.+-])\+\d{1,3}[ \d()/.-]{7,18}\d(?!\w)"
    r"|(?:tel|phone|call us(?: at| on)?|fon|telefon|t[ée]l)[.: ]{1,4}\(?\d[ \d()/.-]{5,16}\d(?!\w)",
    re.IGNORECASE,
)
"""An address or a telephone number to reach somebody at."""
