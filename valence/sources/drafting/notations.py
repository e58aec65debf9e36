"""How values are written: what is empty, which columns belong together, times, durations, numbers."""

from __future__ import annotations

from valence.sources import lexicon, translating
from valence.sources.drafting import responsible
from valence.sources.drafting.draft import Draft
from valence.sources.mapping import OPEN
from valence.sources.notation import durations, numbers, times
from valence.sources.profiles import Profile

LONG_IN_SECONDS = 90
LONG_ON_SITE = 600
"""From here on durations are in seconds, whatever they are called: of calls, and of visits, which take longer."""


def put_empties(draft: Draft, filename: str) -> Draft:
    """Name the words that mean that nothing is said."""
    used = [draft.profiles[theirs] for theirs in draft.mapped.used()]
    words = sorted({word for one in used for word in one.nothing})
    if not words:
        return draft
    quoted = ", ".join(f"“{word}”" for word in words[:6])
    return draft.having(empties=words).saying(f"Taken as empty: {quoted}.")


def put_joined(draft: Draft, filename: str) -> Draft:
    """Put a day and an hour in two columns together; likewise a first and a last name."""
    day = draft.of("occurred_at")
    if day and day.days_only:
        for one in draft.free():
            words = lexicon.concepts(name=one.name)
            named = any("time" in word or "opened" in word for word in words)
            if one.hours and named and one.filled > 0.5 * day.filled:
                return _join(draft, "occurred_at", (day.name, one.name))
    return _join_names(draft) if draft.kind == "customers" else draft


def _join_names(draft: Draft) -> Draft:
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


def _join(draft: Draft, ours: str, parts: tuple[str, ...]) -> Draft:
    columns = {name: theirs for name, theirs in draft.mapped.columns.items() if name != ours}
    joined = {**draft.mapped.joined, ours: list(parts)}
    return draft.having(columns=columns, joined=joined).saying(f"{ours} is {' and '.join(parts)}, one after the other.")


def put_durations(draft: Draft, filename: str) -> Draft:
    """Take a clock that is not when it was as how long it took."""
    when = draft.of("occurred_at")
    if draft.kind != "interactions" or "duration_minutes" in draft.mapped.columns or (when and when.days_only):
        return draft
    for one in draft.free():
        if one.clock and any(word & {"time", "duration"} for word in lexicon.concepts(name=one.name)):
            return draft.having(columns={**draft.mapped.columns, "duration_minutes": one.name})
    return draft


def put_times(draft: Draft, filename: str) -> Draft:
    """Say how times are written; ask where the day may be the month."""
    proven = {one.time.notation for one in draft.profiles.values() if one.time and one.time.sure}
    for ours in translating.TIMES:
        name = draft.mapped.columns.get(ours) or next(iter(draft.mapped.joined.get(ours, ())), "")
        if name:
            draft = _put_time(draft, ours, draft.profiles[name], proven)
    return draft


def _put_time(draft: Draft, ours: str, profile: Profile, proven: set[str]) -> Draft:
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


def _counted_back(draft: Draft, ours: str, profile: Profile) -> Draft:
    if not profile.number:
        return draft
    units = [unit for unit in ("days", "years") if any(unit in word for word in lexicon.concepts(name=profile.name))]
    notation = f"{units[0] if units else 'months'} before export"
    draft = draft.having(formats={**draft.mapped.formats, ours: notation})
    if draft.mapped.file and draft.mapped.file.as_of:
        return draft
    return draft.asking("file.as_of", f"On which day was this file made? {profile.name} counts back from it.")


def put_zeros(draft: Draft, filename: str) -> Draft:
    """Write numbers of customers with as many zeros in front as those have that are known."""
    profile = draft.of("customer_id")
    if profile is None or not profile.zeros:
        return draft
    said = f"Nobody is known as {profile.examples[0]}; written with {profile.zeros}, most are, and are taken as those."
    said = said.replace("written with without", "written without")
    return draft.having(formats={**draft.mapped.formats, "customer_id": profile.zeros}).saying(said)


def put_numbers(draft: Draft, filename: str) -> Draft:
    """Say which sign is the decimal one; ask where a number may be a thousand times as large."""
    proven = {_decimal(one.number.notation) for one in draft.profiles.values() if one.number and _proves(one)}
    for ours in translating.NUMBERS:
        profile = draft.of(ours)
        if profile:
            draft = _put_number(draft, ours, profile, proven)
    return draft


def _put_number(draft: Draft, ours: str, profile: Profile, proven: set[str]) -> Draft:
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
        notation, said = _measured(ours, profile, notation, LONG_ON_SITE if _on_site(draft) else LONG_IN_SECONDS)
        draft = draft.saying(*said)
    if notation == numbers.PLAIN:
        return draft
    return draft.having(formats={**draft.mapped.formats, ours: notation})


def _on_site(draft: Draft) -> bool:
    """Return whether what the rows tell of is somebody coming to the customer."""
    kinds = draft.of("kind")
    told = {lexicon.word_for(column="kind", said=word) for word, _ in kinds.values} if kinds else set()
    return bool(told & responsible.ON_SITE) or "promised_at" in draft.mapped.columns


def _measured(ours: str, profile: Profile, notation: str, long: int) -> tuple[str, tuple[str, ...]]:
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
    if own == "minutes" and profile.whole and profile.high > long:
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
