"""People over HTTP: contracts, certificates, separation of duties, what an administrator sees and ends."""

from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.journal.append import Journal
from tests.backend import StillClock
from tests.unit.api.conftest import PASSWORD, Enter
from tests.unit.api.test_account import enrol, sign_in
from tests.worker import SpokenWorker

PEOPLE, SESSION = "/api/v1/people", "/api/v1/session"


async def add(admin: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    wish = {"name": "王芳", "password": PASSWORD, "roles": ["watcher"], **more}
    answer = await admin.post(PEOPLE, json=wish)
    assert answer.status_code == 201, answer.text
    person: dict[str, Any] = answer.json()
    return person


async def id_of(admin: httpx.AsyncClient, name: str) -> str:
    items = (await admin.get(PEOPLE, params={"q": name})).json()["items"]
    return next(str(one["id"]) for one in items if one["name"] == name)


@pytest.mark.parametrize(
    ("home", "status"),
    [
        ("126.6412,45.7567", 201),
        ("-180.0,-90", 201),
        ("", 201),
        *[
            (wrong, 422)
            for wrong in ("126.6", "x,y", "181,45", "126,91", "126.6412,45.7567\n,", "１２,45", ",")
        ],
    ],
)
async def test_where_somebody_lives_is_a_position_or_unknown(enter: Enter, home: str, status: int) -> None:
    admin = await enter(Role.SYSADMIN)
    wish = {"name": "王芳", "roles": ["watcher"], "home": home}
    answer = await admin.post(PEOPLE, json=wish)
    assert answer.status_code == status, answer.text
    if status == 201:
        assert answer.json()["home"] == home
        changed = await admin.patch(f"{PEOPLE}/{answer.json()['id']}", json={"home": ""})
        assert changed.json()["home"] == ""


async def test_a_person_has_a_contract_and_a_certificate(enter: Enter) -> None:
    admin = await enter(Role.SYSADMIN)
    papers = {
        "valid_from": "2026-01-01",
        "contract_ends": "2026-12-31",
        "certificate_kind": "work_card",
        "certificate_number": "哈公 0012",
    }
    person = await add(admin, **papers)
    assert {name: person[name] for name in papers} == papers
    assert person["is_open"] is True
    path = f"{PEOPLE}/{person['id']}"
    answer = await admin.patch(path, json={"contract_ends": "2025-12-31"})
    assert (answer.status_code, answer.json()["code"]) == (422, "contradiction")
    answer = await admin.patch(path, json={"valid_from": None, "contract_ends": "2025-12-31"})
    assert answer.json()["is_open"] is False
    assert answer.json()["certificate_number"] == "哈公 0012"
    assert (await admin.patch(path, json={"contract_ends": None})).json()["is_open"] is True
    assert (await admin.patch(path, json={"certificate_kind": "library"})).status_code == 422
    assert (await admin.patch(path, json={"contract_ends": "9999-12-31"})).status_code == 422


@pytest.mark.parametrize(("seconds", "open_"), [(-1, True), (0, False), (1, False)])
async def test_R25_2_a_contract_that_ends_closes_the_account_at_that_instant(
    enter: Enter, clock: StillClock, seconds: int, open_: bool
) -> None:
    admin = await enter(Role.SYSADMIN)
    await add(admin, contract_ends="2026-01-01")
    client = await enter()
    assert (await sign_in(client, name="王芳")).status_code == 201
    for _ in range(23):
        clock.wait(1800)
        assert (await client.get(SESSION)).status_code == 200
    clock.wait(1800 + seconds)
    assert (await client.get(SESSION)).status_code == (200 if open_ else 401)
    assert (await sign_in(await enter(), name="王芳")).status_code == (201 if open_ else 401)


async def test_R27_4_nobody_changes_their_own_rights(enter: Enter, journal: Journal) -> None:
    admin = await enter(Role.SYSADMIN)
    path = f"{PEOPLE}/{await id_of(admin, 'sysadmin')}"
    for wish in (
        {"roles": ["sysadmin", "watcher"]},
        {"areas": ["230102"]},
        {"contract_ends": "2030-01-01"},
        {"enabled": False},
        {"password": "another good one"},
    ):
        answer = await admin.patch(path, json=wish)
        assert (answer.status_code, answer.json()["code"], answer.json()["article"]) == (403, "R27.4", "27¶1")
        assert (await journal.read(1))[0].entry["code"] == "R27.4"
    assert (await admin.patch(path, json={"language": "en"})).status_code == 200
    assert (await admin.delete(f"{path}/second-factor")).json()["code"] == "R27.4"
    assert (await admin.get(SESSION)).json()["person"]["roles"] == ["sysadmin"]


@pytest.mark.parametrize("roles", [["auditor", "sysadmin"], ["auditor", "custodian"]])
async def test_R27_4_roles_that_one_person_may_not_hold_are_refused_at_every_change(
    enter: Enter, roles: list[str], journal: Journal
) -> None:
    admin = await enter(Role.SYSADMIN)
    answer = await admin.post(PEOPLE, json={"name": "b", "password": PASSWORD, "roles": roles})
    assert (answer.status_code, answer.json()["code"]) == (409, "roles_forbidden")
    assert (answer.json()["article"], bool(answer.json()["remedy"])) == ("27¶1", True)
    assert (await journal.read(1))[0].entry["code"] == "R27.4"
    path = f"{PEOPLE}/{(await add(admin))['id']}"
    assert (await admin.patch(path, json={"roles": roles})).json()["code"] == "roles_forbidden"
    for one in roles:
        assert (await admin.patch(path, json={"roles": [one]})).status_code == 200


@pytest.mark.parametrize("wish", [{"roles": ["auditor"]}, {"enabled": False}, {"areas": ["230102"]}])
async def test_a_change_of_rights_ends_the_sessions_at_once(enter: Enter, wish: dict[str, Any]) -> None:
    admin, watcher = await enter(Role.SYSADMIN), await enter(Role.WATCHER)
    path = f"{PEOPLE}/{await id_of(admin, 'watcher')}"
    assert (await admin.patch(path, json={"language": "en"})).status_code == 200
    assert (await watcher.get(SESSION)).status_code == 200
    assert (await admin.patch(path, json=wish)).status_code == 200
    assert (await watcher.get(SESSION)).status_code == 401


async def test_workers_hear_at_once_whose_rights_have_changed(
    enter: Enter, worker: SpokenWorker, clock: StillClock
) -> None:
    """What the person is watching ends with them, not with the session that it was opened in."""
    admin = await enter(Role.SYSADMIN)
    await enter(Role.WATCHER)
    person = await id_of(admin, "watcher")
    assert (await admin.patch(f"{PEOPLE}/{person}", json={"language": "en"})).status_code == 200
    assert worker.assignments[-1]["changed_people"] == {}
    assert (await admin.patch(f"{PEOPLE}/{person}", json={"enabled": False})).status_code == 200
    assert worker.assignments[-1]["changed_people"] == {person: clock.utc_ns() // 10**9}
    clock.wait(12 * 3600)  # no ticket from before is alive
    console = await enter(bearer="console-token")
    assert (await console.patch(f"{PEOPLE}/{person}", json={"language": "zh"})).status_code == 200
    assert worker.assignments[-1]["changed_people"] == {}


async def test_an_administrator_sees_and_ends_sessions(enter: Enter, journal: Journal) -> None:
    admin, watcher = await enter(Role.SYSADMIN), await enter(Role.WATCHER)
    path = f"{PEOPLE}/{await id_of(admin, 'watcher')}"
    (session,) = (await admin.get(path)).json()["sessions"]
    assert (await admin.delete(f"{path}/sessions/{session['id']}")).status_code == 204
    assert (await watcher.get(SESSION)).status_code == 401
    assert (await journal.read(1))[0].kind == "session.ended"
    assert (await admin.delete(f"{path}/sessions/{session['id']}")).json()["code"] == "no_such_session"


async def test_an_administrator_resets_a_lost_second_factor(
    enter: Enter, clock: StillClock, journal: Journal
) -> None:
    admin, person = await enter(Role.SYSADMIN), await enter(Role.CUSTODIAN)
    await enrol(person, clock)
    path = f"{PEOPLE}/{await id_of(admin, 'custodian')}"
    assert (await admin.get(path)).json()["second_factor"]["enrolled_at"] is not None
    assert (await admin.delete(f"{path}/second-factor")).status_code == 204
    entry = (await journal.read(1))[0]
    assert (entry.kind, entry.entry["act"]) == ("second_factor.changed", "reset")
    assert (await person.get(SESSION)).status_code == 401
    assert (await sign_in(await enter())).status_code == 201
    nobody = "00000000-0000-0000-0000-000000000009"
    assert (await admin.delete(f"{PEOPLE}/{nobody}/second-factor")).json()["code"] == "no_such_person"


async def test_R25_3_training_is_shown_with_the_person(enter: Enter) -> None:
    admin = await enter(Role.SYSADMIN)
    person = (await admin.get(f"{PEOPLE}/{(await add(admin))['id']}")).json()
    assert {one["kind"] for one in person["training"]} == {"job_skills", "secrecy"}
    assert not any(one["is_valid"] for one in person["training"])
    assert "R25.3" in {one["code"] for one in person["untrained"]}
    answer = await admin.get(f"{PEOPLE}/00000000-0000-0000-0000-000000000009")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_person")


async def test_people_are_found_by_a_part_of_their_name(enter: Enter) -> None:
    admin = await enter(Role.SYSADMIN)
    await add(admin)
    await add(admin, name="Wang_Fang")
    found = (await admin.get(PEOPLE, params={"q": "wang_"})).json()["items"]
    assert [one["name"] for one in found] == ["Wang_Fang"]
