"""Which mailbox provider an address belongs to, by its domain alone (pure).

A complaint rate is watched for each provider, and a provider runs many domains. Custom domains hosted at a provider
show as themselves: telling them apart would take an MX look-up a recipient.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

UNKNOWN = "unknown"
"""What stands for a provider where no recipient is known."""

DOMAIN_CHARS = 253

DOMAINS: Mapping[str, str] = {
    "apple": "icloud.com me.com mac.com",
    "bluewin": "bluewin.ch",
    "bt": "btinternet.com btopenworld.com",
    "comcast": "comcast.net xfinity.com",
    "cox": "cox.net",
    "fastmail": "fastmail.com fastmail.fm messagingengine.com",
    "free": "free.fr",
    "google": "gmail.com googlemail.com google.com",
    "hey": "hey.com",
    "interia": "interia.pl interia.eu poczta.fm",
    "laposte": "laposte.net",
    "libero": "libero.it iol.it inwind.it blu.it giallo.it",
    "mail.ru": "mail.ru bk.ru list.ru inbox.ru internet.ru",
    "mailbox.org": "mailbox.org",
    "microsoft": (
        "outlook.com outlook.de outlook.fr outlook.it outlook.es outlook.jp outlook.com.br hotmail.com hotmail.co.uk "
        "hotmail.fr hotmail.de hotmail.it hotmail.es hotmail.nl hotmail.be hotmail.ca hotmail.se hotmail.com.br "
        "live.com live.co.uk live.fr live.de live.it live.nl live.be live.ca live.se live.dk live.no live.com.au "
        "live.jp msn.com passport.com windowslive.com"
    ),
    "naver": "naver.com",
    "netease": "163.com 126.com yeah.net",
    "o2": "o2.pl tlen.pl go2.pl",
    "onet": "onet.pl onet.eu op.pl vp.pl poczta.onet.pl",
    "orange": "orange.fr wanadoo.fr",
    "posteo": "posteo.de posteo.net posteo.org",
    "proton": "proton.me protonmail.com protonmail.ch pm.me",
    "qq": "qq.com foxmail.com",
    "rambler": "rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru",
    "seznam": "seznam.cz email.cz post.cz spoluzaci.cz",
    "sfr": "sfr.fr neuf.fr cegetel.net",
    "sina": "sina.com sina.cn",
    "spectrum": "charter.net roadrunner.com rr.com twc.com brighthouse.com",
    "t-online": "t-online.de magenta.de",
    "tiscali": "tiscali.it",
    "tuta": "tuta.com tuta.io tutanota.com tutanota.de tutamail.com",
    "united internet": "gmx.net gmx.de gmx.at gmx.ch gmx.com gmx.org web.de mail.com 1und1.de online.de email.com",
    "uol": "uol.com.br bol.com.br",
    "virgilio": "virgilio.it tin.it alice.it tim.it",
    "wp": "wp.pl wp.eu",
    "yahoo": (
        "yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.in yahoo.co.in yahoo.com.br "
        "yahoo.com.ar yahoo.com.mx yahoo.com.au yahoo.com.sg yahoo.com.hk yahoo.com.tw yahoo.co.id yahoo.co.nz "
        "yahoo.gr yahoo.ie yahoo.pl yahoo.ro yahoo.se ymail.com rocketmail.com myyahoo.com aol.com aol.co.uk aol.de "
        "aol.fr aim.com love.com netscape.net verizon.net att.net sbcglobal.net bellsouth.net"
    ),
    "yahoo japan": "yahoo.co.jp ymail.ne.jp",
    "yandex": "yandex.ru yandex.com yandex.by yandex.kz yandex.ua ya.ru",
    "ziggo": "ziggo.nl",
    "zoho": "zoho.com zohomail.com zoho.eu zoho.in",
}
"""Provider → its well-known domains; what is below one of them counts to it, too."""

PROVIDER = {domain: provider for provider, domains in DOMAINS.items() for domain in domains.split()}


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=65_536)
def provider_of(domain: str) -> str:
    """The provider of a recipient's domain; where it is none of the well-known, the registrable domain.

    domain: as it stands in the address, any case. UNKNOWN for what is no domain.
    """
    name = domain.strip(" .").lower()
    if name in PROVIDER:
        return PROVIDER[name]
    if not name or len(name) > DOMAIN_CHARS or name.startswith("["):
        return UNKNOWN
    registrable = _suffixes().privatesuffix(name) or name
    return PROVIDER.get(registrable, registrable)
