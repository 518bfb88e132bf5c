"""A journal of versions before the log: a chain of lines, which becomes the first records of the log."""

import hashlib
import json
from pathlib import Path
from secrets import token_bytes
from typing import Any

import structlog

from bingjian.db.state import write_private
from bingjian.durable import DISK
from bingjian.journal.canonical import check
from bingjian.journal.errors import JournalBroken
from bingjian.journal.folder import OLD_JOURNAL, RECORDS
from bingjian.journal.record import SALT_BYTES, line_of

GENESIS = "0" * 64  # what the first entry follows
DRAFT = f".{RECORDS}.taken-over"
log = structlog.get_logger()


def take_over(folder: Path) -> None:
    """Begin the records with the old journal's entries, if there is one and no records yet; it stays there.

    Raises:
        JournalBroken: an entry does not match its hash, or one before it is missing.
        OSError.
    """
    old, records = folder / OLD_JOURNAL, folder / RECORDS
    if records.exists() or not old.is_file():
        return
    draft, previous, count = folder / DRAFT, GENESIS, 0
    write_private(draft, b"")
    with old.open("rb") as lines, draft.open("r+b") as file:
        for line in lines:
            if not line.endswith(b"\n"):
                break  # torn: nobody had a receipt for it
            body, previous = _checked(line, count, previous)
            salt = token_bytes(SALT_BYTES)
            file.write(line_of(body["kind"], body["entry"], count, body["at"], salt)[0])
            count += 1
        file.flush()
        DISK.sync_file(file.fileno())
    DISK.replace(draft, records)
    DISK.sync_directory(folder)
    log.info("journal_taken_over", entries=count, kept=str(old))


def _checked(line: bytes, sequence: int, previous: str) -> tuple[dict[str, Any], str]:
    """An old line, and its hash: compact JSON with sorted keys of all its other members."""
    try:
        body = json.loads(line)
        digest = body.pop("hash")
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        whole = digest == hashlib.sha256(text.encode()).hexdigest() and body["sequence"] == sequence
        if not whole or body["previous"] != previous:
            raise ValueError("another entry")
        check(body)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise JournalBroken(
            f"entry {sequence} of the old journal was changed, or one before it is missing"
        ) from error
    return body, digest
