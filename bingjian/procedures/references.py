"""Every id that a step brings refers to something that is there, and that the person may know of."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bingjian.access.models import PersonRow
from bingjian.db.areas import is_within
from bingjian.documents.models import DocumentRow
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.organisations import OrganisationRow
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.kinds import Ref
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step

Finder = Callable[[Step, UUID], Awaitable[bool]]


async def has_organisation(step: Step, one: UUID) -> bool:
    return await step.session.get(OrganisationRow, one) is not None


async def has_person(step: Step, one: UUID) -> bool:
    return await step.session.get(PersonRow, one) is not None


async def has_document(step: Step, one: UUID) -> bool:
    row = await step.session.get(DocumentRow, one)
    return row is not None and is_within(row.division, step.actor.areas)


async def has_place(step: Step, one: UUID) -> bool:
    row = await step.session.get(PlaceRow, one)
    return row is not None and is_within(row.division, step.actor.areas)


async def has_part(step: Step, one: UUID) -> bool:
    row = await step.session.get(PartRow, one)
    return row is not None and await has_place(step, row.place)


async def has_camera(step: Step, one: UUID) -> bool:
    row = await step.session.get(CameraFileRow, one)
    return row is not None and is_within(row.division, step.actor.areas)


async def is_protected(step: Step, one: UUID) -> bool:
    """A camera or a whole system: what a notice of art. 19 may be about."""
    return await has_camera(step, one) or await is_there(step, "record:system", one)


FINDERS: dict[str, Finder] = {
    "camera": has_camera,
    "camera_or_system": is_protected,
    "document": has_document,
    "organisation": has_organisation,
    "part": has_part,
    "person": has_person,
    "place": has_place,
}


async def require_there(step: Step, wish: BaseModel) -> None:
    """Raises RefersToNothing, naming the field."""
    for name, to, one in references(wish):
        if not await is_there(step, to, one):
            raise RefersToNothing(name, to.removeprefix("record:"))


async def is_there(step: Step, to: str, one: UUID) -> bool:
    if to.startswith("record:"):
        row = await step.session.get(RecordRow, one)
        kinds = to.removeprefix("record:").split("|")
        return row is not None and row.kind in kinds and is_within(row.division, step.actor.areas)
    return await FINDERS[to](step, one)


def references(model: BaseModel, path: str = "") -> Iterator[tuple[str, str, UUID]]:
    """Field, what it refers to, and the id; of nested models and lists too."""
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        yield from _in(value, _ref_of(info), f"{path}{name}")


def _in(value: Any, ref: Ref | None, path: str) -> Iterator[tuple[str, str, UUID]]:
    if isinstance(value, BaseModel):
        yield from references(value, f"{path}.")
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _in(item, ref, path)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _in(item, ref, path)
    elif isinstance(value, UUID) and ref is not None:
        yield path, ref.to, value


def _ref_of(info: FieldInfo) -> Ref | None:
    """The ``Ref`` in a field's annotation, however deep: of itself, of an optional, of a list's items."""
    for found in info.metadata:
        if isinstance(found, Ref):
            return found
    return _within_annotation(info.annotation)


def _within_annotation(annotation: Any) -> Ref | None:
    for found in getattr(annotation, "__metadata__", ()):
        if isinstance(found, Ref):
            return found
    for inner in getattr(annotation, "__args__", ()):
        if (found := _within_annotation(inner)) is not None:
            return found
    return None
