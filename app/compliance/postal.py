"""Postal addresses as they are written in several countries.

A shape is taken only where a street (or box) and a place stand together; a lone number proves nothing. What fits no
shape may still be an address: whoever asks must then say that he does not know.
"""

from __future__ import annotations

import re

_GAP = r"[\s,;|·•–-]{1,12}"
_NAME = r"[^\W\d_][\w.'’-]{0,30}"
_NAMES = rf"{_NAME}(?:[ \t]{_NAME}){{0,4}}"
_PLACE = rf"(?=(?-i:[A-ZÀ-ÞŁŚŻĆŹŠČŘŽŞİĞŐŰȘȚĎŤŇĽ])){_NAMES}"
_NUMBER = r"\d{1,5}[A-Za-z]?(?:[-/]\d{1,4})?"
_UNIT = (
    rf"(?:{_GAP}(?:suite|ste|unit|apt|floor|fl|level|room|pmb|#)\.?[ \t]?#?[\w-]{{1,8}}"
    rf"|{_GAP}\d{{1,3}}(?:st|nd|rd|th)[ \t]floor)?"
)
_STREETS_EN = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|way|court|ct|place|pl|square|sq|parkway|pkwy"
    r"|highway|hwy|terrace|crescent|close|quay|circle|row)\b\.?"
)
_NO_STREET = r"(?!(?-i:and|at|by|for|from|in|is|more|of|off|on|or|out|people|per|times|to|with)\b)"
"""What a number of something else goes on with: `We sold 500 on the way, Austin`."""
_CAPITALS = r"(?-i:(?:[A-ZÀ-Þ][\w.'’-]{0,30}[ \t]){1,4})"
_IN_WORDS = rf"(?-i:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)[ \t]{_CAPITALS}"
"""A number in words and a street's name; `$99 one way` is none."""
_STREET_EN = (
    rf"(?:{_NUMBER}[ \t]{_NO_STREET}(?:[NSEW]\.?[ \t])?{_NAMES}?[ \t]?|{_IN_WORDS}){_STREETS_EN}"
    rf"(?:[ \t][NSEW]{{1,2}}\b)?{_UNIT}"
)
_BOX = (
    r"(?:p\.?[ \t]?o\.?[ \t]?box|post office box|gpo box|locked bag|postfach|bo[îi]te postale|b\.?p\.?|"
    r"apartado|postbus)[ \t]{1,3}[\d ]{1,9}\d?"
)
_STATES = (
    r"(?-i:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI|S[CD]|"
    r"T[NX]|UT|V[AT]|W[AIVY]|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia"
    r"|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota"
    r"|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina"
    r"|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah"
    r"|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming)"
)
_POSTCODE_GB = r"(?-i:[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[A-Z]{2})"
_COUNTRIES = (
    r"(?:U\.?S\.?A\.?|United States|United Kingdom|UK|Ireland|Malta|Cyprus|Israel|U\.?A\.?E\.?|United Arab Emirates"
    r"|South Africa|Kenya|Nigeria|Ghana|Egypt|India|Pakistan|Bangladesh|Sri Lanka|Malaysia|Philippines|Singapore"
    r"|Hong Kong|New Zealand|Australia|Canada|Jamaica|Saudi Arabia|Qatar|Kuwait)(?!\w)"
)
"""Where addresses are written the English way; at the end of one."""
_STREET_FOR_SURE = (
    rf"(?:{_NUMBER}[ \t]{_NO_STREET}{_CAPITALS}|{_IN_WORDS}){_STREETS_EN}{_UNIT}"
    rf"|{_CAPITALS}(?:street|st|boulevard|blvd|avenue|ave|road|rd)\b\.?[ \t](?!(?:19|20)\d\d){_NUMBER}"
)
"""For where no postcode follows: `2 tickets to the best place, Las Vegas, USA` is no address."""
_LONG_STREET = (
    r"[^\W\d_][\w.'’-]{0,30}(?:stra(?:ß|ss)e|str\.|gasse|weg|platz|allee|ring|damm|ufer|straat|laan|"
    r"plein|gracht|weg|kade|gatan|vägen|gata|vej|gade|veien|katu|tie)"
)
_NORDIC_STREET = r"(?:gate|gata|vei|veg|väg|plass|plan|torg|torv|allé|gränd|tori)"
_FIRST_STREET = (
    r"(?:rue|avenue|av\.|boulevard|bd|place|quai|chemin|all[ée]e|cours|via|viale|piazza|corso|calle|c/|"
    r"avda?\.?|avenida|plaza|paseo|rua|travessa|praça|ul\.|ulica|al\.|aleja|plac|улица|ул\.)"
)
_STREET_RU = rf"(?:ул\.?|улица|пр\.|пр-т|проспект|пер\.|наб\.)[ \t]?{_NAMES}[, \t]{{1,3}}(?:д\.?|дом)?[ \t]?{_NUMBER}"

