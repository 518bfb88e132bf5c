"""Shorthand for procedures through the API: whoever is needed, signed in for the body they act for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from bingjian.access.decisions import Role
from bingjian.inventory.organisations import body_id
from tests.unit.api.conftest import Enter

API = "/api/v1"


@dataclass
class Desk:
    """One person's desk: opens records and takes steps, always with the version that was read last."""

    client: httpx.AsyncClient

    async def open(self, path: str, **wish: Any) -> httpx.Response:
        return await self.client.post(f"{API}/{path}", json={"title": "试", **wish})

    async def opened(self, path: str, **wish: Any) -> str:
        """The id of a new record."""
        answer = await self.open(path, **wish)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def look(self, path: str, record: str) -> dict[str, Any]:
        answer = await self.client.get(f"{API}/{path}/{record}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def step(self, path: str, record: str, name: str, /, **wish: Any) -> httpx.Response:
        """Take a step on the newest version."""
        seen = await self.client.get(f"{API}/{path}/{record}")
        version = seen.json().get("version", 1)
        return await self.client.post(f"{API}/{path}/{record}/{name}", json={"version": version, **wish})

    async def stepped(self, path: str, record: str, name: str, /, **wish: Any) -> dict[str, Any]:
        answer = await self.step(path, record, name, **wish)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def desk(enter: Enter, *roles: Role, body: str = "", division: str = "", areas: Any = None) -> Desk:
    """A desk of a body that the measures name; of a district's own with its division."""
    organisation: UUID | None = body_id(body, division) if body else None
    more = {"areas": areas} if areas else {}
    return Desk(await enter(*roles, organisation=organisation, **more))


def codes(answer: httpx.Response) -> list[str]:
    """The codes of everything that refuses."""
    problem = answer.json()
    assert answer.status_code == 403, answer.text
    return [one["code"] for one in problem.get("refusals") or [problem]]


def told(answer: httpx.Response) -> dict[str, Any]:
    """What an answer says, apart from its own name."""
    return {name: value for name, value in answer.json().items() if name != "instance"}


def some_document() -> str:
    return str(uuid4())
