"""Which entries of the journal are signs of an act of art. 31: of intrusion (4), of originals touched (6)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bingjian.access.source import network_of
from bingjian.clock import CHINA
from bingjian.entries import FindingMade, IntrusionSuspected, TicketsRefused
from bingjian.journal.record import Record
from bingjian.procedures.alert import INTRUSION, SIGNS, TAMPERING
from bingjian.rules.decision import Refusal
from bingjian.rules.decisions.tampering import Store, is_untouched
from bingjian.rules.law import Law

TOUCHED = {  # by what the audit found, the code of ``tampering``
    "removed": "deleted",
    "early_deleted": "deleted",
    "altered": "changed",
    "reordered": "changed",
    "inserted": "added",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign in the journal; those of one sign and source are one alert an hour."""

    sign: str
    source: str  # network, peer, or the id of a camera
    at: datetime
    entry: int
    count: int = 1
    act: str = INTRUSION
    person: UUID | None = None
    camera: UUID | None = None
    what: str = ""


def signal_of(law: Law, record: Record) -> Signal | None:
    """The sign that an entry is, if it is one."""
    told = record.entry
    if record.kind == IntrusionSuspected.kind and told["sign"] in SIGNS:
        person = UUID(told["person"]) if told["person"] else None
        return Signal(told["sign"], network_of(told["address"]), record.at, record.sequence, person=person)
    if record.kind == TicketsRefused.kind and told["sign"] in SIGNS:
        return Signal(told["sign"], network_of(told["address"]), record.at, record.sequence, told["count"])
    if record.kind == FindingMade.kind and told["finding"] in TOUCHED:
        return _touched(law, record)
    return None


def from_unknown_device(record: Record) -> Signal:
    """Of a sign-in with such a device."""
    person = record.entry["actor"]
    return Signal("unknown_device", person, record.at, record.sequence, person=UUID(person))


def _touched(law: Law, record: Record) -> Signal | None:
    """Art. 31(6): the audit found originals not as they were recorded."""
    told, kind = record.entry, TOUCHED[record.entry["finding"]]
    start, end = (datetime.fromisoformat(told[at]).astimezone(CHINA) for at in ("start", "end"))
    which = f"{start:%Y-%m-%d %H:%M:%S}–{end:%Y-%m-%d %H:%M:%S}"
    recorded, found = {which: "as recorded"}, {which: "as found"}
    store = Store({} if kind == "added" else recorded, {} if kind == "deleted" else found)
    why = is_untouched(law, store)
    if not isinstance(why, Refusal):
        return None
    return Signal(
        f"footage_{kind}",
        told["camera"],
        record.at,
        record.sequence,
        act=TAMPERING,
        camera=UUID(told["camera"]),
        what=f"{why.reason.zh} / {why.reason.en}",
    )