_SHAPES = {
    "US": rf"(?:{_STREET_EN}|{_BOX}){_GAP}{_NAMES}{_GAP}{_STATES}{_GAP}\d{{5}}(?:-\d{{4}})?",
    "CA": (
        rf"(?:{_STREET_EN}|{_NUMBER},?[ \t](?:rue|boul\.?|avenue)[ \t]{_NAMES}|{_BOX}){_GAP}{_NAMES}"
        rf"{_GAP}(?:\(?(?:AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT|Qu[ée]bec|Ontario)\)?"
        rf"{_GAP})?(?-i:[A-Z]\d[A-Z][ \t-]?\d[A-Z]\d)"
    ),
    "AU": (
        rf"(?:{_STREET_EN}|level[ \t]\d{{1,3}}{_GAP}{_STREET_EN}|{_BOX}){_GAP}{_NAMES}{_GAP}(?-i:NSW|VIC|QLD|"
        rf"WA|SA|TAS|ACT|NT|Victoria|Queensland|New South Wales|Tasmania|(?:South|Western) Australia){_GAP}\d{{4}}"
    ),
    "GB": (
        rf"(?:{_STREET_EN}|{_BOX}|{_NUMBER}[ \t]{_NO_STREET}{_NAMES}|(?:unit|suite|flat|floor)[ \t]\w{{1,5}})"
        rf"{_GAP}(?:{_NAMES}{_GAP}){{1,4}}{_POSTCODE_GB}"
    ),
    "IE": rf"(?:{_STREET_EN}|{_CAPITALS}{_STREETS_EN}){_GAP}(?:{_NAMES}{_GAP}){{0,3}}Dublin[ \t]\d{{1,2}}\w?",
    "the English way": (
        rf"(?:{_STREET_FOR_SURE}|{_BOX}){_GAP}(?:{_NAMES}(?:[ \t]\d{{3,7}})?{_GAP}){{1,3}}{_COUNTRIES}"
    ),
    "SG": rf"{_NUMBER}[ \t]{_NO_STREET}{_NAMES}(?:{_GAP}#?[\w-]{{1,8}}){{0,2}}{_GAP}Singapore[ \t]\(?\d{{6}}",
    "DE": (
        rf"(?:(?:{_NAME}[ \t]){{0,3}}{_LONG_STREET}[ \t]{_NUMBER}|{_NAMES}[ \t](?:straße|strasse|str\.|weg|"
        rf"platz|allee|ring|damm|ufer|gasse)[ \t]{_NUMBER}|(?:am|an der|im|in der|auf der|zum|zur)[ \t]{_NAME}"
        rf"[ \t]{_NUMBER}|{_BOX}){_GAP}(?:(?:D|A|CH|DE|"
        rf"AT)-)?\d{{4,5}}[ \t]{_PLACE}"
    ),
    "FR": (
        rf"(?:{_NUMBER},?[ \t](?:(?:bis|ter),?[ \t])?{_FIRST_STREET}[ \t]{_NAMES}|{_BOX}){_GAP}(?:(?:F|FR|B|"
        rf"BE|L|CH)-)?\d{{4,5}}[ \t]{_PLACE}"
    ),
    "IT, ES, PT": (
        rf"{_FIRST_STREET}[ \t]{_NAMES}[, \t]{{1,3}}(?:n\.?º?[ \t]?)?{_NUMBER}(?:"
        rf"{_GAP}[\w.ºª°]{{1,8}}){{0,2}}{_GAP}(?:(?:I|IT|E|ES|PT)-)?\d{{4,5}}(?:-\d{{3}})?[ \t]{_PLACE}"
    ),
    "NL": (
        rf"(?:(?:{_NAME}[ \t]){{0,3}}{_NAME}[ \t]{_NUMBER}|{_BOX})"
        rf"{_GAP}(?:NL-)?(?-i:[1-9]\d{{3}}[ \t]?[A-Z]{{2}})[ \t]{_PLACE}"
    ),
    "SE, DK, NO, FI": (
        rf"(?:(?:{_NAME}[ \t]){{0,2}}{_LONG_STREET}[ \t]{_NUMBER}|{_NAMES}[ \t]{_NORDIC_STREET}[ \t]{_NUMBER}"
        rf"|(?:post)?(?:box|boks)[ \t]\d{{1,5}}){_GAP}(?:(?:SE|DK|NO|FI|S|N)-)?\d{{3}}[ \t]?\d{{1,2}}[ \t]{_PLACE}"
    ),
    "PL": rf"(?:ul\.|ulica|al\.|aleja|pl\.|plac)[ \t]{_NAMES}[ \t]{_NUMBER}{_GAP}\d{{2}}-\d{{3}}[ \t]{_PLACE}",
    "CZ, SK": rf"{_NAMES}[ \t]{_NUMBER}{_GAP}\d{{3}}[ \t]\d{{2}}[ \t]{_PLACE}",
    "HU": rf"{_NAMES}[ \t](?:út|utca|u\.|tér|körút|krt\.)[ \t]{_NUMBER}\.?{_GAP}\d{{4}}[ \t]{_PLACE}",
    "RO": (
        rf"(?:str\.|strada|bd\.|bulevardul|calea|[șs]os\.)[ \t]{_NAMES}[, \t]{{1,3}}(?:nr\.?[ \t]?)?{_NUMBER}"
        rf"{_GAP}(?:{_NAMES}{_GAP}){{0,2}}(?:{_NAMES}[ \t])?\d{{6}}"
    ),
    "TR": (
        rf"{_NAMES}[ \t](?:cad|caddesi|sok|sokak|bulvarı|blv)\.?[ \t]no[ \t]?[:.]?[ \t]?\d{{1,4}}{_GAP}"
        rf"(?:[\w./:]{{1,12}}{_GAP}){{0,4}}\d{{5}}[ \t]{_PLACE}"
    ),
    "RU": (
        rf"{_STREET_RU}(?:{_GAP}(?:г\.[ \t]?)?{_NAMES}){{0,2}}{_GAP}\d{{6}}(?!\d)"
        rf"|(?<!\d)\d{{6}}{_GAP}(?:г\.[ \t]?)?{_NAMES}{_GAP}{_STREET_RU}"
    ),
    "BR": (
        rf"(?:rua|avenida|av\.|alameda|travessa)[ \t]{_NAMES},?[ \t]{_NUMBER}{_GAP}(?:[\w.'’/ -]{{1,40}}"
        rf"{_GAP}){{0,3}}\d{{5}}-\d{{3}}"
    ),
    "IN": rf"{_NUMBER},?[ \t]{_NAMES}{_GAP}(?:{_NAMES}{_GAP}){{1,3}}\d{{3}}[ \t]?\d{{3}}{_GAP}India\b",
    "JP": (
        r"〒[ \t]?\d{3}[-－]\d{4}\s{0,3}[^\s\d]{2,20}"
        r"|(?:東京都|北海道|(?:京都|大阪)府|[一-龥]{2,3}県)[^\s\d０-９]{2,20}[\d０-９]{1,4}[-－−丁番]"
    ),
    "CN": r"[市区區][^\s,，\d]{1,12}(?:路|街|道)\d{1,5}[号號]",
    "KR": r"[가-힣]{2,8}(?:시|도)\s{1,3}[가-힣]{1,8}(?:구|군|시)\s{1,3}[가-힣\d]{1,12}(?:로|길)\s{1,3}\d{1,4}",
}

