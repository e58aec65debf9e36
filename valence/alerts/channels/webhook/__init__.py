"""Webhooks, signed by the Standard Webhooks specification: whoever has the secret can tell that we sent it."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

import standardwebhooks

from valence.alerts.channels import address
from valence.alerts.channels.event import Event, Request

NAME = "webhook"
WORDS = "Webhook"
SECRET_BYTES = 32
PREFIX = "whsec_"


def checked(*, said: Mapping[str, str], allowed: Collection[str] = ()) -> dict[str, str]:
    """Return the settings of a new receiver, with a secret of its own. Raises WrongReceiver."""
    url = said.get("url", "").strip()
    address.parse(url=url, allowed=allowed)
    secret = PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return {"url": url, "secret": secret}


def made(*, settings: Mapping[str, str], event: Event, now: datetime) -> Request:
    """Return the request that tells an event: `webhook-id` is the same each time it is sent again."""
    said = {"type": event.kind, "timestamp": event.at.isoformat(), "data": dict(event.data)}
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    signature = standardwebhooks.Webhook(settings["secret"]).sign(event.name, now, body)
    return Request(
        url=settings["url"],
        body=body.encode(),
        headers={
            "content-type": "application/json",
            "webhook-id": event.name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        },
    )
