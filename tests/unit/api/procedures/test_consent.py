"""The consent of a neighbour with secrets (N10), through the API and as siting is told of it."""

from typing import Any
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
from tests.unit.api.test_imports import faults, judged
from tests.unit.api.test_places import added
from tests.unit.inventory.sheets import HEADER, camera, xlsx

FILES = "/api/v1/camera-files"

ZONE = "[[126.60,45.75],[126.61,45.75],[126.61,45.76],[126.60,45.76]]"


async def registrar(enter: Enter) -> Desk:
    return await desk(enter, Role.REGISTRAR, body="public_security", division=DAOLI)


async def refused_by(field: Field, system: UUID) -> list[str]:
    """What siting says of the neighbours of a camera of this system that stands in the zone."""
    async with field.database.read() as session:
        consents = await consents_of(session, field.now)
        siting = await Siting.load(session)
    standing = Standing(DAOLI, 126.605, 45.755, system=system).with_consents(consents)
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


async def zone_of(who: Desk) -> str:
    """A neighbour with secrets around the spot where ``standing`` stands."""
    outline = [[126.549, 45.739], [126.551, 45.739], [126.551, 45.741], [126.549, 45.741]]
    return str((await added(who.client, is_secret_neighbour=True, outline=outline))["id"])


def standing(system: UUID) -> dict[str, Any]:
    return {"division": DAOLI, "longitude": 126.55, "latitude": 45.74, "system": str(system)}


async def refused_both_ways(who: Desk, system: UUID) -> list[str]:
    """What the siting query refuses a camera of this system; its file is refused the same."""
    asked = standing(system) | {"purposes": ["public_safety"], "necessity_note": "看护", "has_sign": True}
    answer = await who.client.post("/api/v1/siting-queries", json=asked)
    kept = standing(system) | {"name": "友谊路", "fields": {"purpose": "public_safety"}}
    filed = await who.client.post(FILES, json=kept)
    assert (answer.status_code, filed.status_code) in ((200, 201), (403, 403)), (answer.text, filed.text)
    found = [] if answer.status_code == 200 else codes(answer)
    assert filed.status_code == 201 or codes(filed) == found
    return found


@pytest.mark.parametrize("is_for_all", [True, False])
async def test_N10_a_registered_consent_is_found_by_itself(
    enter: Enter, field: Field, document: str, is_for_all: bool
) -> None:
    system, other, who = await field.system(), await field.system(), await registrar(enter)
    zone = await zone_of(who)
    assert await refused_both_ways(who, system) == ["N10"]
    about = {} if is_for_all else {"system": str(system)}
    consent = await who.opened("consents", subject=zone, division=DAOLI, **about)
    assert await refused_both_ways(who, system) == ["N10"], "asked is not consented"
    given = {"document": document, "consented_at": field.now.isoformat()}
    await who.stepped("consents", consent, "give", **given)
    assert await refused_both_ways(who, system) == []
    assert await refused_both_ways(who, other) == ([] if is_for_all else ["N10"])
    await who.stepped("consents", consent, "withdraw", note="来函撤回")
    assert await refused_both_ways(who, system) == ["N10"]


@pytest.mark.parametrize(
    ("at", "may"),
    [("2026-03-01 09:59:59", False), ("2026-03-01 10:00:00", True), ("2026-03-01 10:00:01", True)],
)
async def test_N10_a_registered_consent_counts_from_its_instant_on(
    enter: Enter, field: Field, clock: StillClock, document: str, at: str, may: bool
) -> None:
    set_clock(clock, "2026-03-01 10:00:00")
    system, who = await field.system(), await registrar(enter)
    consent = await who.opened("consents", subject=await zone_of(who))
    given = {"document": document, "consented_at": field.now.isoformat()}
    await who.stepped("consents", consent, "give", **given)
    set_clock(clock, at)  # a clock that jumped back does not see what is still to come
    assert await refused_both_ways(who, system) == ([] if may else ["N10"])


async def test_N10_a_row_of_a_sheet_is_judged_with_the_consents_of_its_system(
    enter: Enter, field: Field, document: str
) -> None:
    system, other, who = await field.system(), await field.system(), await registrar(enter)
    consent = await who.opened("consents", subject=await zone_of(who), system=str(system))
    given = {"document": document, "consented_at": field.now.isoformat()}
    await who.stepped("consents", consent, "give", **given)
    rows = [
        [*camera(number, 经度=126.55, 纬度=45.74), str(one), "public_safety"]
        for number, one in enumerate((system, other))
    ]
    sheet = xlsx(rows, [*HEADER, "所属系统", "用途"])
    one = await judged(who.client, field.parts.imports, sheet)
    assert await faults(who.client, one) == [(3, "", "N10")]


async def test_N10_a_camera_goes_to_another_system_only_with_a_consent_for_that(
    enter: Enter, field: Field, document: str
) -> None:
    system, other, who = await field.system(), await field.system(), await registrar(enter)
    consent = await who.opened("consents", subject=await zone_of(who), system=str(system))
    given = {"document": document, "consented_at": field.now.isoformat()}
    await who.stepped("consents", consent, "give", **given)
    kept = standing(system) | {"name": "友谊路", "fields": {"purpose": "public_safety"}}
    file = (await who.client.post(FILES, json=kept)).json()
    moved = {"version": 1, "system": str(other)}
    assert codes(await who.client.patch(f"{FILES}/{file['id']}", json=moved)) == ["N10"]
