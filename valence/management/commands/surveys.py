"""valence surveys WHAT NAME: make, launch and read surveys; say, try out and change after what they are asked."""

from __future__ import annotations

import csv
import getpass
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import CommandParser
from rich.table import Table

from valence.flows.ask import dry_run, pulse, results, surveying, triggering, ways
from valence.management import command
from valence.surveys import actions, queries, queries_asking, surveyjs, templates
from valence.surveys.survey import Purpose, SurveyError
from valence.surveys.values import NoSuchSurvey
from valence.surveys.values_asking import NoSuchTrigger
from valence.terms import EVERYTHING

WHAT = (
    "list", "templates", "make", "import", "launch", "close", "results",
    "triggers", "trigger", "dry-run", "switch", "try", "trial", "decisions", "pulse",
)  # fmt: skip
Act = Callable[[Mapping[str, Any], datetime], command.Outcome]


class Command(command.Command):
    """Make, launch and read surveys, and say after which interactions they are asked."""

    help = "Surveys: make one from a template, launch it, try out whom a trigger would ask, read what was answered."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=WHAT)
        parser.add_argument("name", nargs="?", default="", help="a survey, a template, a trigger or a file")
        parser.add_argument("--as", dest="called", default="", help="make, import, trigger: its name")
        parser.add_argument("--purpose", choices=list(Purpose), default=Purpose.CONTACT, help="import: what it is for")
        parser.add_argument("--channel", default="", help="make: how it is asked where nothing else is said")
        parser.add_argument("--when", action="append", default=[], metavar="FIELD=WORD,WORD", help="trigger: which")
        parser.add_argument("--channels", default="email,sms", help="trigger: in the order of preference")
        parser.add_argument("--after", type=float, default=2.0, metavar="HOURS", help="trigger: how long it waits")
        parser.add_argument("--lasts", type=float, default=3.0, metavar="DAYS", help="trigger: how long it makes sense")
        parser.add_argument("--share", type=float, default=1.0, help="trigger: the share of happy moments to ask")
        parser.add_argument("--within", type=float, default=0.0, metavar="POINTS", help="trigger: precision a segment")
        parser.add_argument("--on", action="store_true", help="switch: let it ask from now on")
        parser.add_argument("--off", action="store_true", help="switch: let it ask no more")
        parser.add_argument("--keep", action="store_true", help="trial: ask everybody the other way")
        parser.add_argument("--give-up", action="store_true", help="trial: go on as usual")
        parser.add_argument("--staff", type=Path, default=None, metavar="LIST.csv", help="pulse: whom to ask")
        parser.add_argument("--days", type=float, default=90.0, help="how far back")
        parser.add_argument(
            "--until", type=command.time_of, default=None, help="dry-run, results, decisions: until when"
        )
        parser.add_argument("--out", type=Path, default=None, help="pulse, dry-run, decisions: a CSV file to write")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        what = options["what"]
        if not options["name"] and what not in ("list", "templates", "triggers", "decisions"):
            raise command.WrongUse(f"Say which: valence surveys {what} NAME")
        try:
            return getattr(self, f"_{what.replace('-', '_')}")(options, now)  # type: ignore[no-any-return]
        except NoSuchSurvey as none:
            raise command.WrongUse(f"There is no survey {none}, or it was never launched.") from None
        except NoSuchTrigger as none:
            raise command.WrongUse(f"There is no trigger {none}.") from None
        except (SurveyError, triggering.WrongTrigger, ways.WrongTrial, pulse.WrongList) as wrong:
            raise command.WrongUse(str(wrong)) from None

    def _list(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        found = queries.all_surveys()
        rows = [
            {"survey": one.slug, "name": one.survey.name, "state": one.state.value, "version": one.version}
            for one in found
        ]
        return command.Outcome({"surveys": rows}, _table(rows) if rows else "No survey yet: valence surveys make nps")

    def _templates(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        loaded = {name: templates.load(name=name) for name in templates.names()}
        rows = [
            {"template": name, "name": one.name, "purpose": one.purpose.value, "languages": " ".join(one.languages)}
            for name, one in loaded.items()
        ]
        return command.Outcome({"templates": rows}, _table(rows))

    def _make(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        called = options["called"] or templates.load(name=options["name"]).name
        slug = surveying.draft(
            template=options["name"], name=called, channel=options["channel"], by=getpass.getuser(), now=now
        )
        return _done(slug, f"Draft {slug} is there. Change it on the page Surveys, then: valence surveys launch {slug}")

    def _import(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        try:
            text = Path(options["name"]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise command.WrongUse(f"{options['name']} cannot be read.") from None
        survey = surveyjs.read(text=text, purpose=Purpose(options["purpose"]))
        named = msgspec.structs.replace(survey, name=options["called"] or survey.name)
        slug = surveying.keep(survey=named, by=getpass.getuser(), now=now)
        return _done(slug, f"Draft {slug} holds its {len(named.questions)} questions.")

    def _launch(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        named = surveying.launch(slug=options["name"], by=getpass.getuser(), now=now)
        answer = {"survey": named.slug, "version": named.version, "state": named.state.value}
        return command.Outcome(answer, f"{named.slug} is asked from now on, version {named.version}.")

    def _close(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        actions.close(slug=options["name"])
        return _done(options["name"], f"{options['name']} asks nobody any more; who was asked can still answer.")

    def _results(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        until = options["until"] or now
        since = until - timedelta(days=options["days"])
        named = queries.one(slug=options["name"])
        found = results.of_survey(survey=named, scope=EVERYTHING, since=since, until=until)
        return command.Outcome(results.as_plain(found), _results_words(found))

    def _triggers(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        rows = [triggering.told(one) for one in queries_asking.triggers()]
        return command.Outcome({"triggers": rows}, _table(rows) if rows else "No trigger yet.")

    def _trigger(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        said = triggering.Said(
            survey=options["name"],
            name=options["called"] or options["name"],
            when=triggering.conditions(options["when"]),
            after_hours=options["after"],
            lasts_days=options["lasts"],
            share=options["share"],
            within=options["within"],
            channels=tuple(filter(None, options["channels"].split(","))),
        )
        slug = triggering.put(said=said, by=getpass.getuser(), now=now)
        words = f"Trigger {slug} is there and asks nobody yet. Try it out: valence surveys dry-run {slug}"
        return command.Outcome(triggering.told(queries_asking.trigger(slug=slug)), words)

    def _dry_run(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        until = options["until"] or now
        trigger = queries_asking.trigger(slug=options["name"]).trigger
        found = dry_run.run(triggers=[trigger], since=until - timedelta(days=options["days"]), until=until)
        if options["out"]:
            _write(options["out"], triggering.rows_of(found))
        return command.Outcome(triggering.as_plain(found), triggering.words_of(found))

    def _switch(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        if options["on"] == options["off"]:
            raise command.WrongUse("Say --on or --off.")
        triggering.switch(slug=options["name"], active=options["on"], by=getpass.getuser(), now=now)
        words = "asks from now on." if options["on"] else "asks nobody any more."
        answer = {"trigger": options["name"], "active": options["on"]}
        return command.Outcome(answer, f"{options['name']} {words}")

    def _try(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        slug, by = options["name"], getpass.getuser()
        channels = list(filter(None, options["channels"].split(",")))
        ways.begin(slug=slug, after_hours=options["after"], channels=channels, by=by, now=now)
        return self._trial(options, now)

    def _trial(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        slug = options["name"]
        found = ways.look(trigger=queries_asking.trigger(slug=slug).trigger, now=now)
        if options["keep"] or options["give_up"]:
            ways.end(slug=slug, adopt=options["keep"], by=getpass.getuser(), now=now)
        if found is None:
            return command.Outcome({"trigger": slug, "trial": None}, f"{slug} tries no other way of asking.")
        return command.Outcome({"trigger": slug, "trial": ways.told(found)}, ways.verdict(found).replace("**", ""))

    def _decisions(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        until = options["until"] or now
        since = until - timedelta(days=options["days"])
        counted = queries_asking.counts(trigger=options["name"], since=since, until=until)
        if options["out"]:
            found = queries_asking.decisions(trigger=options["name"], since=since, until=until)
            _write(options["out"], [triggering.row_of(one) for one in found])
        rows = [{"decision": why, "number": number} for why, number in sorted(counted.items())]
        return command.Outcome({"decisions": dict(counted)}, _table(rows) if rows else "Nothing was decided yet.")

    def _pulse(self, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        """Make links for a staff list: NAME is the survey, --out the file of links to hand on."""
        if not options["out"]:
            raise command.WrongUse("Say where the links go, --out FILE.csv, and who is asked, --staff LIST.csv")
        staff = pulse.read(path=options["staff"] or Path("staff.csv"))
        links = pulse.invite(survey=options["name"], staff=staff, by=getpass.getuser(), now=now, home=settings.HOME)
        _write(options["out"], links)
        answer = {"asked": len(links), "groups": pulse.groups(staff), "file": str(options["out"])}
        words = (
            f"{len(links)} links are in {options['out']}. Which of them answered what is kept nowhere; "
            f"a group under {pulse.FEWEST} people is never shown."
        )
        return command.Outcome(answer, words)


def _done(slug: str, words: str) -> command.Outcome:
    return command.Outcome({"survey": slug}, words)


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]) if rows else ["ref"])
        writer.writeheader()
        writer.writerows(rows)


def _results_words(found: results.OfSurvey) -> str:
    told = results.as_plain(found)
    lines = [f"{told['answers']} answers of {told['funnel']['asked']} who were asked."]
    for one in told["by"]:
        name = f"{one['question']}, {one['scale']}, {one['channel'] or 'no channel'}: {one['number']} answers"
        figures = one["figures"] or {}
        said = [f"{key} {each['value']:.4g} ({each['low']:.4g} to {each['high']:.4g})" for key, each in figures.items()]
        lines.append(f"{name}; " + ("; ".join(said) or "no figure under 5 answers"))
    if told["differ_in"]:
        lines.append(f"Not added up: they differ in {', '.join(told['differ_in'])}.")
    return "\n".join(lines)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None)
    for heading in rows[0]:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    return table