_UNPARTED = ("JP", "CN", "KR")
"""Where no blank or mark need stand before an address."""

ADDRESS = re.compile(
    rf"(?<![\w.'’-])(?:{'|'.join(shape for country, shape in _SHAPES.items() if country not in _UNPARTED)})"
    rf"|{'|'.join(_SHAPES[country] for country in _UNPARTED)}",
    re.IGNORECASE,
)
"""An address in the manner of any of these countries: one pattern, for each costs a look at every place."""

HINT = re.compile(
    r"\b\d{4,7}\b|\b\d{3}[ -]\d{2,4}\b|\b[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[A-Z]{2}\b|\b[A-Z]\d[A-Z][ \t]?\d[A-Z]\d\b"
    r"|\b(?:street|avenue|road|suite|box|stra(?:ß|ss)e|platz|rue|calle|via|straat|ul\.)(?!\w)|〒|[号號]|[가-힣]\d"
    r"|\d[ \t](?:\w{1,20}[ \t]){0,3}(?:way|drive|lane|blvd|court|place|square|parkway|terrace|st|rd|dr|ave)(?!\w)"
    r"|\b(?:carrera|cra\.|avenida|avda|av\.|colonia|col\.|caddesi|sokak|ulica|улица|ул\.|út|utca)(?!\w)",
    re.IGNORECASE,
)
"""What may be a piece of an address that no shape knows."""
