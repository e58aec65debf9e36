"""Whether a comment tells that somebody asked for a score: "he asked me for a ten", in five languages.

A list of sentences would miss the next one: each pattern joins an act of asking with a mark, a wage with a score, or a
favour with a score, within a few words. Being asked to fill in a survey is no plea, nor is a ten that is given freely.
Measured in tests/test_pleas.py on sentences that the patterns were not written from. What staff write themselves
("please give us a ten") and Arabic are words of pleas.toml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from valence.text.annotation import Span
from valence.text.intents import phrases

LONGEST = 20_000
NEAR = 80
"""Letters between an asking word and its mark."""

_NOT_A_MARK = (
    r"(?!\s*(?:[a-z]+\s)?(?:min|time|day|week|month|hour|year|people|call|euro|dollar|pound|percent|cent|%|€|"
    r"veces|dia|semana|mes|hora|ano|vez|llamada|mal|tag|woche|monat|stunde|jahr|fois|jour|semaine|mois|heure|"
    r"an\b|ans\b|"
    r"vezes|meses|gb|mbit|mega|out of|of 10|/))"
)
_NO_HOUR = "".join(rf"(?<!\b{word} )" for word in ("at", "by", "in", "till", "until", "after", "before", "around"))
_MARKS = {
    "en": rf"(?:(?:an?\s)?{_NO_HOUR}(?:ten|10|nine|9|five|5){_NOT_A_MARK}|"
    r"(?:top|full|high|highest|best|max|maximum|perfect|good|great|positive)"
    r"(?:\s\w+)?\s(?:mark|score|rating|grade|review|number|points?)s?|(?:five|5|ten|10)\sstars?|all\s(?:tens|"
    r"10s|fives|5s))",
    "es": rf"(?:(?:un\s)?(?:diez|10|nueve|9|cinco|5){_NOT_A_MARK}|(?:nota|puntuacion|valoracion|"
    rf"calificacion)\s(?:mas\s)?"
    r"(?:maxima|alta|buena|perfecta)|(?:maxima|mejor|buena|alta)\s(?:nota|puntuacion|valoracion|calificacion)|"
    r"(?:cinco|5)\sestrellas|lo\smaximo)",
    "de": rf"(?:(?:zehn|10|neun|9|funf|5|eine?\s(?:zehn|10|9|neun|5|eins)){_NOT_A_MARK}|(?:beste|hochste|volle|"
    rf"gute|bestmogliche|"
    r"top)[nrms]?\s?(?:note|bewertung|punkt\w*|punktzahl|zahl|wertung)|bestnote|hochstnote|hochste\spunkt\w*|"
    r"volle\spunkt\w*|"
    r"(?:funf|5)\ssterne)",
    "fr": rf"(?:(?:un\s)?(?:dix|10|neuf|9|cinq|5){_NOT_A_MARK}|(?:note|evaluation|"
    r"avis)\s(?:la\splus\s)?(?:maximale|maximum|"
    r"haute|elevee|parfaite|positif|positive)|(?:bonne|meilleure|excellente|plus\shaute)\s(?:note|evaluation)|"
    r"bon\savis|(?:cinq|5)\setoiles|le\smaximum)",
    "pt": rf"(?:(?:um\s)?(?:dez|10|nove|9|cinco|5){_NOT_A_MARK}|(?:nota|pontuacao|avaliacao|"
    rf"classificacao)\s(?:mais\s)?(?:maxima|"
    r"alta|boa|perfeita|positiva)|(?:melhor|boa|maxima|alta)\s(?:nota|pontuacao|avaliacao|classificacao)|"
    r"(?:cinco|5)\sestrelas|"
    r"o\smaximo)",
}
_ASKS = {
    "en": r"(?:asked|asks|asking|begged|begging|told|urged|pushed|pressed|pressured|wanted|instructed|pleaded|"
    r"requested|"
    r"insisted|expected|advised|coached|suggested|hinted|reminded)\s(?:\w+\s){0,4}?",
    "es": r"(?:pidio|pidieron|pide|pedia|rogo|suplico|insistio|insistieron|exigio|dijo\sque|dijeron\sque|"
    r"queria\sque|obligo|"
    r"sugirio|recordo)\s(?:\w+\s){0,5}?",
    "de": r"(?:bat|baten|gebeten|bittet|gebettelt|bettelte|drangte|gedrangt|wollte|verlangte|verlangt|sagte|"
    r"meinte|gesagt|"
    r"sollte|soll|aufgefordert|forderte|hingewiesen)\s(?:\w+\s){0,6}?",
    "fr": r"(?:demande|demandait|supplie|insiste|exige|voulait|dit\sde|suggere|pousse|presse|prie|reclame|"
    r"conseille)e?s?\s"
    r"(?:\w+\s){0,6}?",
    "pt": r"(?:pediu|pediram|pede|implorou|insistiu|insistiram|exigiu|queria\sque|disse\spara|disseram\spara|"
    r"sugeriu|obrigou|"
    r"lembrou)\s(?:\w+\s){0,5}?",
}
_WAGES = (
    r"(?:bonus|bono|commission|salary|wages?|pay|job|premie?|provision|gehalt|lohn|prama?ie|pramie|prime|"
    r"salaire|emploi|comision|"
    r"sueldo|trabajo|empleo|comissao|salario|emprego|premio)"
)
_SCORES = (
    r"(?:score|rating|survey|mark|answer|feedback|review|ten|note|bewertung|umfrage|zehn|encuesta|puntuacion|"
    r"valoracion|nota|"
    r"enquete|evaluation|sondage|inquerito|avaliacao|pontuacao|this|davon|ello|esto|cela|disto|isto|10)"
)
_HANGS = r"(?:depend\w*|hang\w*|rid\w+\son|abhang\w*|dran|lose\w*|perd\w*|verlier\w*|sonst|otherwise|sinon|senao|sino)"
_FAVOURS = (
    r"(?:discount|gift|voucher|coupon|free\s\w+|descuento|regalo|vale|rabatt|gutschein|geschenk|remise|cadeau|bon\sd|"
    r"desconto|brinde|oferta)"
)
_BELOW = (
    r"(?:(?:anything|everything|all)\s(?:below|under|less|but)|(?:alles|weniger)\s(?:unter|als)|todo\slo\s(?:que\s)?"
    r"(?:sea\s)?(?:menos|por\sdebajo)|menos\sde|moins\sde|tout\sce\squi\sest\s(?:sous|en\sdessous)|"
    r"(?:tudo\s)?abaixo\sde)"
    r"\s(?:\w+\s){0,4}?(?:ten|10|nine|9|five|5|top|zehn|neun|diez|nueve|dix|neuf|dez|nove)\b(?:\s\w+){0,4}?\s"
    r"(?:fail\w*|bad|count\w*|trouble|useless|zero|schlecht|durchgefallen|zahlt|nichts|mal\w*|cuenta|suspenso|"
    r"echec|compte|"
    r"mauvais\w*|conta|falh\w*|reprov\w*)"
)
_ONLY = (
    r"\b(?:only|nur|solo|solamente|seul|seulement|so|apenas)\s(?:a\s|an\s|eine?\s|el\s|un\s|o\s|um\s)?(?:ten|10|"
    r"nine|9|five|5|"
    r"zehn|neun|diez|nueve|dix|neuf|dez|nove)s?\s(?:le\s|lui\s|lhe\s|ihm\s|ihr\s)?"
    r"(?:count\w*|help\w*|zahlt|hilft|cuenta|vale|sirve|compte|aide|conta|serve)"
)


def _any() -> re.Pattern[str]:
    asked = [rf"\b{_ASKS[tongue]}{_MARKS[tongue]}" for tongue in _MARKS]
    wages = [
        rf"\b{_WAGES}\b(?:\s\w+){{0,4}}?\s{_HANGS}(?:\s\w+){{0,5}}?\s{_SCORES}\b",
        rf"\b{_SCORES}\b(?:\s\w+){{0,6}}?\s{_HANGS}(?:\s\w+){{0,3}}?\s{_WAGES}\b",
        rf"\b{_HANGS}\s(?:\w+\s){{0,4}}?{_WAGES}\b",
    ]
    behind = (
        rf"\b(?:um|auf)\s(?:\w+\s){{0,1}}?{_MARKS['de']}\s(?:\w+\s){{0,1}}?(?:gebeten|gebettelt|gedrangt|bestanden)"
    )
    favour = (
        rf"\b{_FAVOURS}(?:\s\w+){{0,3}}?\s(?:if|for|wenn|fur|si|por|pour|se|em\stroca\sde)\s"
        rf"(?:\w+\s){{0,4}}?{_SCORES}\b"
    )
    return re.compile("|".join([*asked, *wages, behind, favour, rf"\b{_BELOW}", _ONLY]))


_PLEA = _any()
# Each of the patterns holds one of these. Most comments hold none, and are done ten times as fast.
_NEEDED = (
    "10", "9", "5", "ten", "nine", "five", "zehn", "neun", "funf", "dix", "neuf", "cinq", "cinco", "diez", "nueve",
    "dez", "nove", "eins", "mark", "scor", "rating", "grade", "review", "number", "point", "star", "note", "nota",
    "wertung", "punkt", "zahl", "sterne", "evaluation", "avis", "etoile", "maxim", "puntuacion", "valoracion",
    "calificacion", "estrel", "pontuacao", "avaliacao", "classificacao", "depend", "hang", "rid", "dran", "lose",
    "perd", "verlier", "sonst", "otherwise", "sinon", "senao", "sino", "discount", "gift", "voucher", "coupon",
    "free", "descuento", "regalo", "vale", "rabatt", "gutschein", "geschenk", "remise", "cadeau", "bon d",
    "desconto", "brinde", "oferta",
)  # fmt: skip
_ACCENTS = re.compile("[\u0300-\u036f]")
_STOPS = re.compile(r"[^\w%€/]+")
_WORD = re.compile(r"[\w%€/]+")


@dataclass(frozen=True)
class Plea:
    """A plea in a text: the words, and who says them: a "customer" tells of it, or "staff" pleads."""

    span: Span
    by: str


def find(*, text: str, language: str) -> Plea | None:
    """Return the plea that a text tells of or makes itself; None where there is none."""
    told = _searched(plain(text[:LONGEST]))
    if told is not None:
        return Plea(span=_as_written(text, told), by="customer")
    hits = phrases.listed(file="pleas.toml").find(text=text, language=language)
    asks, marks, tells = ([hit.span for hit in hits if hit.theme == name] for name in ("asks", "marks", "told"))
    pairs = [(ask, mark) for ask in asks for mark in marks if 0 <= mark.start - ask.end <= NEAR]
    if not pairs:
        return None
    ask, mark = min(pairs, key=lambda pair: pair[1].end - pair[0].start)
    return Plea(span=Span(ask.start, mark.end), by="customer" if tells else "staff")


def is_plea(text: str) -> bool:
    """Return whether a comment tells that a score was asked for."""
    return in_plain(plain(text))


def in_plain(text: str) -> bool:
    """Return the same of a text that is plain already."""
    return _searched(text) is not None


def _searched(text: str) -> re.Match[str] | None:
    return _PLEA.search(text) if any(word in text for word in _NEEDED) else None


def plain(text: str) -> str:
    """Return a text in small letters without accents and stops between words."""
    small = text.lower()
    if not small.isascii():
        small = _ACCENTS.sub("", unicodedata.normalize("NFKD", small.replace("ß", "ss")))
    return " ".join(_STOPS.sub(" ", small).split())


def _as_written(text: str, told: re.Match[str]) -> Span:
    """Return where the words of a match in plain text stand in the text as it was written: word for word."""
    before = told.string[: told.start()].count(" ")
    words: Sequence[re.Match[str]] = list(_WORD.finditer(text[:LONGEST]))
    last = min(before + told.group().count(" "), len(words) - 1)
    return Span(words[min(before, last)].start(), words[last].end())
