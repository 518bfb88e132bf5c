"""What the menu of the web application offers a role, that role may read: the lists of its pages."""

import re
from pathlib import Path

import pytest

from bingjian.access.decisions import Role
from tests.unit.api.conftest import Enter

LAYOUT = Path(__file__).parents[3] / "web" / "src" / "app" / "Layout.tsx"
LISTS = {  # by page, what it asks as it opens
    "/video": ("cameras",),
    "/cameras": ("camera-files", "saved-views"),
    "/streams": ("cameras",),
    "/map": ("divisions",),
    "/places": ("places",),
    "/alarms": ("gb-alarms",),
    "/devices": ("gb-devices", "gb-devices/signal"),
    "/import": ("imports",),
    "/duties": ("duties", "duties/tally"),
    "/procedures": ("procedures",),
    "/overview": ("reports/overview",),
    "/storage": ("storage",),  # what is kept is a tab for those who may list it
    "/people": ("people",),
    "/journal": ("journal/checkpoint",),
    "/register": ("register",),
    "/grants": ("grants",),
    "/catalogue": ("share-catalogue",),
    "/inspection": ("supervisions", "reports/systems", "journal/checkpoint", "duties", "grants"),
    "/requests": (),  # by role; each list is asked by its own test
    "/trials": ("trials",),
    "/regulation": ("regulation",),
}


def menu() -> dict[str, list[Role]]:
    """By page the roles that see it, as the web application's own table says."""
    text = LAYOUT.read_text()
    named = {"EVERYBODY": list(Role)}
    for name, roles in re.findall(r"const ([A-Z_]+) = \[([^\]]*)\];", text):
        named[name] = roles_in(roles)
    entries = re.findall(r'path: "(/\w+)".*?roles: (?:(\w+)|\[([^\]]*)\])', text, re.DOTALL)
    return {path: named[name] if name else roles_in(roles) for path, name, roles in entries}


def roles_in(text: str) -> list[Role]:
    return [Role(name) for name in re.findall(r'"(\w+)"', text)]


def test_every_page_of_the_menu_is_here() -> None:
    assert menu().keys() == LISTS.keys()


@pytest.mark.parametrize("role", Role)
async def test_R27_1_a_role_may_read_what_its_menu_offers(enter: Enter, role: Role) -> None:
    client = await enter(role)
    for page, roles in menu().items():
        for name in LISTS[page] if role in roles else ():
            answer = await client.get(f"/api/v1/{name}")
            if role is Role.INSPECTOR and answer.status_code == 403:
                assert answer.json()["code"] == "R32.1", "who inspects sees what an inspection names"
                continue
            assert answer.status_code == 200, (page, name, answer.text)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSADMIN])
async def test_R27_1_a_role_may_list_the_kinds_that_its_hall_shows(enter: Enter, role: Role) -> None:
    client = await enter(role)
    for kind in (await client.get("/api/v1/procedures")).json()["items"]:
        shown = {
            *kind["readers"],
            *kind["openers"],
            *(one for move in kind["moves"] for one in move["roles"]),
        }
        if role in shown:
            answer = await client.get(f"/api/v1/{kind['path']}")
            if role is Role.INSPECTOR and answer.status_code == 403:
                assert answer.json()["code"] == "R32.1"
                continue
            assert answer.status_code == 200, (kind["path"], answer.text)
