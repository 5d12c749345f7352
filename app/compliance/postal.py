"""Postal addresses as they are written in several countries.

A shape is taken only where a street (or box) and a place stand together; a lone number proves nothing. What fits no
shape may still be an address: whoever asks must then say that he does not know.
"""

from __future__ import annotations

import re

_GAP = r"[\s,;|·•–-]{1,12}"
_NAME = r"[^\W\d_][\w.'’-]{0,30}"
_NAMES = rf"{_NAME}(?:[ \t]{_NAME}){{0,4}}"
_PLACE = rf"(?=(?-i:[A-ZÀ-ÞŁŚŻĆŹŠČŘŽ])){_NAMES}"
_NUMBER = r"\d{1,5}[A-Za-z]?(?:[-/]\d{1,4})?"
_UNIT = (
    rf"(?:{_GAP}(?:suite|ste|unit|apt|floor|fl|level|room|#)\.?[ \t]?#?[\w-]{{1,8}}"
    rf"|{_GAP}\d{{1,3}}(?:st|nd|rd|th)[ \t]floor)?"
)
_STREETS_EN = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|way|court|ct|place|pl|square|sq|parkway|pkwy"
    r"|highway|hwy|terrace|crescent|close|quay|circle|row)\b\.?"
)
_NO_STREET = r"(?!(?-i:and|at|by|for|from|in|is|more|of|off|on|or|out|people|per|times|to|with)\b)"
"""What a number of something else goes on with: `We sold 500 on the way, Austin`."""
_STREET_EN = (
    rf"{_NUMBER}[ \t]{_NO_STREET}(?:[NSEW]\.?[ \t])?{_NAMES}?[ \t]?{_STREETS_EN}(?:[ \t][NSEW]{{1,2}}\b)?{_UNIT}"
)
_BOX = (
    r"(?:p\.?[ \t]?o\.?[ \t]?box|post office box|gpo box|locked bag|postfach|bo[îi]te postale|b\.?p\.?|"
    r"apartado|postbus)[ \t]{1,3}[\d ]{1,9}\d?"
)
_STATES = (
    r"(?-i:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI|S[CD]|"
    r"T[NX]|UT|V[AT]|W[AIVY])"
)
_LONG_STREET = (
    r"[^\W\d_][\w.'’-]{0,30}(?:stra(?:ß|ss)e|str\.|gasse|weg|platz|allee|ring|damm|ufer|straat|laan|"
    r"plein|gracht|weg|kade|gatan|vägen|gata|vej|gade|veien|katu|tie)"
)
_FIRST_STREET = (
    r"(?:rue|avenue|av\.|boulevard|bd|place|quai|chemin|all[ée]e|cours|via|viale|piazza|corso|calle|c/|"
    r"avda?\.?|avenida|plaza|paseo|rua|travessa|praça|ul\.|ulica|al\.|aleja|plac|улица|ул\.)"
)

_SHAPES = {
    "US": rf"(?:{_STREET_EN}|{_BOX}){_GAP}{_NAMES}{_GAP}{_STATES}{_GAP}\d{{5}}(?:-\d{{4}})?",
    "CA": (
        rf"(?:{_STREET_EN}|{_NUMBER},?[ \t](?:rue|boul\.?|avenue)[ \t]{_NAMES}|{_BOX}){_GAP}{_NAMES}"
        rf"{_GAP}(?:\(?(?:AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT|Qu[ée]bec|Ontario)\)?"
        rf"{_GAP})?(?-i:[A-Z]\d[A-Z][ \t-]?\d[A-Z]\d)"
    ),
    "AU": (
        rf"(?:{_STREET_EN}|level[ \t]\d{{1,3}}{_GAP}{_STREET_EN}|{_BOX}){_GAP}{_NAMES}{_GAP}(?-i:NSW|VIC|QLD|"
        rf"WA|SA|TAS|ACT|NT){_GAP}\d{{4}}"
    ),
    "GB": rf"(?:{_STREET_EN}|{_BOX}){_GAP}(?:{_NAMES}{_GAP}){{1,3}}(?-i:[A-Z]{{1,2}}\d[A-Z\d]?[ \t]\d[A-Z]{{2}})",
    "IE": rf"(?:{_STREET_EN}){_GAP}(?:{_NAMES}{_GAP}){{0,3}}Dublin[ \t]\d{{1,2}}\w?",
    "DE": (
        rf"(?:(?:{_NAME}[ \t]){{0,3}}{_LONG_STREET}[ \t]{_NUMBER}|{_NAMES}[ \t](?:straße|strasse|str\.|weg|"
        rf"platz|allee|ring|damm|ufer|gasse)[ \t]{_NUMBER}|{_BOX}){_GAP}(?:(?:D|A|CH|DE|"
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
        rf"(?:{_NAME}[ \t]){{0,2}}{_LONG_STREET}[ \t]{_NUMBER}{_GAP}(?:(?:SE|DK|NO|FI|S|"
        rf"N)-)?\d{{3}}[ \t]?\d{{1,2}}[ \t]{_PLACE}"
    ),
    "PL": rf"(?:ul\.|ulica|al\.|aleja|pl\.|plac)[ \t]{_NAMES}[ \t]{_NUMBER}{_GAP}\d{{2}}-\d{{3}}[ \t]{_PLACE}",
    "BR": (
        rf"(?:rua|avenida|av\.|alameda|travessa)[ \t]{_NAMES},?[ \t]{_NUMBER}{_GAP}(?:[\w.'’/ -]{{1,40}}"
        rf"{_GAP}){{0,3}}\d{{5}}-\d{{3}}"
    ),
    "IN": rf"{_NUMBER},?[ \t]{_NAMES}{_GAP}(?:{_NAMES}{_GAP}){{1,3}}\d{{3}}[ \t]?\d{{3}}{_GAP}India\b",
    "JP": r"〒[ \t]?\d{3}[-－]\d{4}\s{0,3}[^\s\d]{2,20}",
    "CN": r"[市区區][^\s,，\d]{1,12}(?:路|街|道)\d{1,5}[号號]",
    "KR": r"[가-힣]{2,8}(?:시|도)\s{1,3}[가-힣]{1,8}(?:구|군|시)\s{1,3}[가-힣\d]{1,12}(?:로|길)\s{1,3}\d{1,4}",
}

ADDRESSES = {
    country: re.compile(rf"(?<![\w.'’-]){shape}" if country not in ("JP", "CN", "KR") else shape, re.IGNORECASE)
    for country, shape in _SHAPES.items()
}
"""Country → how an address there looks."""

HINT = re.compile(
    r"\b\d{4,7}\b|\b\d{3}[ -]\d{2,4}\b|\b[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[A-Z]{2}\b|\b[A-Z]\d[A-Z][ \t]?\d[A-Z]\d\b"
    r"|\b(?:street|avenue|road|suite|box|stra(?:ß|ss)e|platz|rue|calle|via|straat|ul\.)(?!\w)|〒|[号號]|[가-힣]\d",
    re.IGNORECASE,
)
"""What may be a piece of an address that no shape knows."""
