"""Rows that do not say what they are or who is responsible for them, and show it by what else they say."""

from __future__ import annotations

from valence.sources import lexicon
from valence.sources.drafting.draft import Draft

VISIT_FACTS = frozenset(
    {"on_time", "late", "no_show", "not_fixed", "fixed_first_time", "left_mess", "missing_tool"},
)
ON_SITE = frozenset({"visit", "install", "repair"})
WHY_SOMEBODY_COMES = frozenset({"", "order"})
FEWEST_COLUMNS = 2
QUEUED = ("wait_minutes", "transfers")


def put_visit_rows(draft: Draft, filename: str) -> Draft:
    """Take rows as visits that say in two columns how a visit went; what is called their kind then is its reason."""
    mapped = draft.mapped
    told = {fact.column for name, fact in mapped.facts.items() if name in VISIT_FACTS}
    kinds = draft.of("kind")
    words = {value: lexicon.word_for(column="kind", said=value) for value, _ in kinds.values} if kinds else {}
    if draft.kind != "interactions" or len(told) < FEWEST_COLUMNS or set(words.values()) - ON_SITE - WHY_SOMEBODY_COMES:
        return draft
    if kinds and set(words.values()) <= ON_SITE:
        return draft  # its words say themselves that somebody comes
    said = f"Every row is taken as a visit, because {' and '.join(sorted(told))} say how one went."
    draft = draft.having(constants={**mapped.constants, "kind": "visit"}).saying(said)
    return _as_reason(draft, kinds.name) if kinds else draft


def _as_reason(draft: Draft, theirs: str) -> Draft:
    mapped = draft.mapped
    columns = {ours: name for ours, name in mapped.columns.items() if ours != "kind"}
    values = {ours: said for ours, said in mapped.values.items() if ours != "kind"}
    sets = {name: said for name, said in mapped.sets.items() if name != theirs}
    if "reason" in columns:
        return draft.having(columns=columns, values=values, sets=sets)
    reasons = {value: lexicon.word_for(column="reason", said=value) for value, _ in draft.profiles[theirs].values}
    known = {value: our for value, our in reasons.items() if our and our != value}
    said = {**values, "reason": known} if known else values
    return draft.having(columns={**columns, "reason": theirs}, values=said, sets=sets)


def put_department(draft: Draft, filename: str) -> Draft:
    """Say who is responsible where nothing does: the field for visits, care for a queue of calls; else ask for it."""
    mapped = draft.mapped
    if draft.kind != "interactions" or "department" in {*mapped.columns, *mapped.constants, *mapped.fills()}:
        return draft
    kind = mapped.constants.get("kind", "")
    if kind == "visit":
        return _taken(draft, "field", "who comes to the customer")
    if kind == "contact" and any(name in mapped.columns for name in QUEUED):
        return _taken(draft, "care", "who answers calls that wait")
    if kind == "feedback":
        return draft  # an answer is nobody's doing
    return draft.saying(
        "No column names a department: what went wrong in these rows is laid to nobody. If one department"
        " answers for all of them, say which under constants.department."
    )


def _taken(draft: Draft, department: str, why: str) -> Draft:
    said = f"No column names a department: {department} is taken, {why}."
    return draft.having(constants={**draft.mapped.constants, "department": department}).saying(said)
