"""A duty as it goes over the wire."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from bingjian.api.schemas_procedures import OwedDutyOut
from bingjian.api.schemas_regulation import WordsOut
from bingjian.duties.models import DutyRow
from bingjian.rules.law import Law


def duty_out(row: DutyRow, now: datetime, names: Mapping[UUID, str], law: Law) -> OwedDutyOut:
    duty = law.duty(row.code)
    return OwedDutyOut.model_validate(
        {
            **{name: getattr(row, name) for name in COPIED},
            "article": str(duty.article),
            "words": WordsOut(zh=duty.text.zh, en=duty.text.en),
            "owner_name": names.get(row.owner) if row.owner is not None else None,
            "state": row.state(now),
        }
    )


COPIED = tuple(
    name for name in OwedDutyOut.model_fields if name not in ("article", "words", "owner_name", "state")
)
