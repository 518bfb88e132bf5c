"""What filing, moving and responsibility know of a system: read from its record, in one place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bingjian.inventory.camera_files import CITY
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.procedures.system_data import System
from bingjian.rules.decisions.building import DecreeClass
from bingjian.rules.decisions.filing import Filed
from bingjian.rules.decisions.support import GOVERNMENT

KIND = "system"


class OfDivision(Protocol):
    """A record, or an organisation."""

    @property
    def division(self) -> str: ...


def area_of(one: OfDivision) -> str:
    """Code of the division that it is of: of what belongs to none, the city's."""
    return one.division or CITY


@dataclass(frozen=True, slots=True)
class KnownSystem:
    """A system's record with its data, as they are written or as the step in hand makes them."""

    record: RecordRow
    data: System

    @property
    def is_article8(self) -> bool:
        return self.data.found is not None and self.data.found.is_article8

    @property
    def is_government_built(self) -> bool:
        return self.data.found is not None and self.data.found.is_government_built

    @property
    def is_class_a(self) -> bool:
        return self.data.found is not None and self.data.found.decree_class == DecreeClass.A

    @property
    def must_keep_interface(self) -> bool:
        """Whatever must not be connected (R13.1) keeps an interface (R13.2)."""
        return not (self.data.found is not None and self.data.found.must_connect)

    @property
    def in_service_at(self) -> datetime | None:
        return self.data.used_at

    @property
    def organiser(self) -> UUID:
        return self.data.organiser

    @property
    def user(self) -> UUID | None:
        return self.data.user

    @property
    def managing_unit(self) -> UUID | None:
        return self.data.managing_unit

    @property
    def filed(self) -> Filed:
        """As filing asks about it."""
        return Filed(
            self.data.investment == GOVERNMENT,
            self.is_government_built,
            self.is_class_a,
            self.data.accepted_at,
            self.data.used_at,
        )


def known(record: RecordRow) -> KnownSystem:
    return KnownSystem(record, data_of(record, System))


async def system_about(step: Step) -> KnownSystem:
    """The system that this step's record is about. Raises RefersToNothing."""
    assert step.record.subject is not None  # looked up when the record was opened
    return known(await step.get(KIND, step.record.subject))
