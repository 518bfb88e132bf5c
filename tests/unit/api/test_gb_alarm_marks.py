"""Marks of alarms on a camera's timeline: of a bounded interval, and of too many it is said."""

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.routes import gb_alarms
from bingjian.inventory.gb28181.service import Gb28181
from tests.signal import SpokenSignal
from tests.unit.api.conftest import Enter
from tests.unit.api.test_gb_devices import API, NVR, alarm, gb, matched, registrar, told

__all__ = ["gb", "matched", "registrar"]  # fixtures


async def marks(client: httpx.AsyncClient, camera: str, start: str, end: str) -> httpx.Response:
    return await client.get(f"{API}/cameras/{camera}/alarms", params={"start": start, "end": end})


async def test_marks_beyond_the_most_are_told_of(
    gb: Gb28181, signal: SpokenSignal, matched: str, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gb_alarms, "MARKS_MAX", 2)
    watcher, span = await enter(Role.WATCHER), ("2026-01-01T03:00:00Z", "2026-01-01T05:00:00Z")
    for count in (2, 3):
        signal.tell("alarm", NVR, **alarm(time=f"2026-01-01T11:59:0{count}"))
        signal.tell("alarm", NVR, **alarm(time="2026-01-01T11:59:59"))
        await told(gb)
        found = (await marks(watcher, matched, *span)).json()
        assert (len(found["items"]), found["more"]) == (2, count > 2)
    assert found["items"][0]["start"] == "2026-01-01T03:58:53Z"  # the oldest is left out


@pytest.mark.parametrize("end", ["2026-01-01T03:00:00Z", "2029-01-01T03:00:00Z"])
async def test_marks_are_asked_for_of_a_bounded_interval(matched: str, enter: Enter, end: str) -> None:
    answer = await marks(await enter(Role.WATCHER), matched, "2026-01-01T03:00:00Z", end)
    assert (answer.status_code, answer.json()["code"]) == (422, "interval_not_accepted")
