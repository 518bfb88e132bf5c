"""Cursor paging: a page ends with an opaque text that leads to the next one (key-set, never an offset)."""

import base64
import binascii
import json
import re
from typing import Annotated

from fastapi import Query

PAGE_DEFAULT = 100
PAGE_MAX = 500  # rows; one page then stays below 1 MB

Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
Cursor = Annotated[str | None, Query(max_length=1000)]


class BadCursor(Exception):
    """A cursor that we did not give out."""


def cursor_of(key: list[str] | None) -> str | None:
    """The key of a page's last row as an opaque text; None stays None."""
    if key is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def is_line(part: object) -> bool:
    """Text that a database takes."""
    return isinstance(part, str) and "\0" not in part and not re.search("[\ud800-\udfff]", part)


def key_of(cursor: str | None, length: int) -> list[str] | None:
    """The key in a cursor. Raises BadCursor unless it is ``length`` texts."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor from error
    if not isinstance(key, list) or len(key) != length or not all(map(is_line, key)):
        raise BadCursor
    return key
