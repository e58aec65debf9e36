"""Two ways of asking, side by side: another one is tried, looked at, kept or given up."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from valence.flows.ask import ways
from valence.insights import say
from valence.insights.two_shares import Share
from valence.people import rules
from valence.surveys import queries_asking
from valence.surveys.asking import Channel, Trigger
from valence.surveys.drawing import Way
from valence.surveys.values_asking import NoSuchTrigger
from valence.web import view
from valence.web.pages.surveys.trigger_rows import Trial, WayRow

FEWEST = 5


@view.page(section="surveys", act=rules.Act.CHANGE_SURVEYS, methods=("POST",))
def trial(request: HttpRequest, asked: view.Asked, slug: str) -> HttpResponse:
    """Begin to try another way of asking, keep it for everybody, or give it up."""
    do, by = request.POST.get("do", ""), asked.person.name
    try:
        if do == "try":
            hours, first = _number(request.POST.get("after", "")), request.POST.get("first", "")
            ways.begin(slug=slug, after_hours=hours, channels=_order(slug, first), by=by, now=asked.now)
            messages.success(request, "Half of the happy moments are asked the other way from now on.")
        elif do in ("keep", "give_up"):
            ways.end(slug=slug, adopt=do == "keep", by=by, now=asked.now)
            messages.success(
                request, "Everybody is asked that way." if do == "keep" else "The usual way goes on alone."
            )
    except ways.WrongTrial as wrong:
        messages.error(request, str(wrong))
    except NoSuchTrigger:
        raise Http404 from None
    return HttpResponseRedirect(reverse("trigger", kwargs={"slug": slug}))


def shown(asked: view.Asked, trigger: Trigger) -> Trial:
    """Return what the page of a trigger shows of the trial that goes on, or the form that begins one."""
    found = ways.look(trigger=trigger, now=asked.now)
    channels = tuple((one.value, ways.NAMES[one].capitalize(), one == trigger.channels[0]) for one in trigger.channels)
    if found is None or trigger.other is None:
        return Trial(says="", rows=(), after=f"{trigger.after / timedelta(hours=1):g}", channels=channels)
    rows = (
        _row(asked, trigger, Way.USUAL, f"As usual: {ways.words_of(trigger)}", found.usual),
        _row(asked, trigger, Way.OTHER, f"The other way: {ways.words_of(trigger.other)}", found.other),
    )
    return Trial(says=ways.verdict(found), rows=rows, after="", channels=(), decided=found.difference is not None)


def _row(asked: view.Asked, trigger: Trigger, way: Way, words: str, share: Share) -> WayRow:
    told = share.of >= FEWEST
    everything = asked.own.regions is None
    return WayRow(
        words=words,
        asked=share.of,
        answered=say.percent(share.value, of=share.of) if told else say.UNKNOWN,
        range=f"{say.percents(share.range.low, share.range.high)} %" if told else "fewer than five",
        href=asked.to("decisions", query={"trigger": trigger.slug, "way": way.value}) if everything else "",
    )


def _order(slug: str, first: str) -> list[Channel]:
    """Return a trigger's channels with one of them first."""
    own = queries_asking.trigger(slug=slug).trigger.channels
    return sorted(own, key=lambda one: one.value != first)


def _number(said: str) -> float:
    try:
        return float(said.strip().replace(",", "."))
    except ValueError:
        raise ways.WrongTrial("How many hours after is not a number.") from None
