"""Settings: the keys with which machines call the API."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from valence.people import keys as machine_keys
from valence.people import queries, rules
from valence.web import parts, view


@dataclass(frozen=True)
class KeysPage:
    """The machines' keys; `made` is a key that was made just now, shown once."""

    keys: tuple[queries.KeyRow, ...]
    scopes: tuple[str, ...]
    made: str = ""
    problem: str = ""


@view.page(section="settings", act=rules.Act.SETTINGS, methods=("GET", "HEAD", "POST"))
def keys(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the machines' keys; make one, which is shown once; revoke one."""
    made, problem = "", ""
    if request.method == "POST":
        try:
            made = _key_act(request.POST, asked)
        except ValueError as refused:
            problem = str(refused)
    page = KeysPage(keys=tuple(queries.keys()), scopes=machine_keys.SCOPES, made=made, problem=problem)
    crumbs = (parts.Crumb("Settings", reverse("settings")), parts.Crumb("API keys"))
    status = 422 if problem else 200
    return view.render(asked, "valence/keys.html", page=page, title="API keys", crumbs=crumbs, status=status)


def _key_act(form: QueryDict, asked: view.Asked) -> str:
    """Make or revoke a key; return a new one."""
    if form.get("act") == "revoke":
        machine_keys.revoke(name=form.get("name", ""), by=asked.person.name, now=asked.now)
        return ""
    scopes = [scope for scope in machine_keys.SCOPES if scope in form.getlist("scope")]
    return machine_keys.create(name=form.get("name", "").strip(), scopes=scopes, by=asked.person.name, now=asked.now)
