"""Which column of a file is which of ours: said by a mapping file, else guessed from the columns' names, and shown."""

from __future__ import annotations

import re
import tomllib
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from valence.sources import translating
from valence.sources.files import Event, Fact, Layout, Reading, RecordKind, WrongFile
from valence.sources.notation import durations, numbers, times, zeros

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "customers": ("customer_id", "joined_at"),
    "interactions": ("interaction_id", "customer_id", "occurred_at", "kind"),
}
ALIASES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "customers": {
        "customer_id": ("customer", "client_id", "cust_id", "account_id", "account", "subscriber_id", "id"),
        "joined_at": ("joined", "start_date", "contract_start", "signup_date", "customer_since", "created_at", "since"),
        "left_at": ("left", "churn_date", "churned_at", "end_date", "contract_end", "cancelled_at"),
        "left_kind": ("churn_kind", "churn_type"),
        "left_reason": ("churn_reason", "cancel_reason"),
        "monthly_value": ("mrr", "arpu", "monthly_charge", "monthly_charges", "monthly_revenue"),
        "plan": ("tariff", "product", "contract"),
        "name": ("customer_name", "full_name"),
        "email": ("e_mail", "mail", "email_address"),
        "phone": ("telephone", "mobile", "phone_number", "msisdn"),
        "switched_from": ("previous_provider",),
    },
    "interactions": {
        "interaction_id": ("interaction", "event_id", "ticket_id", "ticket_no", "case_id", "id"),
        "customer_id": ("customer", "client_id", "cust_id", "account_id", "account", "subscriber_id"),
        "occurred_at": ("occurred", "timestamp", "datetime", "date", "time", "event_time", "created_at"),
        "kind": ("type", "event_type", "event", "interaction_type"),
        "department": ("dept", "team", "function"),
        "text": ("comment", "message", "verbatim"),
        "agent_id": ("agent", "user_id", "employee_id"),
        "wait_minutes": ("wait", "waiting_minutes"),
        "duration_minutes": ("duration",),
        "caused_by": ("parent_id", "cause_id"),
    },
}


class Mapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping as it is written in a file: `columns` is ours = theirs. The other parts: see files.Reading.

    only: nothing beyond what is said here is guessed. for_columns: the columns of the files that it is meant for.
    file: how the file is laid out; None is the data contract's own layout.
    """

    kind: str = ""
    only: bool = False
    for_columns: list[str] = []
    file: Layout | None = None
    columns: dict[str, str] = {}
    joined: dict[str, list[str]] = {}
    formats: dict[str, str] = {}
    empties: list[str] = []
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    sets: dict[str, dict[str, dict[str, str]]] = {}
    facts: dict[str, Fact] = {}
    id_from: list[str] = []
    events: list[Event] = []
    one_each: bool = False
    derive: dict[str, str] = {}

    def used(self) -> set[str]:
        """Return the columns of theirs that must be there."""
        joined = {theirs for parts in self.joined.values() for theirs in parts}
        events = {theirs for event in self.events for theirs in (event.occurred_at, *event.columns.values())}
        facts = {fact.column for fact in self.facts.values()}
        return {*self.columns.values(), *joined, *events, *facts, *self.id_from, *self.sets}

    def fills(self) -> set[str]:
        """Return which of ours it fills otherwise than from one column."""
        sets = {ours for words in self.sets.values() for said in words.values() for ours in said}
        events = {"occurred_at"} if self.events else set()
        every = [set(event.constants) | set(event.columns) for event in self.events]
        ids = {"interaction_id"} if self.id_from else set()
        return {*self.constants, *self.joined, *sets, *events, *ids, *(set.intersection(*every) if every else ())}


OPEN = "?"
"""What stands in a mapping where somebody has to decide: as `occurred_at = "?"` under formats."""


@dataclass(frozen=True)
class Chosen:
    """Which columns are which. `guessed` are ours that were guessed; `missing` are ours that must be there."""

    record_kind: RecordKind
    columns: Mapping[str, str]
    guessed: frozenset[str]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    mapped: Mapped = field(default_factory=Mapped)

    def reading(self) -> Reading:
        """Return how to read the file."""
        mapped = self.mapped
        return Reading(
            record_kind=self.record_kind,
            columns=dict(self.columns),
            constants=dict(mapped.constants),
            values=dict(mapped.values),
            layout=mapped.file,
            joined=dict(mapped.joined),
            formats=dict(mapped.formats),
            empties=tuple(mapped.empties),
            sets=dict(mapped.sets),
            facts=dict(mapped.facts),
            id_from=tuple(mapped.id_from),
            events=tuple(mapped.events),
            one_each=mapped.one_each,
        )


def load(*, path: Path) -> Mapped:
    """Read a mapping file, TOML or JSON. Raises WrongFile."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise WrongFile(f"The mapping file {path.name} cannot be read.") from None
    return parsed(text=text, name=path.name, is_json=path.suffix.lower() == ".json")


def parsed(*, text: str, name: str, is_json: bool) -> Mapped:
    """Return what the text of a mapping file says. Raises WrongFile."""
    try:
        said = msgspec.json.decode(text) if is_json else tomllib.loads(text)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError) as problem:
        raise WrongFile(f"The mapping file {name} is neither TOML nor JSON: {problem}.") from None
    return checked(said)


def checked(said: Mapping[str, Any] | None) -> Mapped:
    """Return a mapping after a check of its shape. Raises WrongFile."""
    try:
        return msgspec.convert(said or {}, Mapped)
    except msgspec.ValidationError as problem:
        raise WrongFile(f"The mapping is wrong: {problem}.") from None


