"""What comes back from messages: a stop link, opened or pressed by a mail program; a provider's word on a text."""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from valence import interactions
from valence.channels import routes, signing, words
from valence.channels.kinds import sms
from valence.channels.values import Kind, Purpose
from valence.flows.ask import hearing, spoken
from valence.surveys import page_words
from valence.web.pages.public import survey

ONE_CLICK = "One-Click"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@csrf_exempt  # a mail program posts it by itself (RFC 8058), and the address is the right to stop
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether somebody wants no more such messages, and keep that when they, or their mail program, say so."""
    found = hearing.stop_link(token=token)
    if found is None:
        return _page(request, "unknown", language="", status=404)
    if request.method != "POST":
        return _page(request, _question(found), language=found.language, may_stop=True)
    one_click = request.POST.get("List-Unsubscribe") == ONE_CLICK
    try:
        hearing.stop(stopped=found, source="mail program" if one_click else "stop link", now=timezone.now())
    except interactions.StoreUnavailable:
        return _page(request, "busy", language=found.language, status=503)
    return _page(request, "stopped", language=found.language)


@csrf_exempt
@require_POST
def text_in(request: HttpRequest) -> HttpResponse:
    """Take in a text message as the provider posts it, signed; answer what it should say back (TwiML)."""
    if not _is_signed(request):
        return HttpResponse(status=403)
    form = request.POST
    try:
        said, language = hearing.heard(
            sender=form.get("From", ""),
            text=form.get("Body", ""),
            reference=form.get("MessageSid", ""),
            now=timezone.now(),
        )
    except interactions.StoreUnavailable:
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    answer = EMPTY.replace("></", f"><Message>{escape(said)}</Message></") if said else EMPTY
    return HttpResponse(answer, content_type="text/xml; charset=utf-8", headers={"Content-Language": language})


@csrf_exempt
@require_POST
def text_status(request: HttpRequest) -> HttpResponse:
    """Take in what became of a text message that the provider took."""
    if not _is_signed(request):
        return HttpResponse(status=403)
    form = request.POST
    hearing.not_arrived(
        reference=form.get("MessageSid", ""),
        status=form.get("MessageStatus", ""),
        code=form.get("ErrorCode", ""),
        now=timezone.now(),
    )
    return HttpResponse(status=204)


def _is_signed(request: HttpRequest) -> bool:
    """Say whether the provider signed a request: over the address that it knows, or the one that arrived here."""
    try:
        token = sms.token(url=settings.SMS_URL)
    except routes.RouteError:
        return False
    form = {name: request.POST.getlist(name) for name in request.POST}
    given = request.headers.get("X-Twilio-Signature", "")
    addresses = (spoken.address() + request.get_full_path(), request.build_absolute_uri())
    return any(signing.is_signed(token=token, address=one, form=form, signature=given) for one in addresses)


def _question(found: hearing.Stopped) -> str:
    if found.message.purpose is not Purpose.INVITATION:
        return "stop_sure_service"
    return "stop_sure_sms" if found.message.kind is Kind.SMS else "stop_sure_email"


def _page(request: HttpRequest, name: str, *, language: str, may_stop: bool = False, status: int = 200) -> HttpResponse:
    tag = language or survey.wished(request)
    says = {**page_words.of(language=tag), **words.of(language=tag)}
    says["decline"] = says["stop_do"]
    shown = survey.look(None)
    page = survey.EndPage(
        language=tag,
        direction=page_words.direction(language=tag),
        company=spoken.company(),
        title=says[name],
        text=says["stop_words"] if may_stop else says.get(f"{name}_words", ""),
        words=says,
        look=shown,
        may_decline=may_stop,
    )
    return survey.rendered("survey/end.html", page, shown, status)
