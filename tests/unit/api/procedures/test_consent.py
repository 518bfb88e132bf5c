"""The consent of a neighbour with secrets (N10), through the API and as siting is told of it."""

from uuid import UUID, uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.inventory.siting import Siting, Standing
from bingjian.procedures.consent import consents_of
from bingjian.rules.decision import all_of
from bingjian.rules.decisions.places import have_consented
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.field import DAOLI, NANGANG, Field, instant, set_clock
from tests.unit.api.procedures.office import Desk, codes, desk, told

ZONE = "[[126.60,45.75],[126.61,45.75],[126.61,45.76],[126.60,45.76]]"


async def registrar(enter: Enter) -> Desk:
    return await desk(enter, Role.REGISTRAR, body="public_security", division=DAOLI)


async def refused_by(field: Field, system: UUID) -> list[str]:
    """What siting says of the neighbours of a camera of this system that stands in the zone."""
    async with field.database.read() as session:
        consents = await consents_of(session, system, field.now)
        siting = await Siting.load(session)
    standing = Standing(DAOLI, 126.605, 45.755, consents=consents)
    answer = have_consented(law(), siting.neighbours(standing), field.now)
    return [one.code for one in all_of(answer)]


async def test_N10_the_neighbour_consents_before_and_for_this_system(
    enter: Enter, field: Field, document: str
) -> None:
    zone = await field.place(outline_json=ZONE)
    system = await field.system()
    who = await registrar(enter)
    assert await refused_by(field, system) == ["N10"]
    consent = await who.opened("consents", subject=str(zone), system=str(system), division=DAOLI)
    assert await refused_by(field, system) == ["N10"]
    given = {"document": document, "consented_at": field.now.isoformat()}
    await who.stepped("consents", consent, "give", **given)
    assert await refused_by(field, system) == []
    assert await refused_by(field, uuid4()) == ["N10"]
    await who.stepped("consents", consent, "withdraw", note="来函撤回")
    assert await refused_by(field, system) == ["N10"]


@pytest.mark.parametrize(
    ("at", "may"),
    [("2026-03-01 09:59:59", True), ("2026-03-01 10:00:00", True), ("2026-03-01 10:00:01", False)],
)
async def test_N10_a_consent_of_a_time_to_come_is_none(
    enter: Enter, field: Field, clock: StillClock, document: str, at: str, may: bool
) -> None:
    set_clock(clock, "2026-03-01 10:00:00")
    zone, who = await field.place(), await registrar(enter)
    consent = await who.opened("consents", subject=str(zone))
    given = {"document": document, "consented_at": instant(at).isoformat()}
    answer = await who.step("consents", consent, "give", **given)
    assert answer.status_code == (200 if may else 403)
    assert may or codes(answer) == ["N10"]


async def test_N10_a_consent_without_its_letter_is_none(enter: Enter, field: Field) -> None:
    zone, who = await field.place(), await registrar(enter)
    consent = await who.opened("consents", subject=str(zone))
    given = {"consented_at": field.now.isoformat()}
    assert codes(await who.step("consents", consent, "give", **given)) == ["N10"]
    await who.stepped("consents", consent, "decline", note="不同意")
    assert codes(await who.step("consents", consent, "withdraw", note="撤回")) == ["N10"]


async def test_a_place_outside_the_areas_is_one_that_is_not_there(enter: Enter, field: Field) -> None:
    zone = await field.place()
    narrow = await desk(enter, Role.REGISTRAR, body="public_security", division=NANGANG, areas=(NANGANG,))
    outside = await narrow.open("consents", subject=str(zone))
    nowhere = await narrow.open("consents", subject=str(uuid4()))
    assert (outside.status_code, told(outside)) == (422, told(nowhere))
