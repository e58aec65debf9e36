"""Slack, Mattermost and whatever else takes `{"text": ..}` at an incoming webhook."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from valence.alerts.channels import address
from valence.alerts.channels.event import Event, Request, in_a_line

NAME = "slack"
WORDS = "Slack"


def checked(*, said: Mapping[str, str], allowed: Collection[str] = ()) -> dict[str, str]:
    """Return the settings of a new receiver. Raises WrongReceiver."""
    url = said.get("url", "").strip()
    address.parse(url=url, allowed=allowed)
    return {"url": url}


def made(*, settings: Mapping[str, str], event: Event, now: datetime) -> Request:
    """Return the request that tells an event in a line; nothing in it is read as markup."""
    text = f"{in_a_line(event=event)}. {event.data.get('url', '')}"
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    body = json.dumps({"text": escaped.strip()}, ensure_ascii=False).encode()
    return Request(url=settings["url"], body=body, headers={"content-type": "application/json"})
