"""Whose installation this is: name, currency, time zone, regions, pack, public address. Kept in `valence.toml`.

The file lies in the data folder, is readable and may be edited by hand; what the environment says wins.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
import zoneinfo
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FILE = "valence.toml"
LONGEST_NAME = 100
MOST_REGIONS = 500
VARIABLES = {
    "name": "VALENCE_ORGANISATION",
    "currency": "VALENCE_CURRENCY",
    "time_zone": "VALENCE_TIME_ZONE",
    "pack": "VALENCE_PACK",
    "address": "VALENCE_ADDRESS",
}
# ISO 4217, the codes of money in circulation.
CURRENCIES = frozenset(
    re.findall(
        r"[A-Z]{3}",
        """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
        CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
        HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
        MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
        RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
        USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
        """,
    )
)
HEADING = "# What `valence init` and the page Settings, Organisation wrote. Edit it freely; the environment wins.\n"


class NotUsable(ValueError):  # noqa: N818  it is said to people as such
    """A value that cannot be used. The text says which, and why, to whoever wrote it."""


@dataclass(frozen=True)
class Organisation:
    """Whose installation this is. `currency`: ISO 4217; `time_zone`: an IANA name; `address`: `https://...` or "".

    `getting_started`: `shown` on Today until it is done, or `hidden`. `feedback_basis`: why customers may be asked for
    feedback where they never spoke about it: `legitimate_interest` (until they object), or only with `consent`.
    """

    name: str = ""
    currency: str = "EUR"
    time_zone: str = "UTC"
    regions: tuple[str, ...] = ()
    pack: str = "telco"
    address: str = ""
    getting_started: str = "shown"
    feedback_basis: str = "legitimate_interest"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone in which times are shown."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def only_agreed(self) -> bool:
        """Say whether only those are asked for feedback who agreed to it."""
        return self.feedback_basis == "consent"

    @property
    def is_secure(self) -> bool:
        """Say whether people reach it over TLS."""
        return self.address.startswith("https://")


def of(*, folder: Path) -> Organisation:
    """Return the organisation of a data folder, read again only after a change. Raises NotUsable."""
    path = folder / FILE
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _read(path, changed, tuple((name, os.environ.get(variable)) for name, variable in VARIABLES.items()))


def stored(*, folder: Path) -> Organisation:
    """Return what the file alone says. Raises NotUsable."""
    return checked(Organisation(**_from_file(folder / FILE)))


def hosts(*, address: str) -> list[str]:
    """Return the host names under which pages may be asked for: what VALENCE_HOSTS says, else the public address
    and this machine itself, else any."""
    if given := os.environ.get("VALENCE_HOSTS"):
        return given.split(",")
    host = urlsplit(address).hostname
    return [host, "localhost", "127.0.0.1", "[::1]"] if host else ["*"]


def is_stored(*, folder: Path) -> bool:
    """Say whether somebody set it: the file is there."""
    return (folder / FILE).exists()


def fixed() -> frozenset[str]:
    """Return the names of what the environment says, which the file cannot change."""
    return frozenset(name for name, variable in VARIABLES.items() if os.environ.get(variable))


def write(*, folder: Path, organisation: Organisation) -> None:
    """Keep it, whole or not at all. Raises NotUsable."""
    told = asdict(checked(organisation))
    text = HEADING + "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in told.items())
    path, partial = folder / FILE, folder / f".{FILE}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def checked(organisation: Organisation) -> Organisation:
    """Return it with spaces and letter case put right. Raises NotUsable for what cannot be."""
    tidy = replace(
        organisation,
        name=" ".join(organisation.name.split()),
        currency=organisation.currency.strip().upper(),
        time_zone=organisation.time_zone.strip(),
        regions=tuple(dict.fromkeys(filter(None, (region.strip() for region in organisation.regions)))),
        address=organisation.address.strip().rstrip("/"),
    )
    for problem in _problems(tidy):
        raise NotUsable(problem)
    return tidy


def time_zones() -> tuple[str, ...]:
    """Return the names of the time zones that this machine knows, in order."""
    return tuple(sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC"))


def local_zone() -> str:
    """Return the time zone of this machine, UTC where it cannot be told."""
    known = zoneinfo.available_timezones()
    named = os.environ.get("TZ", "").removeprefix(":")
    linked = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    return next((name for name in (named, linked) if name in known and not name.startswith("Etc/")), "UTC")


def _problems(one: Organisation) -> list[str]:
    address = urlsplit(one.address)
    wrong = {
        f"The name is longer than {LONGEST_NAME} letters.": len(one.name) > LONGEST_NAME or not one.name.isprintable(),
        f"{one.currency or 'Nothing'} is not a currency: give its three letters, like EUR or USD.": (
            one.currency not in CURRENCIES
        ),
        f"{one.time_zone or 'Nothing'} is not a time zone: give its name, like Europe/Berlin.": (
            one.time_zone not in zoneinfo.available_timezones()
        ),
        f"There may be at most {MOST_REGIONS} regions.": len(one.regions) > MOST_REGIONS,
        "getting_started is `shown` or `hidden`.": one.getting_started not in {"shown", "hidden"},
        "feedback_basis is `legitimate_interest` or `consent`.": (
            one.feedback_basis not in {"legitimate_interest", "consent"}
        ),
        "A pack's name has letters only.": not re.fullmatch(r"[a-z][a-z_]{0,40}", one.pack),
        f"{one.address} is not an address: write it like https://valence.example.org.": bool(one.address)
        and not (address.scheme in {"http", "https"} and address.hostname and address.path == ""),
    }
    return [words for words, is_wrong in wrong.items() if is_wrong]


@lru_cache(maxsize=8)
def _read(path: Path, changed: int, environment: tuple[tuple[str, str | None], ...]) -> Organisation:
    said = {name: value for name, value in environment if value}
    return checked(Organisation(**{**(_from_file(path) if changed else {}), **said}))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise NotUsable(f"{path} cannot be read: {problem}") from None
    return {name: _value(path, name, value) for name, value in table.items()}


def _value(path: Path, name: str, value: object) -> str | tuple[str, ...]:
    kinds: Mapping[str, object] = {field.name: field.default for field in fields(Organisation)}
    if name not in kinds:
        raise NotUsable(f"{path}: {name} is not known; known are {', '.join(kinds)}.")
    if isinstance(kinds[name], tuple):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise NotUsable(f"{path}: {name} must be a list of words.")
        return tuple(value)
    if not isinstance(value, str):
        raise NotUsable(f"{path}: {name} must be a word in quotes.")
    return value
