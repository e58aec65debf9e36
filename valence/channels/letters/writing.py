"""From what a mail says to a mail: one template in MJML, one in plain text. It reads no row and knows no survey."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import mrml
from django.template import Context, Engine

from valence.channels.values import Letter

FOLDER = Path(__file__).parent
ONE_CLICK = "List-Unsubscribe=One-Click"


@dataclass(frozen=True)
class Score:
    """A point of a scale: how it is written, what somebody hears who does not see, where it leads."""

    number: str
    words: str
    address: str


@dataclass(frozen=True)
class Ask:
    """What a mail that asks says. `scores` may be empty: then one link leads to the survey.

    colour, on_colour: the brand's, and text on it, that can be read (surveys.contrast). logo: whether one is enclosed.
    """

    to: str
    language: str
    direction: str
    company: str
    subject: str
    question: str
    scores: tuple[Score, ...]
    low: str
    high: str
    one_more: str
    begin: str
    address: str
    why_asked: str
    sent_by: str
    stop: str
    stop_address: str
    privacy: str
    privacy_address: str
    colour: str
    on_colour: str
    logo: str = ""


@dataclass(frozen=True)
class Note:
    """What a mail says that a person wrote, or that sums something up: paragraphs apart by empty lines."""

    to: str
    language: str
    direction: str
    company: str
    subject: str
    text: str
    sent_by: str
    stop: str = ""
    stop_address: str = ""


def ask(said: Ask) -> Letter:
    """Return the mail of an invitation."""
    last = said.scores[-1] if said.scores else None
    return Letter(
        to=said.to,
        subject=said.subject,
        text=_tidy(_rendered("invitation.txt", ask=said, last=last)),
        html=_html("invitation.mjml", said.direction, ask=said),
        headers=stopping(address=said.stop_address),
        language=said.language,
        logo=said.logo,
    )


def note(said: Note) -> Letter:
    """Return the mail of a reply or a digest."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", said.text) if part.strip()]
    ends = [said.sent_by, *([f"{said.stop}: {said.stop_address}"] if said.stop_address else [])]
    return Letter(
        to=said.to,
        subject=said.subject,
        text="\n\n".join([*paragraphs, "--\n" + "\n".join(ends)]) + "\n",
        html=_html("plain.mjml", said.direction, note=said, paragraphs=paragraphs),
        headers=stopping(address=said.stop_address) if said.stop_address else {},
        language=said.language,
    )


def stopping(*, address: str) -> dict[str, str]:
    """Return the headers by which a mail program stops such mails with one click (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": ONE_CLICK}


def _html(name: str, direction: str, **said: Any) -> str:
    sides = ("right", "left") if direction == "rtl" else ("left", "right")
    written = _rendered(name, start=sides[0], finish=sides[1], **said)
    return str(mrml.to_html(written, None, mrml.RenderOptions(fonts={})).content)  # no font is fetched from anywhere


def _rendered(name: str, **said: Any) -> str:
    return _engine().get_template(name).render(Context(said))


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return Engine(dirs=[str(FOLDER)], autoescape=True)


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
