"""Theme editor: what a theme is called and by which words it is known, tried at once on what customers wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence.flows.read import reading, theme_drafts
from valence.flows.run import jobs
from valence.insights import text_words
from valence.packs import taxonomy
from valence.people import rules
from valence.text import encoders
from valence.web import parts, view
from valence.web.pages.feedback import theme_proposed
from valence.web.pages.feedback.changes_shown import Shown, shown

NEW = "new"


@dataclass(frozen=True)
class Tab:
    """A theme to choose."""

    name: str
    label: str
    href: str
    on: bool
    changed: bool


@dataclass(frozen=True)
class Spoken:
    """The words of one language, a line each."""

    code: str
    language: str
    keywords: str
    hints: str
    examples: str
    open: bool


@dataclass(frozen=True)
class EditorPage:
    """What the page shows."""

    version: str
    tabs: tuple[Tab, ...]
    chosen: taxonomy.Theme | None
    spoken: tuple[Spoken, ...]
    departments: tuple[str, ...]
    differs: bool
    is_changed: bool
    changes: Shown | None
    new_href: str
    proposed: theme_proposed.Proposed | None
    problem: str = ""


@view.page(section="answers", act=rules.Act.CHANGE_MODEL, methods=("GET", "HEAD", "POST"))
def theme_editor(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show a theme to change; a POST drafts it, looks what it would change, switches it on or lets it go."""
    if request.method != "POST":
        return _rendered(asked, asked.query.get("theme", ""))
    name = request.POST.get("name", "").strip()
    try:
        message = _done(request, asked, name)
    except theme_drafts.WrongTheme as wrong:
        return _rendered(asked, asked.query.get("theme", ""), problem=f"{wrong} Nothing was changed.")
    if not message:
        return _rendered(asked, name)
    messages.success(request, message)
    return HttpResponseRedirect(asked.to("theme_editor"))


def _done(request: HttpRequest, asked: view.Asked, name: str) -> str:
    """Do what was asked; return what to say, "" where the page itself shows it."""
    act, by = request.POST.get("act", ""), asked.person.name
    if act == "use":
        version = theme_drafts.switch_on(by=by, now=asked.now)
        jobs.enqueue(name="read_texts", by=by, arguments={}, now=asked.now)
        return f"Themes {version} are switched on. What customers wrote is being read again with them."
    if act == "drop":
        theme_drafts.drop()
        return "The draft is gone. Nothing in use was changed."
    if act == "shipped":
        theme_drafts.drop()
        theme_drafts.switch_off(by=by, now=asked.now)
        jobs.enqueue(name="read_texts", by=by, arguments={}, now=asked.now)
        return "The themes are as shipped again. What customers wrote is being read again."
    if act == "remove":
        theme_drafts.put(change=theme_drafts.Change(name=name, is_removed=True))
        return f"{name} is taken out of the draft. Switch on to apply it."
    theme_drafts.put(change=_change(request.POST, name))
    return ""


def _change(given: QueryDict, name: str) -> theme_drafts.Change:
    words = {
        part: {
            code: given.get(f"{part}-{code}", "").splitlines()
            for code in taxonomy.LANGUAGES
            if f"{part}-{code}" in given
        }
        for part in theme_drafts.PARTS
    }
    label, description, department = (given.get(field, "")[:300] for field in ("label", "description", "department"))
    return theme_drafts.Change(name, label, description, department, words=words)


def _rendered(asked: view.Asked, name: str, *, problem: str = "") -> HttpResponse:
    draft = theme_drafts.read()
    themes = draft.themes.themes
    chosen = next((theme for theme in themes if theme.name == name), None)
    chosen = chosen or (None if name == NEW else themes[0])
    proposed = theme_proposed.of(asked) if chosen is None else None
    page = EditorPage(
        version=f"{draft.themes.label or draft.themes.name} {draft.themes.version}",
        tabs=tuple(_tab(asked, theme, chosen, draft) for theme in themes),
        chosen=chosen,
        spoken=tuple(_spoken(code, proposed or chosen, at) for at, code in enumerate(taxonomy.LANGUAGES)),
        departments=tuple(sorted({theme.department for theme in themes if theme.department})),
        differs=draft.differs,
        is_changed=reading.overlay_of(pack=reading.pack_name()).is_file(),
        changes=_changes(draft) if draft.differs and not draft.problem else None,
        new_href=asked.to("theme_editor", query={"theme": NEW}),
        proposed=proposed,
        problem=problem or draft.problem,
    )
    crumbs = (parts.Crumb("Themes", asked.to("themes")), parts.Crumb("Edit themes"))
    status = 422 if problem else 200
    return view.render(asked, "valence/theme_editor.html", page=page, title="Edit themes", crumbs=crumbs, status=status)


def _changes(draft: theme_drafts.Draft) -> Shown | None:
    try:
        found = theme_drafts.would_change(draft=draft)
    except encoders.EncoderMissing:
        return None
    return shown(found, labels={theme.name: theme.label for theme in draft.themes.themes})


def _tab(asked: view.Asked, theme: taxonomy.Theme, chosen: taxonomy.Theme | None, draft: theme_drafts.Draft) -> Tab:
    href = asked.to("theme_editor", query={"theme": theme.name})
    return Tab(theme.name, theme.label, href, on=theme is chosen, changed=theme.name in draft.changed)


def _spoken(code: str, theme: taxonomy.Theme | theme_proposed.Proposed | None, at: int) -> Spoken:
    def lines(words: Mapping[str, tuple[str, ...]]) -> str:
        return "\n".join(words.get(code, ()))

    each = (lines(theme.keywords), lines(theme.hints), lines(theme.examples)) if theme else ("", "", "")
    return Spoken(
        code,
        text_words.language(code),
        *each,
        open=at == 0 or (any(each) and isinstance(theme, theme_proposed.Proposed)),
    )
