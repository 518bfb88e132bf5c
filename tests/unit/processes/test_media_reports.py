"""What a worker owes the journal of those who look through it, over its control interface."""

import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bingjian.processes.media import Media
from bingjian.streaming.ticket import OPEN_SECONDS, Ticket, sign
from tests.unit.streaming.footage import SECOND, SetClock
from tests.unit.streaming.test_live_ticket import CAMERA, KEY, media_at

CREDENTIAL = {"Authorization": "Bearer " + "c" * 32}
PATH = "/control/reports"


@dataclass
class Reporting:
    media: Media
    clock: SetClock
    web: httpx.AsyncClient

    async def report(self) -> dict[str, Any]:
        told: dict[str, Any] = (await self.web.get(PATH, headers=CREDENTIAL)).json()
        return told

    async def durable(self, noted: int = 0, **openings: Collection[int]) -> None:
        body = {"continued": [], "ended": [], "dismissed": [], "noted": noted}
        body |= {name: list(some) for name, some in openings.items()}
        assert (await self.web.post(PATH, headers=CREDENTIAL, json=body)).status_code == 204

    async def look(self, entry: int, key: bytes = KEY) -> int:
        """Ask for the heartbeat under a ticket; the answer's status."""
        now = self.clock.utc // SECOND
        made = Ticket("playback", str(CAMERA), "main", 0, 0, "p", entry, now + OPEN_SECONDS, now + 3600)
        return (await self.web.post(f"/m/{sign(made, key)}/heartbeat")).status_code


@asynccontextmanager
async def reporting(tmp_path: Path) -> AsyncIterator[Reporting]:
    async with media_at(tmp_path) as (media, clock):
        address = f"http://127.0.0.1:{media.server.port}"
        async with httpx.AsyncClient(base_url=address, trust_env=False) as web:
            yield Reporting(media, clock, web)


async def test_looks_are_told_until_they_are_durable(tmp_path: Path) -> None:
    async with reporting(tmp_path) as worker:
        assert [await worker.look(entry) for entry in (5, 6)] == [204, 204]
        told = await worker.report()
        assert (told["open"], told["due"], told["ended"]) == ([[5, "p"], [6, "p"]], [], [])
        worker.clock.pass_ns(21 * SECOND)
        worker.media.each_second()
        told = await worker.report()
        assert told["open"] == []
        assert [(one["opening"], one["reason"], one["camera"]) for one in told["ended"]] == [
            (5, "closed", str(CAMERA)),
            (6, "closed", str(CAMERA)),
        ]
        await worker.durable(ended=[5])
        assert [one["opening"] for one in (await worker.report())["ended"]] == [6]


async def test_R31_4_forged_and_replayed_tickets_are_counted_by_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bingjian.processes.media_reports.MAX_SOURCES", 2)
    async with reporting(tmp_path) as worker:
        assert [await worker.look(5, b"x" * 32) for _ in range(3)] == [403] * 3
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
            worker.media.reports.note_refused("replayed_ticket", address)
        notes = (await worker.report())["notes"]
        assert [(one["sign"], one["address"], one["count"]) for one in notes] == [
            ("bad_ticket", "127.0.0.1", 3),
            ("replayed_ticket", "192.0.2.1", 1),
            ("replayed_ticket", "", 2),
        ]
        assert (await worker.report())["notes"] == notes
        await worker.durable(noted=notes[1]["number"])
        assert (await worker.report())["notes"] == notes[2:]


async def test_a_step_of_the_clock_is_told(tmp_path: Path) -> None:
    async with reporting(tmp_path) as worker:
        worker.clock.utc -= 3600 * SECOND
        worker.media.each_second()
        (note,) = (await worker.report())["notes"]
        assert (note["kind"], note["step_ms"]) == ("clock_step", -3_600_000)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 10_000,
        json.dumps({"continued": 1, "ended": [], "dismissed": [], "noted": 0}).encode(),
        json.dumps({"continued": ["1"], "ended": [], "dismissed": [], "noted": 0}).encode(),
        json.dumps({"continued": [], "ended": [True], "dismissed": [], "noted": 0}).encode(),
        json.dumps({"continued": [], "ended": [], "dismissed": [], "noted": None}).encode(),
    ],
)
async def test_what_cannot_be_understood_changes_nothing(tmp_path: Path, body: bytes) -> None:
    async with reporting(tmp_path) as worker:
        await worker.look(5)
        assert (await worker.web.post(PATH, headers=CREDENTIAL, content=body)).status_code == 400
        assert (await worker.web.post(PATH, content=body)).status_code == 401
        assert len((await worker.report())["open"]) == 1
