"""Objecting to being scored, recorded and taken back on a customer's page by who may correct records."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from valence.customers import objections
from valence.customers import queries as customers
from valence.flows.protect import objecting
from valence.insights import say
from valence.people import rules
from valence.web import view


@view.page(section="customers", act=rules.Act.CORRECT, methods=("POST",))
def scoring(request: HttpRequest, asked: view.Asked, key: int) -> HttpResponse:
    """Keep that a customer whom one may see objects to being scored, or does so no more."""
    found = customers.profile(scope=asked.own, key=key).key
    objects = request.POST.get("objects") == "yes"
    objecting.keep(key=found, objects=objects, by=asked.person.name, now=asked.now)
    messages.success(request, "Scored no more." if objects else "Objection taken back; scored again.")
    return HttpResponseRedirect(f"{asked.to('customer', key=found)}#scoring")


def words(objected: objections.Objection, *, now: datetime) -> str:
    """Say in the place of figures why there are none."""
    return (
        f"**Not scored: objected on {say.date(objected.since, now=now)}.** "
        "The journey below is complete; what it did to the bond is not worked out."
    )
