"""How figures, dates and lists are written: by one hand, so that pages, exports and charts say the same.

Percents with a thin no-break space, a true minus, money without cents, durations never without a unit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, time, tzinfo

MINUS = "−"
THIN = "\u202f"
NO_BREAK = "\u00a0"
UNKNOWN = "–"
MOST_PHRASES = 2
SIGNS = {
    "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "BRL": "R$",
    "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "MXN": "MX$", "HKD": "HK$", "SGD": "S$", "TRY": "₺", "UAH": "₴",
    "VND": "₫", "NGN": "₦", "PHP": "₱", "THB": "฿",
}  # fmt: skip


class _Manner:
    """How money and times are said in this process: one organisation, one manner."""

    currency = "EUR"
    zone: tzinfo = UTC


def adopt(*, currency: str, zone: tzinfo) -> None:
    """Say money in this currency (ISO 4217) and times in this time zone from now on, in the whole process."""
    _Manner.currency, _Manner.zone = currency, zone


def currency() -> str:
    """Return what stands before an amount: `€`, or the code and a space where no sign is known by everybody."""
    return SIGNS.get(_Manner.currency, f"{_Manner.currency}{NO_BREAK}")


def local(at: datetime) -> datetime:
    """Return a moment in the organisation's time zone. Midnight UTC stands for a day without a time, and stays."""
    return at if at.tzinfo is None or is_day(at) else at.astimezone(_Manner.zone)


def is_day(at: datetime) -> bool:
    """Say whether a moment stands for a whole day: exactly midnight UTC."""
    return at.tzinfo is not None and at.astimezone(UTC).time() == time()


def clock(at: datetime) -> str:
    """Return a day with its time: `19 May 2026, 14:05 CEST`."""
    here = at.astimezone(_Manner.zone)
    return f"{here.day} {here:%b %Y, %H:%M %Z}"


def count(number: float) -> str:
    """Return a whole number with thousands set apart: `41,206`."""
    return f"{number:,.0f}".replace("-", MINUS)


def decimal(number: float, *, places: int = 1) -> str:
    """Return a number with fixed decimals and a true minus: `11.8`."""
    return f"{number:,.{places}f}".replace("-", MINUS)


def percent(share: float, *, of: int = 0) -> str:
    """Return a share as a percentage: whole under 1,000 cases, one decimal above; tiny ones are not said to be 0."""
    if 0 < share < 0.005 and of < 1000:
        return f"under 1{THIN}%"
    return f"{share * 100:.{1 if of >= 1000 else 0}f}{THIN}%"


def percents(low: float, high: float) -> str:
    """Return a range of shares in whole percents without the sign: `19–35`."""
    return f"{low * 100:.0f}–{high * 100:.0f}"


def spread(low: float, high: float) -> str:
    """Return a range of whole numbers: `36–57`."""
    return f"{count(low)}–{count(high)}"


def money(amount: float | None) -> str:
    """Return an amount without cents: `€2,130`; a dash where it is unknown."""
    if amount is None or math.isnan(amount):
        return UNKNOWN
    sign = MINUS if round(amount) < 0 else ""
    return f"{sign}{currency()}{abs(amount):,.0f}"


def signed(number: float) -> str:
    """Return a whole number with its sign: `+8`, `−19`, `0`."""
    whole = round(number)
    if whole == 0:
        return "0"
    return f"+{whole}" if whole > 0 else f"{MINUS}{-whole}"


def times(factor: float) -> str:
    """Return how many times something is more or less likely: `×2.1`, `÷1.1`."""
    return f"×{factor:.1f}" if factor >= 1 else f"÷{1 / factor:.1f}"


def date(at: datetime, *, now: datetime) -> str:
    """Return a day, with its year when that is not this one: `19 May`, `11 Jun 2025`."""
    here = local(at)
    return f"{here.day} {here:%b}" if here.year == local(now).year else full_date(at)


def full_date(at: datetime) -> str:
    """Return a day with its year: `2 May 2026`."""
    here = local(at)
    return f"{here.day} {here:%b} {here.year}"


def ago(at: datetime, *, now: datetime) -> str:
    """Return how long ago something was, or how far away it is, in the largest unit that still says it well.

    Days are those of the calendar on the wall: what was yesterday is 1 d ago, however many hours that are.
    """
    days = days_between(at, now)
    words = _distance(abs(days))
    if words == "today":
        return words
    return f"{words} ago" if days > 0 else f"in {words}"


def days_between(earlier: datetime, later: datetime) -> int:
    """Return how many midnights lie between two moments where the organisation is; below 0 where they come in turn."""
    return (local(later).date() - local(earlier).date()).days


def _distance(days: float) -> str:
    if days < 1:
        return "today"
    if days < 28:
        return f"{int(days)}{NO_BREAK}d"
    if days < 120:
        return f"{round(days / 7)}{NO_BREAK}wk"
    if days < 700:
        return f"{round(days / 30.44)}{NO_BREAK}months"
    return f"{days / 365.25:.0f}{NO_BREAK}years"


def lasting(days: float) -> str:
    """Return a length of time: `103 days`, `14 months`, `2 years 3 months`."""
    if days < 120:
        return f"{days:.0f} day" + ("" if round(days) == 1 else "s")
    months = round(days / 30.44)
    if months < 24:
        return f"{months} months"
    years, rest = divmod(months, 12)
    return f"{years} years" + (f" {rest} month" + ("s" if rest > 1 else "") if rest else "")


def minutes(length: float) -> str:
    """Return a length in minutes: `18 min`, `2 h 40`."""
    whole = round(length)
    if whole < 60:
        return f"{whole}{NO_BREAK}min"
    hours, rest = divmod(whole, 60)
    return f"{hours}{NO_BREAK}h" + (f"{NO_BREAK}{rest:02d}" if rest else "")


def listed(words: Sequence[str]) -> str:
    """Return words in a row: `Sales, Care and Billing`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def told(words: str) -> str:
    """Return what went wrong without the kind before it: `Outage: long outage` -> `long outage`.

    The two phrases that count most; one that another already says (`outage, long outage`) is left out.
    """
    kind, _, went = words.partition(": ")
    phrases = [phrase for phrase in (went or kind).split(", ") if phrase]
    kept = [one for one in phrases if not any(one != other and one in other for other in phrases)]
    said = ", ".join(list(dict.fromkeys(kept))[:MOST_PHRASES])
    return f"{said[:1].lower()}{said[1:]}"


def many(number: int, thing: str, things: str = "") -> str:
    """Return a count with its noun: `1 loss`, `46 losses`."""
    return f"{count(number)} {thing if number == 1 else things or thing + 's'}"


def sentence(words: str) -> str:
    """Return words with a capital first letter, the rest untouched."""
    return words[:1].upper() + words[1:]


SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def small(number: int) -> str:
    """Return a small count as a word, for running text: `two`, `14`."""
    return SMALL[number] if 0 <= number < len(SMALL) else count(number)


def one_in(share: float) -> str:
    """Return a chance as people say it: `about one in 4`, `about 7 in 10`, `fewer than one in 100`."""
    if share <= 0.01:
        return "fewer than one in 100"
    if share >= 0.95:
        return "almost certain"
    if share >= 0.4:
        return f"about {share * 10:.0f} in 10"
    return f"about one in {round(1 / share)}"
