"""Which database holds the tables: SQLite in the data folder, or PostgreSQL where `DATABASE_URL` names one."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("postgresql", "postgres")
# WAL with synchronous=FULL: NORMAL lost acknowledged rows in simulated power cuts. secure_delete: what is erased is
# overwritten. IMMEDIATE: a transaction that will write waits for its turn at the start, not failing in the middle.
SQLITE = {
    "timeout": 30,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;",
}


class WrongAddress(RuntimeError):  # noqa: N818  named as people say it
    """`DATABASE_URL` is no address of a database that Valence knows. The text says what is expected, no password."""


def setting(*, url: str, file: Path) -> dict[str, Any]:
    """Return Django's setting for the database at `url`, or for SQLite in `file` where no address is given.

    `url` is `postgresql://user:password@host:port/name?sslmode=require`; what stands behind the question mark goes to
    the driver as it is. Raises WrongAddress.
    """
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "CONN_MAX_AGE": None, "OPTIONS": SQLITE}
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in SCHEMES or not name:
        raise WrongAddress("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
