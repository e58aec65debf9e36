"""Microsoft Teams: what a workflow "when a webhook request is received" takes, a card with one line and its link."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from valence.alerts.channels import address
from valence.alerts.channels.event import Event, Request, in_a_line

NAME = "teams"
WORDS = "Microsoft Teams"
CARD = "application/vnd.microsoft.card.adaptive"


def checked(*, said: Mapping[str, str], allowed: Collection[str] = ()) -> dict[str, str]:
    """Return the settings of a new receiver. Raises WrongReceiver."""
    url = said.get("url", "").strip()
    address.parse(url=url, allowed=allowed)
    return {"url": url}


def made(*, settings: Mapping[str, str], event: Event, now: datetime) -> Request:
    """Return the request that tells an event in a line; nothing in it is read as markup."""
    line = {"type": "TextRun", "text": in_a_line(event=event)}
    block = {"type": "RichTextBlock", "inlines": [line]}
    link = str(event.data.get("url", ""))
    actions = [{"type": "Action.OpenUrl", "title": "Open", "url": link}] if link else []
    card = {"type": "AdaptiveCard", "version": "1.4", "body": [block], "actions": actions}
    body = {"type": "message", "attachments": [{"contentType": CARD, "content": card}]}
    return Request(
        url=settings["url"],
        body=json.dumps(body, ensure_ascii=False).encode(),
        headers={"content-type": "application/json"},
    )
