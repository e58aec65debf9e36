"""The card of a customer: for whoever is about to talk to them, as a page of ours or in a frame of a desk tool."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from valence.customers import queries as customers
from valence.flows.find import card as flow
from valence.terms import EVERYTHING
from valence.web import parts, security, view

ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?")


@view.page(section="customers")
def card(request: HttpRequest, asked: view.Asked, key: int) -> HttpResponse:
    """Show what to know before talking to a customer."""
    page = flow.read(scope=asked.own, key=key, now=asked.now)
    crumbs = (
        parts.Crumb("Customers", asked.to("customers")),
        parts.Crumb(page.name, asked.to("customer", key=key)),
        parts.Crumb("Card"),
    )
    return view.render(asked, "valence/card.html", page=page, title=f"Before talking to {page.name}", crumbs=crumbs)


@require_safe
@xframe_options_exempt  # who may show it says the policy below
def framed(request: HttpRequest, token: str) -> HttpResponse:
    """Show a card by a signed link of some minutes, in a frame of a page that the settings name."""
    now = timezone.now()
    try:
        page = flow.read(scope=EVERYTHING, key=flow.opened(token=token, now=now), now=now)
    except (flow.WrongLink, customers.UnknownCustomer, ValueError):
        raise Http404 from None
    response = render(request, "valence/card_frame.html", {"page": page, "now": now})
    response["Content-Security-Policy"] = policy()
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def policy() -> str:
    """Return what a browser may do with a card: show it in frames of the pages that are named, and nothing else."""
    origins = [one for one in settings.FRAME_ANCESTORS if ORIGIN.fullmatch(one)]
    ancestors = " ".join(["'self'", *origins])
    return security.POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")
