"""One entry as it lies in the journal: a line with the record, its salt and the commitment to both.

The log itself holds the commitment alone,

    SHA-256(kind ‖ 0x00 ‖ length of the record, 8 bytes big endian ‖ record as canonical JSON ‖ salt),

so that a proof for one entry tells nobody what its neighbours say, not even to whom can guess it.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from bingjian.entries import Entry
from bingjian.journal.canonical import canonical, written
from bingjian.journal.errors import JournalBroken

SALT_BYTES = 16
_HEAD, _BODY, _SALT, _END = b'{"commitment":"', b'","record":', b',"salt":"', b'"}\n'
COMMITMENT_AT = len(_HEAD)
_RECORD_AT = COMMITMENT_AT + 64 + len(_BODY)
_TAIL_BYTES = len(_SALT) + 2 * SALT_BYTES + len(_END)


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it stands in the journal. ``hash``: its commitment, hexadecimal."""

    sequence: int
    at: datetime
    kind: str
    entry: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What the commitment hides: whoever has it can see that it fits. ``record``: canonical JSON."""

    record: bytes
    salt: bytes

    @property
    def body(self) -> dict[str, Any]:
        """Raises JournalBroken."""
        try:
            body = json.loads(self.record)
            if canonical(body) != self.record or not isinstance(body["kind"], str):
                raise ValueError("another form")
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise JournalBroken("the record cannot be read") from error
        return dict(body)

    def commitment(self, kind: str) -> bytes:
        return commitment(kind, self.record, self.salt)

    def text(self) -> bytes:
        """As JSON: ``{"record": …, "salt": hexadecimal}``."""
        return b'{"record":' + self.record + _SALT + self.salt.hex().encode() + b'"}'

    @classmethod
    def of_text(cls, data: bytes) -> "Opening":
        """The other way. Raises JournalBroken."""
        try:
            both = json.loads(data)
            return cls(canonical(both["record"]), bytes.fromhex(both["salt"]))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise JournalBroken("the opening of the entry cannot be read") from error


def commitment(kind: str, record: bytes, salt: bytes) -> bytes:
    return sha256(kind.encode() + b"\0" + len(record).to_bytes(8) + record + salt).digest()


def values_of(entry: Entry) -> dict[str, Any]:
    """The entry's fields: plain values, so nothing is copied."""
    names = type(entry).__dataclass_fields__  # with ``kind``, which belongs to the class
    return {name: getattr(entry, name) for name in names if name != "kind"}


def line_of(kind: str, values: dict[str, Any], sequence: int, at: str, salt: bytes) -> tuple[bytes, bytes]:
    """The entry's line and its commitment; the values were checked (``canonical.check``)."""
    record = written({"sequence": sequence, "at": at, "kind": kind, "entry": values})
    digest = commitment(kind, record, salt)
    pieces = (_HEAD, digest.hex().encode(), _BODY, record, _SALT, salt.hex().encode(), _END)
    return b"".join(pieces), digest


def opening_of(line: bytes) -> tuple[Opening, bytes]:
    """A line's opening and the commitment it states, neither checked. Raises JournalBroken."""
    record, tail = line[_RECORD_AT:-_TAIL_BYTES], line[-_TAIL_BYTES:]
    stated, salt = line[COMMITMENT_AT : COMMITMENT_AT + 64], tail[len(_SALT) : -len(_END)]
    try:
        opening, digest = Opening(record, bytes.fromhex(salt.decode())), bytes.fromhex(stated.decode())
    except ValueError as error:
        raise JournalBroken("the line cannot be read") from error
    whole = (_HEAD, digest.hex().encode(), _BODY, record, _SALT, opening.salt.hex().encode(), _END)
    if len(opening.salt) != SALT_BYTES or b"".join(whole) != line:
        raise JournalBroken("the line is not as it was written")
    return opening, digest


def checked(line: bytes, sequence: int) -> tuple[dict[str, Any], Opening, bytes]:
    """A line that holds by itself: its record, its opening, its commitment.

    Raises:
        JournalBroken: names the entry; it was changed, or stands in the wrong place.
    """
    try:
        opening, digest = opening_of(line)
        body = opening.body
        if body["sequence"] != sequence or opening.commitment(body["kind"]) != digest:
            raise JournalBroken("another entry")
        datetime.fromisoformat(body["at"])
    except (JournalBroken, ValueError, TypeError, KeyError) as error:
        raise JournalBroken(
            f"entry {sequence} of the journal was changed, or one before it is missing"
        ) from error
    return body, opening, digest


def record_of(line: bytes, sequence: int) -> Record:
    """Raises JournalBroken."""
    body, _, digest = checked(line, sequence)
    return Record(
        body["sequence"], datetime.fromisoformat(body["at"]), body["kind"], body["entry"], digest.hex()
    )
