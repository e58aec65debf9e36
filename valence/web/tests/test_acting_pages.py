"""Promises of the pages Promises, Places and Standards: what is owed, whose it is, what was changed and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from valence.alerts import kept_standards, place_alarms
from valence.alerts.models import PlaceAlarm
from valence.customers.models import Customer
from valence.flows.act import standards
from valence.ledger.models import OpenPromise
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db


def client(name: str) -> Client:
    made = Client()
    made.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return made


def read(path: str, name: str = "alice") -> str:
    return client(name).get(path).content.decode()


def alarm(cast: Cast, *, region: str = "Coast") -> int:
    now = timezone.now()
    case = place_alarms.Case(cast.present[0], "crm", "v-1", "quay", now)
    found = place_alarms.Found(
        about="fact", word="late", zone="quay", places=("quay",), region=region, department="field",
        since=now.date(), observed=6, expected=0.4, chance=1e-5, cases=(case,),
    )  # fmt: skip
    return place_alarms.put(found=found, now=now)[0]


def test_promises_show_by_default_what_is_owed_to_customers_who_are_there(cast: Cast) -> None:
    now = timezone.now()
    overdue = OpenPromise.objects.filter(state="overdue").order_by("pk").first()
    assert overdue is not None
    everybody = OpenPromise.objects.count()
    Customer.objects.filter(key=overdue.customer_id).update(left_at=now - timedelta(days=1))
    here = OpenPromise.objects.filter(customer__left_at=None).count()
    assert f'data-total="{here}"' in read("/promises/")
    page = read("/promises/?with_us=0")
    assert f'data-total="{everybody}"' in page
    assert "Not kept before they left" in page


def test_every_number_of_promises_opens_its_rows(cast: Cast) -> None:
    for state in ("open", "overdue", "broken", "kept"):
        number = OpenPromise.objects.filter(state=state, customer__left_at=None).count()
        assert f'data-total="{number}"' in read(f"/promises/?state={state}")


def test_a_place_is_taken_care_of_ticked_and_put_right(cast: Cast) -> None:
    pk = alarm(cast)
    mark = client("mark")
    assert "against 0.4 expected" in mark.get("/cases/places/").content.decode()
    mark.post(f"/cases/places/{pk}/", {"act": "take"})
    mark.post(f"/cases/places/{pk}/", {"act": "tick", "step": "0", "done": "1"})
    mark.post(f"/cases/places/{pk}/", {"act": "put_right"})
    row = PlaceAlarm.objects.get(pk=pk)
    assert (row.state, row.steps) == ("put_right", [0])
    assert mark.post(f"/cases/places/{pk}/", {"act": "nothing"}).status_code == 404


def test_nobody_sees_a_place_of_another_region(cast: Cast) -> None:
    pk = alarm(cast, region="Elsewhere")
    assert client("mark").get(f"/cases/places/{pk}/").status_code == 404
    assert client("alice").get(f"/cases/places/{pk}/").status_code == 200


def test_a_standard_is_changed_with_a_reason_and_never_without(cast: Cast) -> None:
    standards.install(now=timezone.now())
    alice, path = client("alice"), "/cases/standards/visit_in_window/"
    page = alice.get(path)
    assert page.status_code == 200
    assert alice.post(path, {"act": "give_up", "why": " "}).status_code == 422
    assert alice.post(path, {"act": "change", "why": "x", "written": "{"}).status_code == 422
    assert alice.post(path, {"act": "give_up", "why": "Nobody minds"}).status_code == 302
    assert kept_standards.one(name="visit_in_window").state == "given_up"
    assert "Given up: Nobody minds" in alice.get(path).content.decode()
    assert "A visit comes inside its window" not in read("/cases/standards/")
    assert client("carl").post(path, {"act": "keep", "why": "x"}).status_code == 403
