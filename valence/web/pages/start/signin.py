"""Signing in and out, one's own account."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from valence import organisation
from valence.people import actions, sessions
from valence.web import parts, view


@dataclass(frozen=True)
class SignInPage:
    """What the sign-in page shows. `next` is where to go after; `name` is kept when a try failed."""

    company: str
    next: str
    name: str = ""
    problem: str = ""


@dataclass(frozen=True)
class AccountPage:
    """One's own account; `problem` says why the password was not changed."""

    problem: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """Ask for name and password, and let in who knows them."""
    target = _safe(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        return HttpResponseRedirect(target) if sessions.signed_in(request) else _form(request, target=target)
    name, password = request.POST.get("username", ""), request.POST.get("password", "")
    try:
        sessions.begin(request, name=name, password=password, now=timezone.now())
    except actions.TooManyTriesError as wait:
        seconds = max(1, round((wait.until - timezone.now()).total_seconds()))
        words = f"Too many wrong tries under this name. Try again in {seconds} s."
        return _form(request, target=target, name=name, problem=words, status=429)
    except actions.WrongPasswordError:
        words = "This name and password do not belong together. Check both, or ask your administrator."
        return _form(request, target=target, name=name, problem=words, status=403)
    return HttpResponseRedirect(target)


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """End the session on this browser."""
    sessions.end(request, now=timezone.now())
    return HttpResponseRedirect(reverse("signin"))


@view.page(section="account", methods=("GET", "HEAD", "POST"))
def account(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show one's own account; change its password or its shortcuts."""
    if request.method != "POST":
        return _account(asked)
    if request.POST.get("act") == "shortcuts":
        actions.set_shortcuts(pk=asked.person.pk, on=request.POST.get("shortcuts") == "on")
        messages.success(request, "Saved.")
        return HttpResponseRedirect(reverse("account"))
    old, new = request.POST.get("old", ""), request.POST.get("new", "")
    try:
        sessions.change_password(request, old=old, new=new, now=asked.now)
    except actions.WrongPasswordError:
        return _account(asked, problem="The password you have now was not right. Nothing was changed.")
    except actions.RefusedError as refused:
        return _account(asked, problem=str(refused))
    messages.success(request, "Password changed. Your other sessions have ended.")
    return HttpResponseRedirect(reverse("account"))


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep light or dark for the person who asks, and go back to where they were."""
    signed_in = sessions.signed_in(request)
    if signed_in is not None:
        actions.set_theme(pk=signed_in[0].pk, theme=request.POST.get("theme", ""))
    return HttpResponseRedirect(_safe(request, request.POST.get("back", "")))


def _account(asked: view.Asked, *, problem: str = "") -> HttpResponse:
    return view.render(
        asked,
        "valence/account.html",
        page=AccountPage(problem=problem),
        title="Your account",
        crumbs=(parts.Crumb("Your account"),),
        status=422 if problem else 200,
    )


def _form(request: HttpRequest, *, target: str, name: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    company = organisation.of(folder=settings.HOME.folder).name
    page = SignInPage(company=company, next=target, name=name, problem=problem)
    return render(request, "valence/signin.html", {"page": page}, status=status)


def _safe(request: HttpRequest, target: str) -> str:
    """Return where to go, only inside this site."""
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return target
    return reverse("today")
