"""Ways to tell machines what happens: each kind is a folder with `NAME`, `WORDS`, `checked` and `made`."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from valence.alerts.channels import slack, teams, webhook

KINDS: Mapping[str, ModuleType] = {kind.NAME: kind for kind in (webhook, slack, teams)}
