"""Whether a message looks like mail about a transaction rather than advertising (pure).

Most rules are of commercial mail only: 15 U.S.C. 7702(2) and (17), with the primary purpose by 16 CFR 316.3, under
which the subject and the beginning of the text decide; CASL s. 1(2); Spam Act 2003 s. 6. Who sells beside may still
be right to call it transactional, and who deceives will say that he is: such a message is never met for it, only not
breached.
"""

from __future__ import annotations

import re

from app.compliance import terms
from app.compliance.denial import denied
from app.compliance.domain import Quote
from app.compliance.exhibit import Exhibit

BEGINNING = 600
"""Within how many characters of the text the transaction is told."""
OFFERS = 2
"""How many wordings of an offer make it more than mail about a transaction."""

_NOTICE = re.compile(
    r"(?<!\w)(?:password|passcode|(?:verification|security|login|sign-?in|access|one[-\s]time|confirmation) code"
    r"|(?:confirm|verify|activate) your (?:e-?mail|account|address|registration|subscription)"
    r"|new (?:sign-?in|login)|security alert|order (?:confirmation|number|no\b|#)|order\s\#?\d{2,20}"
    r"|your (?:order|parcel|package|booking|reservation|appointment|ticket|refund|receipt|invoice|payment|statement)"
    r"|receipt|invoice|tracking number|payment (?:received|failed|due|confirmation)|booking confirmation"
    r"|pass?wort|kennwort|(?:bestätigungs|sicherheits|anmelde)code|rechnung|bestell(?:ung|bestätigung|nummer)"
    r"|sendungs\w{4,10}|zahlungs\w{4,12}|termin(?:bestätigung|erinnerung)|buchungsbestätigung"
    r"|ihre (?:lieferung|buchung)"
    r"|mot de passe|code de (?:vérification|sécurité|confirmation)|facture|(?:votre|confirmation de) commande"
    r"|votre (?:colis|réservation|rendez-vous|paiement)|contraseña|código de (?:verificación|seguridad)|factura"
    r"|(?:su|tu) (?:pedido|reserva|cita|pago|envío)|codice di (?:verifica|sicurezza)|fattura"
    r"|(?:il tuo|suo) (?:ordine|pacco)|(?:la tua|sua) prenotazione|senha|código de (?:verificação|segurança)|fatura"
    r"|(?:seu|sua) (?:pedido|reserva|pagamento|encomenda)|wachtwoord|verificatiecode|factuur|(?:uw|je) (?:bestelling"
    r"|reservering|afspraak)|hasł[oa]|kod weryfikacyjny|faktur[aęy]|zamówieni\w{1,2}|lösenord|kvitto|beställning"
    r"|adgangskode|passord|kvittering|bestilling|salasana|tilausvahvistus|heslo|objednávk\w|jelszó|parol[aă]|şifre"
    r"|sipariş\w{0,4}|парол\w{1,2}|код подтверждения|заказ\w{0,2}|сч[её]т)(?!\w)"
    r"|パスワード|認証コード|確認コード|ご注文|領収書|密码|密碼|验证码|驗證碼|订单|訂單|비밀번호|인증번호|주문",
    re.IGNORECASE,
)
"""What mail about something that the recipient did or has is called."""


def transaction(exhibit: Exhibit) -> tuple[Quote, ...]:
    """The places that make it look like mail about a transaction; none where it does not.

    Subject and beginning of the text tell of one, and the text sells hardly anything.
    """
    subject, told = exhibit.field_quotes("subject"), _told(exhibit)
    if len(subject) != 1 or not told or not _NOTICE.search(exhibit.subject[:BEGINNING]):
        return ()
    if terms.COMMERCIAL.search(exhibit.subject) or terms.ADVERTISEMENT.search(exhibit.subject):
        return ()
    sells = len(exhibit.stated(terms.COMMERCIAL, doubt=denied)) >= OFFERS
    return () if sells else (*subject, *told)


def _told(exhibit: Exhibit) -> tuple[Quote, ...]:
    """The first place near the beginning that tells of a transaction."""
    for passage in exhibit.passages:
        begin = len(passage.text) - len(passage.text.lstrip())
        if match := _NOTICE.search(passage.text, begin, begin + BEGINNING):
            return (exhibit.quote(*passage.place(*match.span()), match[0]),)
    return ()
