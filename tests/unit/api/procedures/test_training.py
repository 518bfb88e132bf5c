"""R25.3 and N16 through the API: trainings, vetting, and the posts that hang on them."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.parts import Parts
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk

DAY_S = 86_400
WHOLE = ("job_skills", "secrecy", "vetting")


async def trained(
    office: Desk, person: str, document: str, *what: str, passed: str = "2025-12-31"
) -> list[str]:
    """Confirmed trainings of a person."""
    found = []
    for one in what:
        wish = {"what": one, "passed": passed, "trainer": "市公安局", "certificate": document}
        record = await office.opened("trainings", subject=person, **wish)
        await office.stepped("trainings", record, "confirm")
        found.append(record)
    return found


async def who(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/v1/session")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def strict(
    platform: Platform, database: Database, journal: Journal, clock: StillClock, tmp_path: Path
) -> Platform:
    """The same platform, with BINGJIAN_TRAINING=enforce."""
    return replace(platform, parts=Parts.open(database, journal, clock, tmp_path, None, "enforce"))


def missing(session: dict[str, Any]) -> list[str]:
    return [one["code"] for one in session["untrained"]]


async def test_R25_3_skills_only_are_refused_both_and_vetting_let_in(
    enter: Enter, strict: Platform, document: str, journal: Journal
) -> None:
    watcher = await enter(Role.WATCHER, over=strict)
    office = await desk(enter, Role.REGISTRAR)
    person = (await who(watcher))["person"]["id"]
    await trained(office, person, document, "job_skills")
    refused = await watcher.get("/api/v1/cameras")
    assert codes(refused) == ["R25.3", "N16"]
    assert (await kinds(journal))[-1] == "refusal"
    await trained(office, person, document, "secrecy")
    assert codes(await watcher.get("/api/v1/cameras")) == ["N16"]  # not vetted yet
    await trained(office, person, document, "vetting")
    assert (await watcher.get("/api/v1/cameras")).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 403), (1, 403)])
async def test_R25_3_one_that_ran_out_is_refused(
    enter: Enter, strict: Platform, document: str, clock: StillClock, seconds: int, status: int
) -> None:
    """Passed on 2025-01-02: valid to 24:00 of 2026-01-02; the tests' noon is 2026-01-01."""
    watcher, office = await enter(Role.WATCHER, over=strict), await desk(enter, Role.REGISTRAR)
    person = (await who(watcher))["person"]["id"]
    await trained(office, person, document, "job_skills", "vetting")
    await trained(office, person, document, "secrecy", passed="2025-01-02")
    clock.wait(1.5 * DAY_S + seconds)  # as far as the end, give or take a second
    again = await enter(Role.WATCHER, over=strict)
    assert (await again.get("/api/v1/cameras")).status_code == status


async def test_R25_3_warned_people_work_on_and_are_told(enter: Enter, document: str) -> None:
    watcher = await enter(Role.WATCHER)
    assert (await watcher.get("/api/v1/cameras")).status_code == 200
    told = await who(watcher)
    assert missing(told) == ["R25.3", "R25.3", "N16"]
    await trained(await desk(enter, Role.REGISTRAR), told["person"]["id"], document, *WHOLE)
    assert missing(await who(watcher)) == []
    assert missing(await who(await enter(Role.REGISTRAR))) == []  # not a post of watch or management


async def test_R25_3_nobody_is_locked_out_of_signing_in_and_the_console_stays(
    enter: Enter, strict: Platform
) -> None:
    administrator = await enter(Role.SYSADMIN, over=strict)
    assert codes(await administrator.get("/api/v1/people")) == ["R25.3", "R25.3", "N16"]
    assert (await administrator.get("/api/v1/regulation")).status_code == 200
    assert (await administrator.delete("/api/v1/session")).status_code == 204
    console = await enter(bearer="console-token", over=strict)
    assert (await console.get("/api/v1/people")).status_code == 200


async def test_R25_3_another_role_that_may_is_enough(enter: Enter, strict: Platform) -> None:
    both = await enter(Role.WATCHER, Role.REGISTRAR, over=strict)
    assert (await both.get("/api/v1/cameras")).status_code == 200


async def test_R25_3_nobody_confirms_their_own_training(enter: Enter, document: str) -> None:
    lead = await desk(enter, Role.SHIFT_LEAD)
    me = (await who(lead.client))["person"]["id"]
    wish = {"what": "secrecy", "passed": "2026-01-01", "trainer": "局", "certificate": document}
    record = await lead.opened("trainings", subject=me, **wish)
    assert codes(await lead.step("trainings", record, "confirm")) == ["R25.3"]
    office = await desk(enter, Role.REGISTRAR)
    assert (await office.stepped("trainings", record, "confirm"))["state"] == "passed"


async def test_R25_3_a_training_meets_the_duty_and_the_next_is_owed(enter: Enter, document: str) -> None:
    watcher, office = await enter(Role.WATCHER), await desk(enter, Role.REGISTRAR)
    person = (await who(watcher))["person"]["id"]
    await office.client.post("/api/v1/duties/recompute")
    wish = {"code": "R25.3", "subject": person}
    asked = (await office.client.get("/api/v1/duties", params=wish)).json()["items"]
    assert [one["due_at"] for one in asked] == [None, None]
    (record,) = await trained(office, person, document, "secrecy", passed="2025-12-31")
    found = (await office.client.get("/api/v1/duties", params=wish)).json()["items"]
    assert sorted(one["due_at"] or "" for one in found) == ["", "2026-12-31T16:00:00Z"]
    met = (await office.client.get("/api/v1/duties", params={**wish, "state": "met"})).json()["items"]
    assert [one["evidence"] for one in met] == [record]
    again = await office.client.post("/api/v1/duties/recompute")
    assert again.json() == {"opened": 0, "changed": 0, "lapsed": 0}
    await office.stepped("trainings", record, "revoke", note="证书系伪造")
    asked = (await office.client.get("/api/v1/duties", params=wish)).json()["items"]
    assert [one["due_at"] for one in asked] == [None, None]


@pytest.mark.parametrize(
    ("begins", "ends", "owed"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), 2),
        (None, date(2025, 12, 31), 0),  # it has ended
        (date(2026, 1, 2), None, 0),  # nobody is in the post yet
    ],
)
async def test_R25_3_training_is_owed_while_the_roles_are_held(
    enter: Enter, platform: Platform, begins: date | None, ends: date | None, owed: int
) -> None:
    watcher, office = await enter(Role.WATCHER), await desk(enter, Role.REGISTRAR)
    person = (await who(watcher))["person"]["id"]
    papers = {"valid_from": begins, "contract_ends": ends}
    await platform.people.change(UUID(person), papers=papers)
    await office.client.post("/api/v1/duties/recompute")
    found = await office.client.get("/api/v1/duties", params={"code": "R25.3", "subject": person})
    assert len(found.json()["items"]) == owed


async def test_N16_what_the_law_asks_of_no_post_is_not_recorded(enter: Enter, document: str) -> None:
    office, watcher = await desk(enter, Role.REGISTRAR), await enter(Role.WATCHER)
    person = (await who(watcher))["person"]["id"]
    wish = {"what": "yoga", "passed": "2026-01-01", "trainer": "局", "certificate": document}
    assert (await office.open("trainings", subject=person, **wish)).json()["code"] == "contradiction"
    tomorrow = {**wish, "what": "secrecy", "passed": "2026-01-02"}
    assert (await office.open("trainings", subject=person, **tomorrow)).json()["code"] == "contradiction"
