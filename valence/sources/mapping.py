"""Which column of a file is which of ours: said by a mapping file, else guessed from the columns' names, and shown."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from valence.sources.files import Reading, RecordKind, WrongFile

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
    """A mapping as it is written in a file: `columns` is ours = theirs."""

    kind: str = ""
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}


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
        return Reading(
            record_kind=self.record_kind,
            columns=dict(self.columns),
            constants=dict(self.mapped.constants),
            values=dict(self.mapped.values),
        )


def load(*, path: Path) -> Mapped:
    """Read a mapping file, TOML or JSON. Raises WrongFile."""
    try:
        text = path.read_text(encoding="utf-8")
        said = msgspec.json.decode(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError):
        raise WrongFile(f"The mapping file {path.name} cannot be read.") from None
    except (msgspec.DecodeError, tomllib.TOMLDecodeError) as problem:
        raise WrongFile(f"The mapping file {path.name} is neither TOML nor JSON: {problem}.") from None
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
    strange = sorted(set(chosen.mapped.columns) - set(known[chosen.record_kind]))
    if strange:
        raise WrongFile(f"The mapping names columns that {chosen.record_kind} do not have: {', '.join(strange)}.")
    absent = sorted(theirs for theirs in chosen.mapped.columns.values() if theirs not in columns)
    if absent:
        raise WrongFile(f"The mapping names columns that the file does not have: {', '.join(absent)}.")
    if chosen.missing:
        raise WrongFile(
            f"Missing for {chosen.record_kind}: {', '.join(chosen.missing)}. The file has: {', '.join(columns)[:300]}."
        )


def _chosen(kind: RecordKind, columns: Sequence[str], known: Sequence[str], mapped: Mapped) -> Chosen:
    said = dict(mapped.columns)
    free = [column for column in columns if column not in said.values()]
    exact = {column: column for column in free if column in known and column not in said}
    guessed = _guess(kind, [column for column in free if column not in exact], {*said, *exact, *mapped.constants})
    found = {**exact, **guessed, **said}
    used = set(found.values())
    return Chosen(
        record_kind=kind,
        columns=found,
        guessed=frozenset(guessed),
        unknown=tuple(column for column in columns if column not in used and not column.startswith("refused_")),
        missing=tuple(name for name in REQUIRED[kind] if name not in found and name not in mapped.constants),
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
