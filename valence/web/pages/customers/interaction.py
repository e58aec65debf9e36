"""One interaction: what was sent, what it did to the bond, what led to it and what followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.flows.find import customer as flow
from valence.insights import say
from valence.insights.encounters import Encounter, Sign
from valence.web import parts, view
from valence.web.pages.customers import timeline
from valence.web.pages.feedback import comment_rows

HIDDEN = {"customer_key", "text", "source", "interaction_id"}
LABELS = {"occurred_at": "Happened", "recorded_at": "Recorded", "caused_by": "Caused by, as recorded"}


@dataclass(frozen=True)
class InteractionPage:
    """What the page shows."""

    one: Encounter
    name: str
    customer_href: str
    fields: tuple[tuple[str, str], ...]
    says: str
    effect: float | None
    effect_words: str
    cause: Encounter | None
    cause_href: str
    led_to: tuple[tuple[Encounter, str], ...]
    read: comment_rows.Tags | None


@view.page(section="customers")
def interaction(request: HttpRequest, asked: view.Asked, key: int) -> HttpResponse:
    """Show one interaction of a customer whom one may see."""
    source, name = asked.query.get("source", ""), asked.query.get("id", "")
    try:
        found = flow.interaction(scope=asked.own, key=key, source=source, interaction_id=name, now=asked.now)
    except (customers.UnknownCustomer, flow.NoSuchInteraction):
        raise Http404 from None
    page = _page(found, asked=asked, key=key)
    crumbs = (
        parts.Crumb("Customers", asked.to("customers")),
        parts.Crumb(page.name, page.customer_href),
        parts.Crumb(name),
    )
    return view.render(asked, "valence/interaction.html", page=page, title=found.one.title, crumbs=crumbs)


def _page(found: flow.Interacted, *, asked: view.Asked, key: int) -> InteractionPage:
    one = found.one
    cause = found.known.encounters[one.cause.row] if one.cause else None
    moved = one.sign in {Sign.HARM, Sign.PRAISE}
    return InteractionPage(
        one=one,
        name=found.known.profile.name.said,
        customer_href=asked.to("customer", key=key),
        fields=_fields(found),
        says=_says(found),
        effect=one.change if moved else None,
        effect_words=timeline.UNMOVED[one.sign],
        cause=cause,
        cause_href=timeline.href_of(cause, key=key, asked=asked) if cause else "",
        led_to=tuple((after, timeline.href_of(after, key=key, asked=asked)) for after in found.led_to),
        read=comment_rows.beside(asked, [(one.source, one.interaction_id)]).get((one.source, one.interaction_id)),
    )


def _says(found: flow.Interacted) -> str:
    one = found.one
    if one.after is None:
        return "There is no model yet that this version of Valence reads: what it did to the bond is not known."
    if one.sign is Sign.SIGNAL:
        return "A signal: it may foretell leaving, and is never counted as a cause."
    before = one.after - one.change
    if one.sign is Sign.NONE:
        return f"The bond stayed at **{one.after:.0f}**."
    verb = "weakened" if one.sign is Sign.HARM else "strengthened"
    return f"It {verb} the bond from **{before:.0f}** to **{one.after:.0f}**."


def _fields(found: flow.Interacted) -> tuple[tuple[str, str], ...]:
    sent = found.sent
    told = [(name, getattr(sent, name)) for name in sent.__struct_fields__ if name not in HIDDEN]
    return tuple(
        (LABELS.get(name, say.sentence(name.replace("_", " "))), _told(value))
        for name, value in told
        if _is_known(value)
    )


def _is_known(value: Any) -> bool:
    return value not in (None, "", 0) or value is False


def _told(value: Any) -> str:
    if isinstance(value, datetime):
        return say.clock(value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).replace("|", ", ")
