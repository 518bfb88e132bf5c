"""A record's data read without its model, where tens of thousands are read at once."""

import json
from datetime import date
from typing import Any
from uuid import UUID


class Stored(dict[str, Any]):
    """Data as JSON has them, checked when they were written."""

    def date(self, name: str) -> date:
        return date.fromisoformat(self[name])

    def uuid(self, name: str) -> UUID | None:
        return UUID(self[name]) if self.get(name) else None


def stored(text: str) -> Stored:
    return Stored(json.loads(text))