def choose(*, columns: Sequence[str], known: Mapping[str, Sequence[str]], mapped: Mapped, kind: str = "") -> Chosen:
    """Decide which column is which of ours. `known` names our columns by record kind. Raises WrongFile."""
    wanted = kind or mapped.kind
    if wanted and wanted not in REQUIRED:
        raise WrongFile(f"There are no records of kind {wanted!r}; there are customers and interactions.")
    kinds: tuple[RecordKind, ...] = ("interactions", "customers")
    choices = [_chosen(one, columns, known[one], mapped) for one in kinds if wanted in ("", one)]
    return min(choices, key=lambda choice: (len(choice.missing), -len(choice.columns), len(choice.guessed)))


def check(*, chosen: Chosen, columns: Sequence[str], known: Mapping[str, Sequence[str]]) -> None:
    """Raise WrongFile where a column that must be there is not, or where the mapping names what is not there."""
    mapped = chosen.mapped
    events = {ours for event in mapped.events for ours in (*event.columns, *event.constants)}
    strange = sorted(
        (set(mapped.columns) | mapped.fills() | events | set(mapped.formats)) - set(known[chosen.record_kind])
    )
    if strange:
        raise WrongFile(f"The mapping names columns that {chosen.record_kind} do not have: {', '.join(strange)}.")
    absent = sorted(mapped.used() - set(columns))
    if absent:
        raise WrongFile(f"The mapping names columns that the file does not have: {', '.join(absent)}.")
    if chosen.missing:
        raise WrongFile(
            f"Missing for {chosen.record_kind}: {', '.join(chosen.missing)}. The file has: {', '.join(columns)[:300]}."
        )
    _check_formats(mapped)
    if any(value == OPEN for words in mapped.sets.values() for said in words.values() for value in said.values()):
        raise WrongFile("The mapping leaves open when customers left (`?` under sets): the day of the export says it.")


def is_contract(*, columns: Sequence[str], record_kind: str = "") -> bool:
    """Return whether columns are named as in the data contract, at least those that must be there."""
    kinds = [record_kind] if record_kind else list(REQUIRED)
    return any(set(REQUIRED[kind]) <= set(columns) for kind in kinds)


def _check_formats(mapped: Mapped) -> None:
    zone = mapped.file.zone if mapped.file else ""
    if zone and zone not in zoneinfo.available_timezones():
        raise WrongFile(f"There is no time zone {zone!r}; there is, for example, Europe/Berlin.")
    for name, notation in mapped.formats.items():
        if notation == OPEN:
            raise WrongFile(f"How {name} is written must be said (formats): it can be read in more than one way.")
        if not _is_notation(name, notation):
            raise WrongFile(f"{name} cannot be written as {notation!r}. Ways: {', '.join(notations(field=name))}.")
        if notation in times.BEFORE_EXPORT and not (mapped.file and mapped.file.as_of):
            raise WrongFile(f"{name} counts back from the day of the export, which must be said (file: as_of).")


def notations(*, field: str) -> tuple[str, ...]:
    """Return the ways in which one of our fields may be written."""
    if field in translating.TIMES:
        return (*times.NOTATIONS, *times.BEFORE_EXPORT)
    if field in durations.MEASURED:
        units = tuple(
            f"{number} {unit}" for unit in durations.UNITS for number in (numbers.PLAIN, "1.234,56", "1,234.56")
        )
        return (*numbers.NOTATIONS, durations.CLOCK, durations.SHORT_CLOCK, *units)
    if field == "customer_id":
        return (zeros.WITHOUT, *(f"{digits} digits" for digits in range(4, zeros.LONGEST + 1)))
    return numbers.NOTATIONS if field in translating.NUMBERS else ()


def _is_notation(name: str, notation: str) -> bool:
    if name in durations.MEASURED and durations.is_known(notation=notation):
        return True
    if name == "customer_id":
        return zeros.is_known(notation=notation)
    return notation in notations(field=name) or (name in translating.TIMES and times.is_known(notation=notation))


def _chosen(kind: RecordKind, columns: Sequence[str], known: Sequence[str], mapped: Mapped) -> Chosen:
    said = dict(mapped.columns)
    free = [column for column in columns if column not in said.values()]
    if mapped.only:
        exact: dict[str, str] = {}
        guessed: dict[str, str] = {}
        said |= {f"{column} (theirs)": column for column in free if column in known}
    else:
        exact = {column: column for column in free if column in known and column not in said}
        guessed = _guess(kind, [column for column in free if column not in exact], {*said, *exact, *mapped.fills()})
    found = {**exact, **guessed, **said}
    used = {theirs for ours, theirs in found.items() if not ours.endswith(" (theirs)")}
    filled = mapped.fills()
    return Chosen(
        record_kind=kind,
        columns=found,
        guessed=frozenset(guessed),
        unknown=tuple(column for column in columns if column not in used and not column.startswith("refused_")),
        missing=tuple(name for name in REQUIRED[kind] if name not in found and name not in filled),
        mapped=mapped,
    )


def _guess(kind: str, columns: Sequence[str], taken: set[str]) -> dict[str, str]:
    plain = {_plain(column): column for column in reversed(columns)}
    guessed: dict[str, str] = {}
    for ours, aliases in ALIASES[kind].items():
        for alias in (ours, *aliases):
            if ours not in taken and alias in plain and plain[alias] not in guessed.values():
                guessed[ours] = plain[alias]
                break
    return guessed


def _plain(name: str) -> str:
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", spread.lower()).strip("_")
