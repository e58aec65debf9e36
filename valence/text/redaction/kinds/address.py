"""Where somebody lives: streets as each language writes them, post boxes, postal codes, places that words announce."""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from valence.text.annotation import Span
from valence.text.redaction import cues
from valence.text.redaction.found import Found, Kind

_W = r"[^\W\d_][\w'’.-]{0,30}"
_NO = r"\d{1,5}(?: ?[a-zA-Z](?!\w))?(?:[/-]\d{1,4})?"
_C = r"(?:[A-ZÀ-ÖØ-ÞŠŽČŁ][\w'’.-]{0,30}|\d{1,3}(?:st|nd|rd|th))"
_KINDS = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Square|Sq|Terrace|Close"
    r"|Crescent|Highway|Hwy|Parkway|Pkwy|Trail|Grove|Gardens|Row|Mews|Walk|Circle|Cove)(?!\w)\.?"
)
_ENDINGS = (
    r"(?:straße|strasse|str\.|str|gasse|allee|weg|damm|ufer|chaussee|steig|laan|straat|plein|gracht|kade|dijk|vägen|gatan"
    r"|veien|vegen|gata|vej|gade|katu|tie|tänav|vegur|stræti|terrasse|stien)"
)
_UNIT = r"(?! ?(?:min|std|stunden|km|uhr|euro|eur|€|tage|wochen|monate|jahre|%|x ))"
_STREETS = (
    # 12 Baker Street, 4502 North Main St.; in small letters only the plainest
    rf"\d{{1,5}}[A-Za-z]?,? (?:{_C} ){{1,4}}{_KINDS}",
    r"\d{1,5} (?!way|the|my|this|one|of|on|mile|minute|hour|lane)[a-z]{3,20} (?:street|avenue|road|lane|drive)(?!\w)",
    # Hauptstr. 5, Brixtonlaan 380, Koskikatu 25, Zagrebška cesta 4
    rf"(?:{_C} ){{0,2}}?[A-ZÀ-ÖØ-ÞŠŽČŁ][\w'’-]{{1,30}}{_ENDINGS} {_NO}(?!\w){_UNIT}",
    rf"(?:{_C} ){{1,3}}(?i:straße|strasse|str\.|allee|weg|platz|utca|tér|ulica|cesta|ulice|allé|torg|terrasse|vei|road)"
    rf" {_NO}(?!\w){_UNIT}",
    rf"(?:Am|An der|Im|In der|Auf dem|Auf der|Zum|Zur) {_C} {_NO}(?!\w){_UNIT}",
    # 20789 Allika 46, Suite 501; Apt. 297
    rf"(?:{_C} ){{1,4}}\d{{1,4}}\.?[,\s>]{{1,6}}(?:Apt\.?|Suite|Ste\.?|Unit|Flat) ?\d{{1,5}}(?!\w)",
    r"(?:Apt\.|Apartment|Suite|Ste\.) ?\d{1,5}(?!\w)",
    # 12 bis, rue de la Paix
    rf"\d{{1,4}}(?: ?bis| ?ter)?,? (?i:rue|avenue|av\.|boulevard|bd|chemin|impasse|allée|quai|route|faubourg)"
    rf" (?:{_W} ){{0,5}}{_W}",
    # Calle Mayor 5, Rua Igreja 25, Via Roma 131, ul. Cicha 86
    rf"(?i:(?:calle|avenida|avda|avd|plaza|paseo|carrera|camino|ronda|rúa|rua|travessa|avenue|rue|boulevard|viale"
    rf"|piazza|corso|vicolo|strada|ulica) |(?:c/|avda\.|avd\.|r\.|ul\.|al\.|os\.) ?)"
    rf"(?:{_W},? ){{1,6}}(?:n[º°.]? ?)?{_NO}(?!\w)",
    rf"Via (?:{_W} ){{1,5}}{_NO}(?!\w)",
    rf"(?:شارع|طريق) (?:{_W} ){{1,4}}(?:رقم )?\d{{1,5}}",
    r"(?i:P\.? ?O\.? ?Box|Postfach|Apartado(?: de Correos)?|Boîte postale|Casilla|ص\.ب\.?) ?\d{1,7}(?!\w)",
    r"(?i:PSC|Unit|CMR) \d{1,5},? (?i:Box) \d{1,5}",
    r"[A-Z]{1,2}\d[A-Z\d]? \d[A-BD-HJLNP-UW-Z]{2}(?!\w)",
    r"(?:D|A|CH|F|B|L)-\d{4,5} [^\W\d_][\w-]{2,30}",
)
_STREET = re.compile(rf"(?<![\w.,/])(?:\d{{1,5}} ){{0,2}}?(?:{'|'.join(_STREETS)})")
# Tells at once, in linear time, that no street can be there.
_STREETLIKE = re2.compile(
    r"(?i)\b(?:street|st|avenue|ave?|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|bd|way|place|pl|square|sq|terrace"
    r"|close|crescent|highway|hwy|parkway|pkwy|trail|grove|gardens|row|mews|walk|circle|cove|rue|chemin|impasse|allée|quai"
    r"|route|faubourg|calle|avenida|avda|avd|plaza|paseo|carrera|camino|ronda|rúa|rua|travessa|viale?|piazza|corso|vicolo"
    r"|strada|ul|ulica|al|os|c/|r|box|postfach|apartado|casilla|apt|apartment|suite|ste|unit|flat)\b"
    r"|\b(?:am|im|zum|zur|an der|in der|auf de[mr]) \S+ \d"
    r"|stra(?:ß|ss)e|str\.|gasse|allee|weg|damm|ufer|chaussee|steig|laan|straat|plein|gracht|kade|dijk|vägen|gatan|veien"
    r"|vegen|gata|vej|gade|katu|tie\b|tänav|vegur|stræti|terrasse|stien|platz|utca|tér|cesta|ulice|allé|torg|شارع|طريق"
    r"|[A-Z]\d[A-Z\d]? \d[A-Z]{2}|\b[DACHFBL]{1,2}-\d{4}"
)
_APART = re.compile(
    r"(?:\s{0,4}[,>?]{0,3}\s{0,4}(?:Apt\.?|Apartment|Suite|Ste\.?|Unit|Flat|Box|Whg\.?|Appt\.?|Piso|Bloque|Floor|Etage|Stock)\s?#?\w{1,5}(?!\w)){1,3}",
    re.IGNORECASE,
)
_TOWN = re.compile(
    rf"(?:[\s,>?]{{1,8}}(?!(?:and|und|et|y|in|to|but|so|for|my|please|is|was)\b){_W}(?:[ -]{_W}){{0,3}}){{0,2}}"
    rf"(?:[\s,]{{1,6}}[A-Z]{{1,3}}(?!\w))?(?:[\s,]{{1,6}}{_W}(?: {_W}){{0,2}})?"
    r"[\s,>?]{1,8}(?:[A-Z]{1,2}-)?\d{4,5}(?:-\d{3,4})?(?!\w|[ -]?\d)"
)
_STOP = (
    r"(?!(?:and|but|please|i|so|in|on|for|if|which|where|to|is|was|since|because|the|und|aber|bitte|et|mais|y|pero)"
    r"(?!\w))"
)
_SAID = re.compile(
    rf"(?:the corner of )?(?:\d{{1,6}}[a-z]?,?(?: {_STOP}[^\W\d][\w.’'-]{{0,30}}){{1,4}}(?: \d{{1,5}}(?!\w))?"
    rf"|{_STOP}[^\W\d][\w.’'-]{{0,30}}(?: {_STOP}[^\W\d][\w.’'-]{{0,30}}){{0,4}} \d{{1,5}}[a-z]?(?!\w))",
    re.IGNORECASE,
)
_WRITTEN = re.compile(r"[A-ZÀ-ÞΑ-ΩŠŽČŁŘ\u0600-\u06ff]")
_ZIP = re.compile(r"[A-Z]{0,2}-?\d{3,6}(?:[- ]?\d{3,4}| \d\d|[- ][A-Z]{2})?(?!\w)")


def find(*, seen: cues.Seen) -> Iterator[Found]:
    """Find streets with a house number and what follows them (flat, town, postal code), and postal codes by name."""
    text = seen.text
    for match in _STREET.finditer(text) if _STREETLIKE.search(text) else ():
        yield Found(kind=Kind.ADDRESS, span=Span(match.start(), _end(text, match.end())))
    for match in seen.after(about="zip", wanted=_ZIP):
        yield Found(kind=Kind.ADDRESS, span=Span(*match.span()))
    for about, sure in (("home", True), ("address", False)):
        for match in seen.after(about=about, wanted=_SAID):
            if sure or _WRITTEN.search(match.group()):
                yield Found(kind=Kind.ADDRESS, span=Span(match.start(), _end(text, match.end())))


def _end(text: str, end: int) -> int:
    """Return where the address ends with its flat, town and postal code, if they follow."""
    for pattern in (_APART, _TOWN, _APART):
        following = pattern.match(text, end)
        end = following.end() if following else end
    return end
