"""The master key under a passphrase: scrypt makes a key of the passphrase, AES-256-GCM seals with it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

NAME = "key.sealed"
COST, BLOCK, LANES = 1 << 17, 8, 1
MOST_COST = 1 << 20


class WrongPassphrase(ValueError):  # noqa: N818  named as people say it
    """The passphrase does not open the key, or the sealed key was changed."""


def seal(*, key: bytes, passphrase: str) -> dict[str, object]:
    """Return the key sealed, as plain JSON values."""
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_stretched(passphrase, salt, COST)).encrypt(nonce, key, NAME.encode())
    return {"salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex(), "cost": COST}


def unseal(*, told: Mapping[str, object], passphrase: str) -> bytes:
    """Return the key. Raises WrongPassphrase."""
    try:
        salt, nonce, sealed = (bytes.fromhex(str(told[name])) for name in ("salt", "nonce", "sealed"))
        cost = min(int(str(told["cost"])), MOST_COST)
        return AESGCM(_stretched(passphrase, salt, cost)).decrypt(nonce, sealed, NAME.encode())
    except (InvalidTag, KeyError, ValueError):
        raise WrongPassphrase("The passphrase does not open the key in this backup.") from None


def _stretched(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=BLOCK, p=LANES).derive(passphrase.encode())
