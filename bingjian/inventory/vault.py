"""What it takes to reach a camera, encrypted at rest: AES-256-GCM, the key in a file beside the database."""

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


class KeyUnusable(InventoryError):
    """The key file is missing its right length, or does not open what it sealed."""


class Vault:
    """Seals and opens the addresses of one camera at a time; the camera's id is bound in."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise KeyUnusable(f"the key for camera credentials must be {KEY_BYTES} bytes")
        self._cipher = AESGCM(key)

    def seal(self, camera: UUID, main: SourceAddress, sub: SourceAddress | None) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        text = json.dumps({"main": asdict(main), "sub": asdict(sub) if sub else None})
        return FORMAT + nonce + self._cipher.encrypt(nonce, text.encode(), camera.bytes)

    def open(self, camera: UUID, sealed: bytes) -> tuple[SourceAddress, SourceAddress | None]:
        """Raises KeyUnusable: another key, another camera, or changed bytes."""
        nonce = sealed[1 : 1 + NONCE_BYTES]
        try:
            text = self._cipher.decrypt(nonce, sealed[1 + NONCE_BYTES :], camera.bytes)
        except (InvalidTag, ValueError) as error:
            raise KeyUnusable("the key file does not open the cameras' credentials") from error
        both = json.loads(text)
        return SourceAddress(**both["main"]), SourceAddress(**both["sub"]) if both["sub"] else None
