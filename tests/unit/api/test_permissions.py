"""Deny by default: every route declares its permission, and every permission is enforced."""

import re

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from bingjian.access.decisions import EVERYBODY, Role, Verb, allowed
from bingjian.api.app import ROUTERS, create_app
from bingjian.api.permissions import Needs, Open, Token, UndeclaredRoute, declared, refuse_undeclared
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.test_access_request import moved_to

SESSION = "/api/v1/session"
OPEN_PATHS = {"/healthz", "/readyz", SESSION, "/api/v1/first-administrator", "/{path:path}"} | {
    f"{SESSION}/provider{below}" for below in ("", "/answer", "/code")
}
# The table; and what binds supervisors: no footage (art. 21), nothing outside an inspection (art. 32).
DOOR = {"R27.1", "R21.1", "R32.1"}
SOME_ID = "00000000-0000-0000-0000-000000000009"


def all_routes() -> list[APIRoute]:
    routes = [route for router in ROUTERS for route in router.routes]
    assert all(isinstance(route, APIRoute) for route in routes)
    return [route for route in routes if isinstance(route, APIRoute)]


def test_every_route_declares_exactly_one_permission() -> None:
    undeclared = [route.path for route in all_routes() if declared(route) is None]
    assert undeclared == []


def test_the_application_has_no_other_routes() -> None:
    served = create_app(None).routes
    assert all(one is declared for one, declared in zip(served, all_routes(), strict=True))


def test_what_is_open_is_a_short_list() -> None:
    assert {route.path for route in all_routes() if isinstance(declared(route), Open)} == OPEN_PATHS


@pytest.mark.parametrize("kind", ["silent", "twice", "starlette", "mount"])
def test_an_application_with_an_undeclared_route_is_not_built(kind: str) -> None:
    router = APIRouter()
    if kind == "silent":
        router.add_api_route("/x", lambda: None)
    elif kind == "twice":
        from fastapi import Depends

        router.add_api_route("/x", lambda: None, dependencies=[Depends(Open("a")), Depends(Token())])
    elif kind == "starlette":
        router.routes.append(Route("/x", lambda request: None))
    else:
        router.routes.append(Mount("/x", routes=[]))
    with pytest.raises(UndeclaredRoute):
        refuse_undeclared(router.routes)


def calls() -> list[tuple[str, str, APIRoute]]:
    return [
        (method, re.sub(r"{\w+}", SOME_ID, route.path), route)
        for route in all_routes()
        if not isinstance(declared(route), Open)
        for method in sorted(route.methods or ())
    ]


async def test_a_stranger_gets_nothing(enter: Enter) -> None:
    client = await enter()
    for method, path, _ in calls():
        answer = await client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), (method, path)


def calls_of(part: str) -> list[tuple[str, str, Needs]]:
    """Routes whose path has this part."""
    found = []
    for route in all_routes():
        permission = declared(route)
        if part in route.path and isinstance(permission, Needs):
            found += [(method, route.path, permission) for method in sorted(route.methods or ())]
    return found


def stays_out(role: Role, permission: Needs) -> bool:
    """By the table; an inspector without an inspection also where the table lets inspectors in."""
    roles = allowed(permission.verb)
    return role not in roles or (role is Role.INSPECTOR and roles != EVERYBODY)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the table asks no database
@pytest.mark.parametrize("role", Role)
async def test_R27_1_each_role_gets_past_the_door_exactly_where_the_table_says(
    enter: Enter, role: Role
) -> None:
    client = await enter(role)
    for method, path, route in calls():
        permission = declared(route)
        if not isinstance(permission, Needs) or path == "/api/v1/session":
            continue
        answer = await client.request(method, path, json={})
        refused = answer.status_code == 403 and answer.json()["code"] in DOOR
        assert refused == stays_out(role, permission), (method, path, answer.text)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the table asks no database
@pytest.mark.parametrize("role", [Role.WATCHER, Role.CUSTODIAN, Role.REGISTRAR, Role.PUBLIC_SECURITY])
async def test_R27_3_what_lies_in_another_area_is_as_if_it_were_not_there(
    enter: Enter, database: Database, journal: Journal, role: Role
) -> None:
    """Every route of a camera: the same answer, and a refusal in the journal for either."""
    wish = {"name": "东门", "url": "rtsp://192.0.2.1/main"}
    camera = (await (await enter(Role.REGISTRAR)).post("/api/v1/cameras", json=wish)).json()["id"]
    await moved_to(database, camera, "230102")
    client = await enter(role, areas=("230103",))
    calls = [call for call in calls_of("{camera}") if call[2].verb is not Verb.COPY]  # wants a grant first
    of_cameras = [call for call in calls if not stays_out(role, call[2])]
    assert of_cameras
    for method, path, _ in of_cameras:
        answers = []
        for which in (camera, SOME_ID):
            answer = await client.request(method, path.replace("{camera}", which), json={})
            problem = {**answer.json(), "instance": ""}
            answers.append((answer.status_code, problem))
            (entry,) = await journal.read(1)
            assert (entry.kind, entry.entry["resource"]) == ("refusal", which), (method, path)
        assert answers[0] == answers[1], (method, path)
        assert answers[0][1]["code"] == "no_such_camera", (method, path)


@pytest.mark.parametrize("noun", ["marks", "holds"])
async def test_R27_3_marks_and_holds_of_another_area_are_not_there(
    enter: Enter, database: Database, noun: str
) -> None:
    wish = {"name": "东门", "url": "rtsp://192.0.2.1/main"}
    camera = (await (await enter(Role.REGISTRAR)).post("/api/v1/cameras", json=wish)).json()["id"]
    await moved_to(database, camera, "230102")
    hour = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T03:00:00Z"}
    body = hour | {"reason": "盗窃案", "article": "《刑事诉讼法》第五十四条"}
    near = await enter(Role.CUSTODIAN, areas=("230102",))
    far = await enter(Role.CUSTODIAN, areas=("230103",))
    made = (await near.post(f"/api/v1/cameras/{camera}/{noun}", json=body)).json()["id"]
    for client, count in ((near, 1), (far, 0)):
        assert len((await client.get(f"/api/v1/{noun}")).json()["items"]) == count
    release = {"json": {"reason": "结案"}}
    answer = await far.post(f"/api/v1/{noun}/{made}/release", **release)
    assert (answer.status_code, answer.json()["code"]) == (404, f"no_such_{noun[:-1]}")
    assert (await near.post(f"/api/v1/{noun}/{made}/release", **release)).status_code == 200
    listed = [(await client.get("/api/v1/cameras")).json()["items"] for client in (near, far)]
    assert [len(items) for items in listed] == [1, 0]
