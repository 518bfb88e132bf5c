"""What filing, moving and responsibility know of a system: read from its record, in one place."""

from typing import Protocol
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from bingjian.inventory.camera_files import CITY
from bingjian.procedures.models import RecordRow
from bingjian.rules.decisions.filing import Filed

SYSTEM = "system"
GOVERNMENT, CLASS_A = "government", "A"


class KnownSystem(BaseModel):
    """The data of a system, as far as other kinds need them; what it does not say yet is empty."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    investment: str = ""
    is_government_built: bool = False  # in an area of 10¶1
    is_article8: bool = False
    is_key_area: bool = False
    decree_class: str = ""
    organiser: UUID | None = None  # the builder
    user: UUID | None = None
    managing_unit: UUID | None = None
    accepted_at: AwareDatetime | None = None
    in_service_at: AwareDatetime | None = None

    @property
    def is_class_a(self) -> bool:
        return self.decree_class == CLASS_A

    @property
    def must_keep_interface(self) -> bool:
        """Whatever must not be connected (R13.1) keeps an interface (R13.2)."""
        return not (self.is_government_built or self.is_key_area)

    @property
    def filed(self) -> Filed:
        """As filing asks about it."""
        return Filed(
            self.investment == GOVERNMENT,
            self.is_government_built,
            self.is_class_a,
            self.accepted_at,
            self.in_service_at,
        )


def known(system: RecordRow) -> KnownSystem:
    return KnownSystem.model_validate_json(system.data_json)


class OfDivision(Protocol):
    """A record, or an organisation."""

    @property
    def division(self) -> str: ...


def area_of(one: OfDivision) -> str:
    """Code of the division that it is of: of what belongs to none, the city's."""
    return one.division or CITY
