"""Deny by default: every route declares its permission, and every permission is enforced."""

import re

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from bingjian.access.decisions import EVERYBODY, Role, allowed
from bingjian.api.app import ROUTERS, create_app
from bingjian.api.permissions import Needs, Open, Token, UndeclaredRoute, declared, refuse_undeclared
from tests.unit.api.conftest import Enter

OPEN_PATHS = {"/healthz", "/readyz", "/api/v1/session", "/api/v1/first-administrator", "/{path:path}"}
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
    app = create_app(None)
    served = [getattr(route, "original_router", route) for route in app.routes]
    assert served == list(ROUTERS)


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
