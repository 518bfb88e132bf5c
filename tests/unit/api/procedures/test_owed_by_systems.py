"""What systems owe, found by the nightly round: filings, somebody who answers, qualifications."""

import json
from uuid import UUID, uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.db.session import Database
from bingjian.procedures.system_data import Found, System, UnitUse
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, desk
from tests.unit.api.procedures.setting import instant, put, record

BODY, FIRM = UUID(int=70), UUID(int=71)
FOUND = {
    "is_article8": True, "is_government_built": False, "decree_class": "A", "must_connect": False,
    "is_level_mismatched": False,
}  # fmt: skip


def system_data(*units: UnitUse) -> str:
    """Accepted on 2025-12-20, in use since 2025-12-25; nobody has filed it."""
    made = System.model_validate({
        "investment": "social", "places": [uuid4()], "organiser": BODY, "managing_unit": BODY, "user": BODY,
        "found": Found(**FOUND), "units": units, "accepted_at": "2025-12-20T00:00:00Z",
        "used_at": "2025-12-25T00:00:00Z",
    })  # fmt: skip
    return made.model_dump_json()


@pytest.fixture
async def office(enter: Enter) -> Desk:
    return await desk(enter, Role.WORKGROUP_OFFICE, body="workgroup_office")


async def owed(office: Desk, subject: UUID) -> dict[str, str | None]:
    """By code when it is due, after a round that says the same again."""
    await office.client.post("/api/v1/duties/recompute")
    again = (await office.client.post("/api/v1/duties/recompute")).json()
    assert again == {"opened": 0, "changed": 0, "lapsed": 0}
    found = await office.client.get("/api/v1/duties", params={"subject": str(subject)})
    return {one["code"]: one["due_at"] for one in found.json()["items"]}


async def test_R18_1_N14_R23_1_a_system_in_service_owes_both_filings_and_somebody_who_answers(
    office: Desk, database: Database
) -> None:
    system = record("system", state="in_service", data=system_data())
    await put(database, system)
    found = await owed(office, system.id)
    assert found.keys() == {"R18.1", "N14", "R23.1"}
    assert found["R23.1"] is None
    assert instant(str(found["R18.1"])) < instant(str(found["N14"]))
    answering = record("responsibility", state="settled")
    period = {"unit": str(BODY), "contact": "值班室", "start": "2025-12-25T00:00:00Z", "basis": "owner"}
    answering.subject, answering.data_json = system.id, json.dumps({"periods": [period]})
    await put(database, answering)
    assert (await owed(office, system.id)).keys() == {"R18.1", "N14"}


@pytest.mark.parametrize(
    ("contract_ends", "is_owed"),
    [("2025-12-31", False), ("2026-02-10", False), ("2026-02-11", True)],  # over; with it; after it
)
async def test_R14_3_a_qualification_that_ends_during_a_running_contract_is_owed(
    office: Desk, database: Database, contract_ends: str, is_owed: bool
) -> None:
    held = record("qualification", state="held")
    held.subject, held.data_json = (
        FIRM,
        json.dumps(
            {"covers": ["construction"], "name": "一级", "certificate": "7", "valid_to": "2026-02-10"}
        ),
    )
    use = UnitUse.model_validate(
        {"role": "construction", "organisation": FIRM, "contract_ends": contract_ends}
    )
    await put(database, held, record("system", state="in_service", data=system_data(use)))
    found = await owed(office, held.id)
    assert {code: instant(str(due)) for code, due in found.items()} == (
        {"R14.3": instant("2026-02-11T00:00:00+08:00")} if is_owed else {}
    )
