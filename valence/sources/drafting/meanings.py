"""What words and columns mean: kinds, departments, facts, who left, what has to be made up or asked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from valence.sources import lexicon
from valence.sources.drafting import responsible
from valence.sources.drafting.draft import Draft
from valence.sources.files import Event, Fact
from valence.sources.mapping import OPEN, REQUIRED
from valence.sources.profiles import Profile

LONGEST_WORDS = 60
ABOUT = {
    "outage": ("outage", "network"),
    "bill": ("bill", "billing"),
    "visit": ("visit", "field"),
    "order": ("order", "sales"),
    "score": ("feedback", ""),
    "ticket": ("contact", ""),
}
"""What rows without a kind are, by what their columns are called: kind, and the department that is responsible."""
OPPOSITES = {"on_time": "late", "fixed_first_time": "not_fixed", "resolved": "unresolved"}
"""What it means where a column that asks for a good fact says no."""
TYPED = ("kind", "department", "channel")


def put_words(draft: Draft, filename: str) -> Draft:
    """Say which of their words is which of ours; a kind that names a reason, as `fault` does, is a contact about it."""
    values = dict(draft.mapped.values)
    sets = {name: dict(words) for name, words in draft.mapped.sets.items()}
    for ours in (*TYPED, "reason"):
        profile = draft.of(ours)
        if profile is None or profile.distinct > LONGEST_WORDS:
            continue
        for word, _ in profile.values:
            our = lexicon.word_for(column=ours, said=word)
            cause = lexicon.word_for(column="reason", said=word) if ours == "kind" else ""
            if cause == "fault" and not our and "outage_hours" in draft.mapped.columns:
                values.setdefault(ours, {})[word] = "outage"
            elif cause and not our:
                sets.setdefault(profile.name, {})[word] = {"kind": "contact", "reason": cause}
            elif our and our != word:
                values.setdefault(ours, {})[word] = our
    left = draft.of("left_kind")
    if left:
        told = {word: lexicon.left(said=word) for word, _ in left.values}
        values["left_kind"] = {word: our for word, our in told.items() if our and our != word}
    return draft.having(values={name: said for name, said in values.items() if said}, sets=sets)


def put_facts(draft: Draft, filename: str) -> Draft:
    """Read facts from columns that say yes or no about one, and from words that name one."""
    facts, sets = dict(draft.mapped.facts), {name: dict(words) for name, words in draft.mapped.sets.items()}
    said: list[str] = []
    for profile in draft.profiles.values():
        if profile.name == draft.mapped.columns.get("facts"):
            continue
        fact = lexicon.word_for(column="facts", said=profile.name)
        if fact and profile.is_flag:
            for name, answer in ((fact, "yes"), (OPPOSITES.get(fact, ""), "no")):
                words = _answers(profile, answer)
                if name and words and name not in facts:
                    facts[name] = Fact(column=profile.name, words=words)
                    said.append(f"{name}: where {profile.name} says {words[0]}.")
        elif profile.distinct <= LONGEST_WORDS and not profile.number and not profile.time:
            named = {value: fact for value, _ in profile.values if (fact := lexicon.fact_in(said=value))}
            if named and len(named) >= 0.2 * len(profile.values) and not profile.is_flag:
                for value, one in named.items():
                    sets.setdefault(profile.name, {}).setdefault(value, {})["facts"] = one
                    said.append(f"{one}: where {profile.name} says {value}.")
    return draft.having(facts=facts, sets=sets).saying(*said) if draft.kind == "interactions" else draft


def _answers(profile: Profile, answer: str) -> tuple[str, ...]:
    """Return the words of a column that say yes, or those that say no. An empty cell says neither."""
    return tuple(value for value, _ in profile.values if value and lexicon.one_of(table="yes", said=value) == answer)


def put_promises(draft: Draft, filename: str) -> Draft:
    """Read whether a promise was made, kept or broken from a column that only says that."""
    for profile in draft.free():
        told = {value: lexicon.one_of(table="promises", said=value) for value, _ in profile.values}
        named = any("promised" in word for word in lexicon.concepts(name=profile.name))
        if draft.kind == "interactions" and named and profile.distinct <= 4 and told and all(told.values()):
            columns = {**draft.mapped.columns, "promise": profile.name}
            values = {**draft.mapped.values, "promise": {value: our for value, our in told.items() if value != our}}
            return draft.having(columns=columns, values=values)
    return draft


def put_kind(draft: Draft, filename: str) -> Draft:
    """Say what rows are that do not say it themselves: bills in a file of invoices."""
    if draft.kind != "interactions" or "kind" in {*draft.mapped.columns, *draft.mapped.constants}:
        return _of_visits(draft)
    about = "outage" if "outage_hours" in draft.mapped.columns else _about(draft, filename)
    if not about and "score" in draft.mapped.columns:
        about = "score"
    kind, department = ABOUT.get(about, ("contact", ""))
    constants = {**draft.mapped.constants, "kind": kind}
    if department and "department" not in draft.mapped.columns:
        constants["department"] = department
    why = f"by what its columns are called ({about})" if about else "because nothing says what it is"
    article = "an" if kind[0] in "aeiou" else "a"
    return draft.having(constants=constants).saying(f"Every row is taken as {article} {kind}, {why}.")


def _of_visits(draft: Draft) -> Draft:
    """Say who is responsible where every row is somebody coming to the customer."""
    kinds = draft.of("kind")
    told = {lexicon.word_for(column="kind", said=word) for word, _ in kinds.values} if kinds else set()
    if not told or told - responsible.ON_SITE or "department" in {*draft.mapped.columns, *draft.mapped.constants}:
        return draft
    said = "Every row is a visit: the department is taken as field."
    return draft.having(constants={**draft.mapped.constants, "department": "field"}).saying(said)


def _about(draft: Draft, filename: str) -> str:
    """Return what rows are by the names of columns, else by the name of the file."""
    names = [draft.mapped.columns.get(ours, "") for ours in ("interaction_id", "occurred_at", "amount")]
    for said in (names, [re.sub(r"[\d_.\-]+", " ", filename)]):
        words = [word for name in said for word in lexicon.concepts(name=name)]
        found = next((one for one in ABOUT if any(one in word for word in words)), "")
        if found:
            return found
    return ""


def put_scale(draft: Draft, filename: str) -> Draft:
    """Name the scale of a score, by its name, else by how far it goes."""
    profile = draft.of("score")
    if profile is None:
        return draft
    words = lexicon.concepts(name=profile.name)
    scale = next((one for one in ("nps", "csat", "ces") if any(one in word for word in words)), "")
    if not scale:
        scale = "nps" if profile.high > 7 or profile.low < 1 else "csat" if profile.high <= 5 else "ces"
    said = f"{profile.name} goes from {profile.low:g} to {profile.high:g} and is taken as {scale}."
    return draft.having(constants={**draft.mapped.constants, "scale": scale}).saying(said)


def put_ids(draft: Draft, filename: str) -> Draft:
    """Make an id for rows that have none, of the columns that tell them apart."""
    if draft.kind != "interactions" or "interaction_id" in draft.mapped.columns:
        return draft
    wanted = ("customer_id", "occurred_at", "kind", "reason", "amount", "agent_id")
    parts = [name for ours in wanted for name in draft.mapped.joined.get(ours, [draft.mapped.columns.get(ours, "")])]
    parts = list(dict.fromkeys(name for name in parts if name))
    return (
        draft.having(id_from=parts).saying(f"Rows have no id: one is made of {', '.join(parts)}.") if parts else draft
    )


def put_source(draft: Draft, filename: str) -> Draft:
    """Name the source after the file, where rows do not name it: ids are unique within a source."""
    if draft.kind != "interactions" or "source" in draft.mapped.columns:
        return draft
    stem = filename.partition(".")[0]
    name = "_".join(re.findall(r"[a-z]+", lexicon.plain(said=stem)))[:40] or "import"
    return draft.having(constants={**draft.mapped.constants, "source": name})


def put_visits(draft: Draft, filename: str) -> Draft:
    """Where a row also tells when somebody came, make the visit an interaction of its own."""
    opened, kinds = draft.of("occurred_at"), draft.of("kind")
    told = [lexicon.word_for(column="kind", said=word) for word, _ in kinds.values] if kinds else []
    if (
        draft.kind != "interactions"
        or opened is None
        or "visit" in told
        or draft.mapped.constants.get("kind") == "visit"
    ):
        return draft  # a visit has a row of its own
    for one in draft.free():
        words = lexicon.concepts(name=one.name)
        if one.time and one.time.sure and any("visit" in word for word in words) and one.filled > 0.02 * one.rows:
            first = Event(name="opened", occurred_at=opened.name)
            constants = {"kind": "visit", "department": "field"}
            visit = Event(name="visit", occurred_at=one.name, constants=constants)
            columns = {ours: theirs for ours, theirs in draft.mapped.columns.items() if ours != "occurred_at"}
            said = f"A row with {one.name} is two interactions: the one that was opened, and the visit."
            return draft.having(events=[first, visit], columns=columns).saying(said)
    return draft


def put_leaving(draft: Draft, filename: str) -> Draft:
    """Say who left: by a kind of leaving, by a yes, or by a state; a day that is never means that nobody left."""
    if draft.kind != "customers":
        return draft
    for one in draft.free():
        words = lexicon.concepts(name=one.name)
        says = any("left" in word for word in words) or any("status" in word for word in words)
        told = {value: _leaving(value, one) for value, _ in one.values if one.distinct <= 12}
        if says and any(told.values()):
            return _left_by(draft, one, {value: kind for value, kind in told.items() if kind})
    return draft


def _leaving(value: str, profile: Profile) -> str:
    if profile.is_flag:
        return "voluntary" if lexicon.one_of(table="yes", said=value) == "yes" else ""
    return lexicon.left(said=value)


def _left_by(draft: Draft, profile: Profile, told: Mapping[str, str]) -> Draft:
    words = {value: {"left_kind": kind} for value, kind in told.items()}
    if "left_at" not in draft.mapped.columns:
        as_of = draft.mapped.file.as_of if draft.mapped.file else ""
        words = {value: {**said, "left_at": as_of or OPEN} for value, said in words.items()}
        if not as_of:
            asked = f"On which day was this file made? {profile.name} says who has left, and not when."
            draft = draft.asking("file.as_of", asked)
    return draft.having(sets={**draft.mapped.sets, profile.name: words}).saying(
        *(
            f"Left {how}: where {profile.name} is {', '.join(f'“{value}”' for value in values)}."
            for how, values in (
                ("by their own choice", [value for value, kind in told.items() if kind == "voluntary"]),
                ("without choosing to", [value for value, kind in told.items() if kind != "voluntary"]),
            )
            if values
        )
    )


def put_contracts(draft: Draft, filename: str) -> Draft:
    """Put the rows of a customer together where a table holds contracts: from the first start to the last end."""
    profile = draft.of("customer_id")
    if draft.kind != "customers" or profile is None or profile.distinct >= profile.filled:
        return draft
    return draft.having(one_each=True).saying(
        "Customers have several rows: they joined with the first and left with the last of them."
    )


def ask_missing(draft: Draft, filename: str) -> Draft:
    """Ask for what must be there and was not found."""
    for ours in REQUIRED[draft.kind]:
        if ours not in draft.mapped.columns and ours not in draft.mapped.fills():
            draft = draft.asking(f"columns.{ours}", f"Which column is {ours}?", tuple(draft.profiles))
    return draft
