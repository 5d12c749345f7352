"""What a signer may write into the signature itself: tag lists, each with a hash and a signature that are right.

SAID: name → tags over the defaults of `sign_tags`; None leaves a tag out.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tests.factories.signed import HEADERS

NOW = int(datetime.now(UTC).timestamp())
H = ":".join(HEADERS)
SAID: dict[str, dict[str, str | None]] = {
    "as usual": {},
    "x= in the past": {"t": str(NOW - 900_000), "x": str(NOW - 500_000)},
    "x= past by an hour": {"x": str(NOW - 3_600)},
    "x= in the future": {"t": str(NOW - 60), "x": str(NOW + 86_400)},
    "x= before t=": {"t": str(NOW), "x": str(NOW - 60)},
    "x= for ever": {"x": "9" * 20},
    "x= no number": {"x": "soon"},
    "x= negative": {"x": "-1"},
    "t= in the future": {"t": str(NOW + 500_000)},
    "t= in an hour": {"t": str(NOW + 3_600)},
    "t= no number": {"t": "1e9"},
    "t= far too long": {"t": "9" * 60},
    "i= below d=": {"i": "news@mail.example.com"},
    "i= in capitals": {"i": "News@EXAMPLE.com"},
    "i= of somebody else": {"i": "news@example.net"},
    "i= that only ends like d=": {"i": "news@badexample.com"},
    "i= above d=": {"i": "news@com"},
    "i= quoted-printable in its local part": {"i": "a=3Bb@example.com"},
    "i= quoted-printable in its domain": {"i": "news@example=2Ecom"},
    "i= without a domain": {"i": "news"},
    "i= folded in its domain": {"i": "news@exam\r\n\tple.com"},
    "d= with a dot at its end": {"d": "example.com."},
    "l= of all": {"l": "36"},
    "l= of a part": {"l": "5"},
    "l= of nothing": {"l": "0"},
    "l= over the body": {"l": "100000"},
    "l= no number": {"l": "all"},
    "l= negative": {"l": "-5"},
    "l= with 77 digits": {"l": "0" * 76 + "5"},
    "q= with another method": {"q": "http"},
    "q= with a list": {"q": "http : dns/txt"},
    "v= missing": {"v": None},
    "v= odd": {"v": "1.0"},
    "a= missing": {"a": None},
    "s= missing": {"s": None},
    "d= missing": {"d": None},
    "h= missing": {"h": None},
    "bh= missing": {"bh": None},
    "bh= wrong": {"bh": "AAAA"},
    "c= missing": {"c": None},
    "blank behind b=": {"b": " ", "n": "1"},
    "c= relaxed alone": {"c": "relaxed"},
    "c= simple alone": {"c": "simple"},
    "h= without From": {"h": "to:subject:date"},
    "h= of From alone": {"h": "from"},
    "h= oversigning": {"h": H + ":" + H},
    "h= oversigning fields that are not there": {"h": H + ":cc:reply-to:list-id"},
    "h= with blanks and folds": {"h": "From : To\r\n :\tSubject"},
    "h= with an empty name": {"h": "from::to"},
    "h= in capitals": {"h": "FROM:TO"},
    "h= of Received": {"h": "from:received:received"},
    "h= of the signature": {"h": "from:dkim-signature"},
    "unknown tags": {"z": "From:news@example.com|To:x", "atps": "y", "r_x1": "2"},
    "a tag with b= in it": {"z": "Subject:a\r\n b=3Dx"},
    "tag name malformed": {"a-b": "1"},
    "d= of one label": {"d": "localhost"},
    "d= with an address": {"d": "news@example.com"},
    "d= with an empty label": {"d": "example..com"},
    "strict key, i= of d=": {"i": "news@Example.com"},
    "strict key, i= below d=": {"i": "news@mail.example.com"},
    "rsa-sha1": {"a": "rsa-sha1"},
    "a= says RSA, whatever the key": {"a": "rsa-sha256"},
    "a= says ed25519, whatever the key": {"a": "ed25519-sha256"},
}
