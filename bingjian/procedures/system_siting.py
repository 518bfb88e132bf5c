"""May these people have a system there: purposes (art. 3), money (art. 5), who builds it (art. 10)."""

from uuid import UUID

from bingjian.inventory.organisations import OrganisationRow
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.inventory.siting import STREET
from bingjian.procedures.step import Step
from bingjian.procedures.system_data import System
from bingjian.procedures.system_facts import funding_of, place_of, rows_of
from bingjian.rules.decision import Case, Grant, Refusal
from bingjian.rules.decisions import building, places, support
from bingjian.rules.decisions.privacy import Part


async def may_be_there(step: Step, data: System) -> Grant | Refusal:
    """Everything that bars this system in these places, whoever asks."""
    case = Case(step.law)
    for purpose in data.purposes or ("",):
        case.join(places.may_serve(step.law, purpose))
    people = await bodies_of(step, data)
    within = await rows_of(step.session, PlaceRow, data.places)
    parts = await rows_of(step.session, PartRow, data.parts)
    for row in within:
        if data.is_voluntary:
            _volunteer(case, data, row, parts, people[data.organiser])
        else:
            scheme = scheme_of(data, row, people)
            case.join(building.may_organise(step.law, place_of(data, row), scheme))
    return case.answer()


async def may_be_designed(step: Step, data: System) -> Grant | Refusal:
    """What must hold before a system leaves "planned" (R5.1 among it)."""
    case = Case(step.law)
    case.join(support.is_funded(step.law, funding_of(data)))
    case.join(await may_be_there(step, data))
    return case.answer()


def _volunteer(
    case: Case, data: System, place: PlaceRow, parts: list[PartRow], organiser: OrganisationRow
) -> None:
    """Each part that is named there, and the street where none is (R10.6)."""
    judged = [row.judged(place.categories) for row in parts if row.place == place.id]
    installer = installer_of(data, place, organiser)
    for part in judged or [Part(STREET, None, place.categories)]:
        camera = building.Voluntary(
            data.voluntary_builder, data.is_around_own_premises, place_of(data, place), installer, part
        )
        case.join(building.may_volunteer(case.law, camera))


async def bodies_of(step: Step, data: System) -> dict[UUID, OrganisationRow]:
    """Who has it built and who maintains it; both are there (``references``)."""
    ids = (data.organiser, data.maintainer or data.organiser)
    return {row.id: row for row in await rows_of(step.session, OrganisationRow, ids)}


def scheme_of(data: System, place: PlaceRow, people: dict[UUID, OrganisationRow]) -> building.Scheme:
    organiser, maintainer = people[data.organiser], people[data.maintainer or data.organiser]
    return building.Scheme(
        installer_of(data, place, organiser),
        installer_of(data, place, maintainer),
        data.budget_level,
        data.asset_class,
    )


def installer_of(data: System, place: PlaceRow, body: OrganisationRow) -> building.Installer:
    """A state organ is government, whoever runs the place is its operator, all others are what they are."""
    kind = body.body
    if body.is_state_organ:
        kind = building.GOVERNMENT
    elif place.operator == body.id:
        kind = building.OPERATOR
    return building.Installer(kind, body.is_public_body, data.has_security_duty, data.need)
