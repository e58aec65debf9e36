"""Promises of writing plans on a page: what is kept counts, what is wrong keeps nothing, files stay as they are."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from valence.alerts import plan
from valence.flows.act import planning
from valence.flows.run import jobs
from valence.people.models import AuditEntry
from valence.web import words
from valence.web.pages.losses import plan_words
from valence.web.tests import cast as the_cast
from valence.web.tests.cast import Cast

pytestmark = pytest.mark.django_db
STEPS = {
    "title": "A complaint is answered, and put right",
    "window_days": "40",
    "begins_kinds": "Contact",
    "begins_facts": "unresolved",
    "0_title": "We write",
    "0_days": "2",
    "0_kinds": "message, promise",
    "1_title": "It is put right",
    "1_days": "14",
    "1_once": "1",
    "1_kinds": "visit",
    "2_title": "",
    "2_days": "",
}


@pytest.fixture(autouse=True)
def own_folder(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HOME", replace(settings.HOME, folder=tmp_path))


def client(name: str = "mark") -> Client:
    found = Client()
    found.post("/signin/", {"username": name, "password": the_cast.PASSWORD})
    return found


def in_force(title: str) -> list[plan.Plan]:
    return [one for one in planning.in_force()[0] if one.title == title]


def test_a_plan_of_two_steps_is_written_on_the_page_counted_and_on_record() -> None:
    who = client()
    done = who.post("/plans/new/", STEPS)
    assert done["Location"].startswith("/plans/?plan=a_complaint_is_answered_and_put_right")
    [made] = in_force(STEPS["title"])
    assert [(one.name, one.within_days, one.once) for one in made.steps] == [
        ("we_write", 2, False),
        ("it_is_put_right", 14, True),
    ]
    assert jobs.is_waiting(name="plans")
    assert AuditEntry.objects.filter(who="mark", what="plan kept").exists()
    page = who.get(done["Location"]).content.decode()
    assert "Runs are being counted anew" in page
    assert "A complaint is answered, and put right" in page
    assert "title already" in who.post("/plans/new/", STEPS).content.decode()


def test_a_plan_of_the_pack_is_changed_and_taken_back_and_its_steps_keep_their_names() -> None:
    who = client()
    page = who.get("/plans/order_to_service/change/").content.decode()
    form = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page))
    form = {name: value for name, value in form.items() if name not in ("csrfmiddlewaretoken", "0_once", "act")}
    for name in ("begins_written", "0_written"):
        found = re.search(rf'name="{name}"[^>]*>([^<]*)</textarea>', page)
        form[name] = (found[1] if found else "").replace("&quot;", '"')
    before = in_force("From the order to the connection")[0]
    who.post("/plans/order_to_service/change/", {**form, "0_once": "1", "0_days": "10"})
    [after] = in_force("From the order to the connection")
    assert after == replace(before, steps=(replace(before.steps[0], within_days=10),))
    stale = who.post("/plans/order_to_service/change/", {**form, "0_days": "12"})
    assert stale.status_code == 422
    assert "changed after you opened it" in stale.content.decode()
    who.post("/plans/order_to_service/change/", {"act": "drop"})
    assert in_force("From the order to the connection") == [before]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"0_kinds": "unicorn"}, "the pack has no “unicorn”"),
        ({"0_kinds": ""}, "say which kinds"),
        ({"0_days": "soon"}, "write days as a whole number"),
        ({"window_days": "5"}, "a step may come later than the plan lasts"),
        ({"0_kinds": "", "0_written": "{"}, "this is not JSON"),
        ({"0_written": '{"field": "kind", "is": "visit"}'}, "not both"),
        ({"0_kinds": "", "0_written": '{"field": "bond", "below": 3}'}, "ask"),
    ],
)
def test_what_is_wrong_is_said_and_kept_is_nothing(change: dict[str, str], why: str) -> None:
    answer = client().post("/plans/new/", {**STEPS, **change})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert 'value="We write"' in answer.content.decode()
    assert in_force(STEPS["title"]) == []


def test_a_plan_that_a_file_says_with_others_is_changed_there() -> None:
    folder = settings.HOME.folder / "plans"
    folder.mkdir()
    one = '[[plan]]\nname = "{}"\ntitle = "{}"\nwindow_days = 30\nbegins = {{ field = "kind", is = "order" }}\n'
    step = '[[plan.step]]\nname = "done"\ntitle = "Done"\nwithin_days = 3\nof = { field = "kind", is = "visit" }\n'
    (folder / "ours.toml").write_text("".join(one.format(name, name.title()) + step for name in ("ours", "theirs")))
    who = client()
    for name in ("ours", "theirs"):
        assert "The file <b>ours.toml</b> of the data folder" in who.get(f"/plans/{name}/change/").content.decode()
        answer = who.post(f"/plans/{name}/change/", STEPS)
        assert "change it there" in answer.content.decode()
        who.post(f"/plans/{name}/change/", {"act": "drop"})
        assert in_force(name.title())


def test_only_who_may_change_rules_writes_plans() -> None:
    assert client("carl").post("/plans/new/", STEPS).status_code == 403
    assert "New plan" not in client("vera").get("/plans/").content.decode()
    assert client().get("/plans/nothing/change/").status_code == 404


def test_every_plan_of_the_form_reads_back_as_it_was() -> None:
    for one in planning.in_force()[0]:
        form = plan_words.form_of(table=plan.table_of(plan=one))
        assert plan.made(table=plan_words.read(name=one.name, form=form, pack=words.pack())) == one
