"""Signed notes: a text and one or more signatures under it (C2SP signed-note), with Ed25519 keys.

A note comes from anybody. Everything here that reads one raises NoteBroken and nothing else.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01  # signature types
COSIGNATURE = 0x04  # timestamped Ed25519 (C2SP tlog-cosignature)
KEY_ID_BYTES = 4
KEY_BYTES = 32  # of an Ed25519 key, either half
SIGNATURE_BYTES = 64
SIGNATURES_MAX = 64  # the specification asks for at least 16
NOTE_BYTES_MAX = 64 * 1024  # a checkpoint with 64 signatures has about 10 KiB
DASH = "— "  # U+2014: how a signature line begins
_PRIVATE = "PRIVATE+KEY+"


class NoteBroken(Exception):
    """Not a signed note, or not signed by whom it should be; carries one plain sentence."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note. ``data``: what the key's algorithm made, without the key id."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        return f"{DASH}{self.name} {base64.b64encode(self.key_id + self.data).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """``text`` ends with a newline."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(one.line for one in self.signatures)


def parse(data: bytes) -> Note:
    """The note in these bytes, its signatures not yet looked at.

    Raises:
        NoteBroken: it is no note, too long, or has control characters in it.
    """
    if len(data) > NOTE_BYTES_MAX:
        raise NoteBroken("the note is too long")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteBroken("the note is not UTF-8") from error
    if any(character < " " and character != "\n" for character in whole):
        raise NoteBroken("the note has control characters in it")
    text, blank, below = whole.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise NoteBroken("the note has no signatures")
    lines = below.removesuffix("\n").split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise NoteBroken("the note has too many signatures")
    return Note(text + "\n", tuple(signature_of(line) for line in lines))


def signature_of(line: str) -> Signature:
    """A signature line, without its newline. Raises NoteBroken."""
    name, blank, encoded = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not blank or not is_name(name):
        raise NoteBroken("a line under the note is no signature")
    data = from_base64(encoded)
    if len(data) <= KEY_ID_BYTES:
        raise NoteBroken("a signature is too short")
    return Signature(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def from_base64(text: str) -> bytes:
    """RFC 4648 §4, exactly one way to write each value. Raises NoteBroken."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteBroken("this is not base64") from error
    if base64.b64encode(data).decode() != text:  # bits behind the end
        raise NoteBroken("this is not base64")
    return data


def is_name(name: str) -> bool:
    """May this be a key's name: something, without plus, spaces, control characters and half characters."""
    return bool(name) and not any(
        one in "+" or one.isspace() or one < " " or "\ud800" <= one <= "\udfff" for one in name
    )


def key_id(name: str, kind: int, key: bytes) -> bytes:
    return sha256(f"{name}\n".encode() + bytes([kind]) + key).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that is trusted, with its name. ``kind``: ED25519 or COSIGNATURE."""

    name: str
    kind: int
    key: bytes

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """``<name>+<key id>+<base64 of type and key>``. Raises NoteBroken."""
        name, _, rest = text.strip().partition("+")
        given_id, _, encoded = rest.partition("+")
        data = from_base64(encoded)
        if not is_name(name) or len(data) != 1 + KEY_BYTES or data[0] not in (ED25519, COSIGNATURE):
            raise NoteBroken("this is not an Ed25519 verifier key")
        found = cls(name, data[0], data[1:])
        if found.key_id.hex() != given_id:
            raise NoteBroken("the verifier key does not match its id")
        return found

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.kind]) + self.key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, self.kind, self.key)

    def made(self, signature: Signature) -> bool:
        """Whether the signature says it is this key's."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether these 64 bytes are this key's signature of the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def verify(note: Note, verifiers: Sequence[Verifier]) -> list[Verifier]:
    """Who of these plain Ed25519 keys signed the note: at least one. Unknown keys are passed over.

    Raises:
        NoteBroken: a signature of one of them does not hold, or there is none.
    """
    found = []
    for signature in note.signatures:
        for one in verifiers:
            if one.kind == ED25519 and one.made(signature):
                if not one.holds(note.text.encode(), signature.data):
                    raise NoteBroken(f"the signature of {one.name} does not hold")
                found.append(one)
    if not found:
        raise NoteBroken("the note is not signed by a known key")
    return found


class Signer:
    """A private key with its name."""

    def __init__(self, name: str, key: bytes) -> None:
        """``key``: the 32 bytes of RFC 8032. Raises NoteBroken for a name that cannot be one."""
        if not is_name(name) or len(key) != KEY_BYTES:
            raise NoteBroken("this is not a name and an Ed25519 key")
        self.name = name
        self._seed = key
        self._key = Ed25519PrivateKey.from_private_bytes(key)

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """``PRIVATE+KEY+<name>+<key id>+<base64 of type and key>``, as Go's note package writes it."""
        head, _, rest = text.strip().removeprefix(_PRIVATE).partition("+")
        given_id, _, encoded = rest.partition("+")
        data = from_base64(encoded)
        if not text.startswith(_PRIVATE) or len(data) != 1 + KEY_BYTES or data[0] != ED25519:
            raise NoteBroken("this is not an Ed25519 signer key")
        found = cls(head, data[1:])
        if found.verifier().key_id.hex() != given_id:
            raise NoteBroken("the signer key does not match its id")
        return found

    def private_text(self) -> str:
        """The whole key as text, for a file that nobody else may read."""
        encoded = base64.b64encode(bytes([ED25519]) + self._seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier().key_id.hex()}+{encoded}"

    def verifier(self, kind: int = ED25519) -> Verifier:
        return Verifier(self.name, kind, self._key.public_key().public_bytes_raw())

    def raw(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def sign(self, text: str) -> Note:
        """A note with our signature. ``text`` ends with a newline and has no control characters."""
        mine = Signature(self.name, self.verifier().key_id, self.raw(text.encode()))
        return Note(text, (mine,))
