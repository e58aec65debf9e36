"""A whole mapping for a file nobody has described: which column is which, how each is written, what its words mean.

Everything here is a proposal that a person sees before it counts. Where the values leave more than one reading, the
proposal asks (`?`) and never picks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from valence.sources import guessing, lexicon, translating
from valence.sources.files import Event, Fact, Layout, RecordKind
from valence.sources.guessing import Guess
from valence.sources.mapping import OPEN, REQUIRED, Mapped
from valence.sources.notation import durations, numbers, times
from valence.sources.profiles import Profile

LONGEST_WORDS = 60
LONG_IN_SECONDS = 90
ABOUT = {
    "bill": ("bill", "billing"),
    "visit": ("visit", "field"),
    "order": ("order", "sales"),
    "ticket": ("contact", ""),
}
"""What rows without a kind are, by what their columns are called: kind, and the department that is responsible."""
TYPED = ("kind", "department", "channel")


@dataclass(frozen=True)
class Question:
    """What a person has to decide: where in the mapping (`formats.occurred_at`), the question, and the answers."""

    place: str
    words: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A mapping, why each of our columns is that of theirs, what is left to decide, and what was decided, in words."""

    mapped: Mapped
    guesses: Mapping[str, Guess]
    questions: tuple[Question, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def record_kind(self) -> str:
        """Customers or interactions."""
        return self.mapped.kind


@dataclass(frozen=True)
class _Draft:
    """A proposal while steps add to it."""

    kind: RecordKind
    profiles: Mapping[str, Profile]
    guesses: Mapping[str, Guess]
    mapped: Mapped
    questions: tuple[Question, ...] = field(default=())
    said: tuple[str, ...] = field(default=())

    def saying(self, *words: str) -> _Draft:
        return replace(self, said=(*self.said, *words))

    def asking(self, place: str, words: str, answers: Sequence[str] = ()) -> _Draft:
        """Return the draft with one more question; what is asked already is not asked twice."""
        if any(one.place == place for one in self.questions):
            return self
        return replace(self, questions=(*self.questions, Question(place, words, tuple(answers))))

    def having(self, **changes: object) -> _Draft:
        return replace(self, mapped=msgspec.structs.replace(self.mapped, **changes))

    def of(self, ours: str) -> Profile | None:
        theirs = self.mapped.columns.get(ours)
        return self.profiles[theirs] if theirs else None

    def free(self) -> list[Profile]:
        """Return the columns that are none of ours and say something."""
        used = self.mapped.used()
        return [one for name, one in self.profiles.items() if name not in used and one.filled]


def propose(
    *,
    profiles: Sequence[Profile],
    layout: Layout,
    filename: str,
    known: Mapping[str, Sequence[str]],
    record_kind: str = "",
    zone: str = "",
) -> Proposal:
    """Return the likeliest mapping of a file.

    known: our columns by record kind. zone: of local times where nothing else says it.
    """
    kinds: list[RecordKind] = ["interactions", "customers"]
    drafts = [_draft(one, profiles, known[one], layout, zone) for one in kinds if record_kind in ("", one)]
    draft = max(drafts, key=_likely)
    for step in STEPS:
        draft = step(draft, filename)
    return Proposal(mapped=draft.mapped, guesses=draft.guesses, questions=draft.questions, said=draft.said)


def _draft(kind: RecordKind, profiles: Sequence[Profile], known: Sequence[str], layout: Layout, zone: str) -> _Draft:
    guesses = guessing.guess(profiles=profiles, record_kind=kind, fields=known)
    mapped = Mapped(
        kind=kind,
        only=True,
        for_columns=[one.name for one in profiles],
        file=msgspec.structs.replace(layout, zone=layout.zone or zone),
        columns={ours: guess.theirs for ours, guess in guesses.items()},
    )
    return _Draft(kind=kind, profiles={one.name: one for one in profiles}, guesses=guesses, mapped=mapped)


def _likely(draft: _Draft) -> float:
    """Return how well a file reads as customers or as interactions."""
    found = sum(guess.confidence for guess in draft.guesses.values()) / (4 + len(draft.guesses))
    needed = [draft.guesses[name].confidence if name in draft.guesses else 0.0 for name in REQUIRED[draft.kind]]
    if draft.kind == "interactions":
        needed[0], needed[3] = max(needed[0], 0.6), max(needed[3], 0.6)  # an id and a kind can be made
    return found + 2 * sum(needed) / len(needed)


def put_empties(draft: _Draft, filename: str) -> _Draft:
    """Name the words that mean that nothing is said."""
    used = [draft.profiles[theirs] for theirs in draft.mapped.used()]
    words = sorted({word for one in used for word in one.nothing})
    if not words:
        return draft
    quoted = ", ".join(f"“{word}”" for word in words[:6])
    return draft.having(empties=words).saying(f"Taken as empty: {quoted}.")


def put_joined(draft: _Draft, filename: str) -> _Draft:
    """Put a day and an hour in two columns together; likewise a first and a last name."""
    day = draft.of("occurred_at")
    if day and day.days_only:
        for one in draft.free():
            words = lexicon.concepts(name=one.name)
            named = any("time" in word or "opened" in word for word in words)
            if one.hours and named and one.filled > 0.5 * day.filled:
                return _join(draft, "occurred_at", (day.name, one.name))
    return _join_names(draft) if draft.kind == "customers" else draft


def _join_names(draft: _Draft) -> _Draft:
    """Put a first and a last name together; where one is called just `name`, it is the other one."""
    named = draft.of("name")
    if named is None:
        return draft
    there = draft.free()
    first = next((one for one in there if _is_part_of_name(one, "first")), None)
    last = next((one for one in there if _is_part_of_name(one, "last")), None)
    if first and not _is_part_of_name(named, "first"):
        return _join(draft, "name", (first.name, named.name))
    if last and not _is_part_of_name(named, "last"):
        return _join(draft, "name", (named.name, last.name))
    return draft


def _is_part_of_name(profile: Profile, part: str) -> bool:
    words = lexicon.concepts(name=profile.name)
    other = "first" if part == "last" else "last"
    return any(part in word for word in words) and not any(other in word for word in words)


def _join(draft: _Draft, ours: str, parts: tuple[str, ...]) -> _Draft:
    columns = {name: theirs for name, theirs in draft.mapped.columns.items() if name != ours}
    joined = {**draft.mapped.joined, ours: list(parts)}
    return draft.having(columns=columns, joined=joined).saying(f"{ours} is {' and '.join(parts)}, one after the other.")


def put_durations(draft: _Draft, filename: str) -> _Draft:
    """Take a clock that is not when it was as how long it took."""
    when = draft.of("occurred_at")
    if draft.kind != "interactions" or "duration_minutes" in draft.mapped.columns or (when and when.days_only):
        return draft
    for one in draft.free():
        if one.clock and any(word & {"time", "duration"} for word in lexicon.concepts(name=one.name)):
            return draft.having(columns={**draft.mapped.columns, "duration_minutes": one.name})
    return draft


def put_times(draft: _Draft, filename: str) -> _Draft:
    """Say how times are written; ask where the day may be the month."""
    proven = {one.time.notation for one in draft.profiles.values() if one.time and one.time.sure}
    for ours in translating.TIMES:
        name = draft.mapped.columns.get(ours) or next(iter(draft.mapped.joined.get(ours, ())), "")
        if name:
            draft = _put_time(draft, ours, draft.profiles[name], proven)
    return draft


def _put_time(draft: _Draft, ours: str, profile: Profile, proven: set[str]) -> _Draft:
    if profile.time is None:
        return _counted_back(draft, ours, profile)
    decided = profile.time
    possible = {decided.notation, *decided.others}
    notation = decided.notation
    if not decided.sure:
        told = possible & proven
        if len(told) != 1:
            shown = profile.examples[0]
            draft = draft.asking(
                f"formats.{ours}", f"How is {profile.name} written? {shown} reads more than one way.", sorted(possible)
            )
            notation = OPEN
        else:
            [notation] = told
            draft = draft.saying(f"{profile.name} is read as {notation}, as other columns of the file are written.")
    elif notation != times.ISO and decided.why:
        draft = draft.saying(f"{profile.name} is written as {notation}: {decided.why}.")
    if profile.strange:
        draft = draft.saying(
            f"{profile.name}: values such as “{profile.strange[0]}” are no time; their rows are refused."
        )
    if notation == times.ISO:
        return draft
    return draft.having(formats={**draft.mapped.formats, ours: notation})


def _counted_back(draft: _Draft, ours: str, profile: Profile) -> _Draft:
    if not profile.number:
        return draft
    units = [unit for unit in ("days", "years") if any(unit in word for word in lexicon.concepts(name=profile.name))]
    notation = f"{units[0] if units else 'months'} before export"
    draft = draft.having(formats={**draft.mapped.formats, ours: notation})
    if draft.mapped.file and draft.mapped.file.as_of:
        return draft
    return draft.asking("file.as_of", f"On which day was this file made? {profile.name} counts back from it.")


def put_numbers(draft: _Draft, filename: str) -> _Draft:
    """Say which sign is the decimal one; ask where a number may be a thousand times as large."""
    proven = {_decimal(one.number.notation) for one in draft.profiles.values() if one.number and _proves(one)}
    for ours in translating.NUMBERS:
        profile = draft.of(ours)
        if profile:
            draft = _put_number(draft, ours, profile, proven)
    return draft


def _put_number(draft: _Draft, ours: str, profile: Profile, proven: set[str]) -> _Draft:
    notation = numbers.PLAIN
    if profile.number:
        possible = {profile.number.notation, *profile.number.others}
        told = [one for one in possible if _decimal(one) in proven]
        notation = profile.number.notation
        if not profile.number.sure and len(proven) == 1 and len(told) == 1:
            notation = told[0]
            draft = draft.saying(f"{profile.name} is read as {notation}, as other columns of the file are written.")
        elif not profile.number.sure:
            words = f"Is {_unclear(profile)} in {profile.name} more than a thousand?"
            draft = draft.asking(f"formats.{ours}", words, sorted(possible))
            notation = OPEN
        elif len(proven) == 1 and notation == numbers.PLAIN:
            wider = [one for one in profile.number.alike if _decimal(one) in proven and one != "1234,56"]
            notation = wider[0] if wider else notation
    if ours in durations.MEASURED and notation != OPEN:
        notation, said = _measured(ours, profile, notation)
        draft = draft.saying(*said)
    if notation == numbers.PLAIN:
        return draft
    return draft.having(formats={**draft.mapped.formats, ours: notation})


def _measured(ours: str, profile: Profile, notation: str) -> tuple[str, tuple[str, ...]]:
    """Return how a duration is written: in which unit, by its name, by the clock, or by how large it is."""
    if profile.clock:
        short = profile.values[0][0].count(":") == 1
        notation = durations.SHORT_CLOCK if short else durations.CLOCK
        return notation, (f"{profile.name} is written as {notation}.",)
    words = lexicon.concepts(name=profile.name)
    own = "hours" if ours == "outage_hours" else "minutes"
    unit = next((unit for unit in durations.UNITS if any(unit in word for word in words)), "")
    if unit:
        return (notation if unit == own else f"{notation} {unit}"), (f"{profile.name} is in {unit}, by its name.",)
    if own == "minutes" and profile.whole and profile.high > LONG_IN_SECONDS:
        return f"{notation} seconds", (f"{profile.name} goes up to {profile.high:g}: taken as seconds.",)
    return notation, ()


def _decimal(notation: str) -> str:
    return notation[-3]


def _proves(profile: Profile) -> bool:
    """Return whether a column shows which sign is the decimal one, and is no whole number or date."""
    return bool(
        profile.number and profile.number.sure and not profile.time and not profile.whole
        and len({_decimal(one) for one in profile.number.alike}) == 1
    )  # fmt: skip


def _unclear(profile: Profile) -> str:
    return next((value for value, _ in profile.values if numbers.grouped_only(value=value)), profile.examples[0])


def put_words(draft: _Draft, filename: str) -> _Draft:
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
            if cause and not our:
                sets.setdefault(profile.name, {})[word] = {"kind": "contact", "reason": cause}
            elif our and our != word:
                values.setdefault(ours, {})[word] = our
    left = draft.of("left_kind")
    if left:
        told = {word: lexicon.one_of(table="left", said=word) for word, _ in left.values}
        values["left_kind"] = {word: our for word, our in told.items() if our and our != word}
    return draft.having(values={name: said for name, said in values.items() if said}, sets=sets)


def put_facts(draft: _Draft, filename: str) -> _Draft:
    """Read facts from columns that say yes or no about one, and from words that name one."""
    facts, sets = dict(draft.mapped.facts), {name: dict(words) for name, words in draft.mapped.sets.items()}
    said: list[str] = []
    for profile in draft.profiles.values():
        fact = lexicon.word_for(column="facts", said=profile.name)
        if fact and profile.is_flag:
            words = tuple(value for value, _ in profile.values if lexicon.one_of(table="yes", said=value) == "yes")
            facts[fact] = Fact(column=profile.name, words=words)
            said.append(f"{fact}: where {profile.name} says {words[0]}.")
        elif profile.distinct <= LONGEST_WORDS and not profile.number and not profile.time:
            named = {
                value: fact for value, _ in profile.values if (fact := lexicon.word_for(column="facts", said=value))
            }
            if named and len(named) >= 0.2 * len(profile.values) and not profile.is_flag:
                for value, one in named.items():
                    sets.setdefault(profile.name, {}).setdefault(value, {})["facts"] = one
                    said.append(f"{one}: where {profile.name} says {value}.")
    return draft.having(facts=facts, sets=sets).saying(*said) if draft.kind == "interactions" else draft


def put_promises(draft: _Draft, filename: str) -> _Draft:
    """Read whether a promise was made, kept or broken from a column that only says that."""
    for profile in draft.free():
        told = {value: lexicon.one_of(table="promises", said=value) for value, _ in profile.values}
        named = any("promised" in word for word in lexicon.concepts(name=profile.name))
        if draft.kind == "interactions" and named and profile.distinct <= 4 and told and all(told.values()):
            columns = {**draft.mapped.columns, "promise": profile.name}
            values = {**draft.mapped.values, "promise": {value: our for value, our in told.items() if value != our}}
            return draft.having(columns=columns, values=values)
    return draft


def put_kind(draft: _Draft, filename: str) -> _Draft:
    """Say what rows are that do not say it themselves: bills in a file of invoices."""
    if draft.kind != "interactions" or "kind" in draft.mapped.columns:
        return draft
    names = [draft.mapped.columns.get(ours, "") for ours in ("interaction_id", "occurred_at", "amount")]
    words = [word for name in (*names, re.sub(r"[\d_.\-]+", " ", filename)) for word in lexicon.concepts(name=name)]
    about = next((one for one in ABOUT if any(one in word for word in words)), "")
    kind, department = ABOUT.get(about, ("contact", ""))
    constants = {**draft.mapped.constants, "kind": kind}
    if department and "department" not in draft.mapped.columns:
        constants["department"] = department
    why = f"by what its columns are called ({about})" if about else "because nothing says what it is"
    return draft.having(constants=constants).saying(f"Every row is taken as a {kind}, {why}.")


def put_scale(draft: _Draft, filename: str) -> _Draft:
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


def put_ids(draft: _Draft, filename: str) -> _Draft:
    """Make an id for rows that have none, of the columns that tell them apart."""
    if draft.kind != "interactions" or "interaction_id" in draft.mapped.columns:
        return draft
    wanted = ("customer_id", "occurred_at", "kind", "reason", "amount", "agent_id")
    parts = [name for ours in wanted for name in draft.mapped.joined.get(ours, [draft.mapped.columns.get(ours, "")])]
    parts = list(dict.fromkeys(name for name in parts if name))
    return (
        draft.having(id_from=parts).saying(f"Rows have no id: one is made of {', '.join(parts)}.") if parts else draft
    )


def put_source(draft: _Draft, filename: str) -> _Draft:
    """Name the source after the file, where rows do not name it: ids are unique within a source."""
    if draft.kind != "interactions" or "source" in draft.mapped.columns:
        return draft
    stem = filename.partition(".")[0]
    name = "_".join(re.findall(r"[a-z]+", lexicon.plain(said=stem)))[:40] or "import"
    return draft.having(constants={**draft.mapped.constants, "source": name})


def put_visits(draft: _Draft, filename: str) -> _Draft:
    """Where a row also tells when somebody came, make the visit an interaction of its own."""
    opened = draft.of("occurred_at")
    if draft.kind != "interactions" or opened is None:
        return draft
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


def put_leaving(draft: _Draft, filename: str) -> _Draft:
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
    return lexicon.one_of(table="left", said=value)


def _left_by(draft: _Draft, profile: Profile, told: Mapping[str, str]) -> _Draft:
    words = {value: {"left_kind": kind} for value, kind in told.items()}
    if "left_at" not in draft.mapped.columns:
        as_of = draft.mapped.file.as_of if draft.mapped.file else ""
        words = {value: {**said, "left_at": as_of or OPEN} for value, said in words.items()}
        if not as_of:
            asked = f"On which day was this file made? {profile.name} says who has left, and not when."
            draft = draft.asking("file.as_of", asked)
    said = ", ".join(f"“{value}”" for value in told)
    return draft.having(sets={**draft.mapped.sets, profile.name: words}).saying(
        f"Left: where {profile.name} is {said}."
    )


def put_contracts(draft: _Draft, filename: str) -> _Draft:
    """Put the rows of a customer together where a table holds contracts: from the first start to the last end."""
    profile = draft.of("customer_id")
    if draft.kind != "customers" or profile is None or profile.distinct >= 0.98 * profile.filled:
        return draft
    return draft.having(one_each=True).saying(
        "Customers have several rows: they joined with the first and left with the last of them."
    )


def ask_missing(draft: _Draft, filename: str) -> _Draft:
    """Ask for what must be there and was not found."""
    for ours in REQUIRED[draft.kind]:
        if ours not in draft.mapped.columns and ours not in draft.mapped.fills():
            draft = draft.asking(f"columns.{ours}", f"Which column is {ours}?", tuple(draft.profiles))
    return draft


STEPS = (
    put_empties, put_joined, put_durations, put_times, put_numbers, put_promises, put_words, put_facts, put_kind,
    put_scale, put_ids, put_source, put_visits, put_leaving, put_contracts, ask_missing,
)  # fmt: skip
