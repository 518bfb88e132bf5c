"""Passwords: argon2id (RFC 9106) in a thread, at most two at a time, because each takes 64 MiB and a core."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_MIN = 10  # characters, for passwords that people choose
AT_ONCE = 2
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0, 1: read aloud and typed by hand
GROUPS, GROUP_LENGTH = 4, 5  # 20 characters of 32: 100 bits


class Hasher:
    """Slow on purpose, off the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # the library's defaults are RFC 9106's second choice
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    async def hash(self, password: str) -> str:
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password. None, for a person who isn't there, takes as long and never fits."""
        async with self._gate:
            return await asyncio.to_thread(self._verify, password_hash or self._nobody, password)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def generate() -> str:
    """A random password: "k3n9w-…", four groups of five."""
    return random_groups(GROUPS, GROUP_LENGTH)


def random_groups(groups: int, length: int) -> str:
    """Random characters that can be read aloud, five bits each, in groups."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(length)) for _ in range(groups))
