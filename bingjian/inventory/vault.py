"""Secrets that we must read again, encrypted at rest: AES-256-GCM, the key in a file beside the database.

What it takes to reach a camera, and what people's authenticators share with us.
"""

import json
import os
from dataclasses import asdict
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bingjian.db.state import KEY_BYTES
from bingjian.inventory.errors import InventoryError
from bingjian.streaming.sources.base import SourceAddress

NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2; random, far below 2^32 sealings under one key
FORMAT = b"\x01"
FACTOR = b"second factor\0"  # bound in beside a person's id: what is sealed for one use opens for no other
DEVICE = b"gb device\0"  # likewise beside a device's


class KeyUnusable(InventoryError):
    """The key file is missing its right length, or does not open what it sealed."""


class Vault:
    """Seals and opens the secrets of one camera or person at a time; the id is bound in."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise KeyUnusable(f"the key of the vault must be {KEY_BYTES} bytes")
        self._cipher = AESGCM(key)

    def seal(self, camera: UUID, main: SourceAddress, sub: SourceAddress | None) -> bytes:
        text = json.dumps({"main": asdict(main), "sub": asdict(sub) if sub else None})
        return self._seal(text.encode(), camera.bytes)

    def open(self, camera: UUID, sealed: bytes) -> tuple[SourceAddress, SourceAddress | None]:
        """Raises KeyUnusable: another key, another camera, or changed bytes."""
        both = json.loads(self._open(sealed, camera.bytes))
        return SourceAddress(**both["main"]), SourceAddress(**both["sub"]) if both["sub"] else None

    def seal_factor(self, person: UUID, secret: bytes) -> bytes:
        return self._seal(secret, FACTOR + person.bytes)

    def open_factor(self, person: UUID, sealed: bytes) -> bytes:
        """Raises KeyUnusable, as ``open``."""
        return self._open(sealed, FACTOR + person.bytes)

    def seal_password(self, device: UUID, password: str) -> bytes:
        """Of a GB/T 28181 device: its digest wants the password itself."""
        return self._seal(password.encode(), DEVICE + device.bytes)

    def open_password(self, device: UUID, sealed: bytes) -> str:
        """Raises KeyUnusable, as ``open``."""
        return self._open(sealed, DEVICE + device.bytes).decode()

    def _seal(self, secret: bytes, bound: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, secret, bound)

    def _open(self, sealed: bytes, bound: bytes) -> bytes:
        nonce = sealed[1 : 1 + NONCE_BYTES]
        try:
            return self._cipher.decrypt(nonce, sealed[1 + NONCE_BYTES :], bound)
        except (InvalidTag, ValueError) as error:
            raise KeyUnusable("the key file does not open what was sealed for this one") from error
