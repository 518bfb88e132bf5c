"""Recording is interrupted only with reason, order and end, and goes on by itself."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from bingjian.clock import utc_now
from bingjian.inventory.errors import NoSuchCamera
from bingjian.journal.append import Journal
from bingjian.retention.errors import AlreadyPaused, NotPaused
from bingjian.retention.models import JOB
from bingjian.retention.service import Retention
from bingjian.rules.decision import Refused
from tests.backend import StillClock, kinds
from tests.unit.retention.conftest import ME, YOU
from tests.unit.retention.times import SECOND, at

NOON = at("2026-01-01 12:00")
UNTIL = NOON + timedelta(hours=2)


@pytest.mark.parametrize(
    ("reason", "order", "until"),
    [("", "工单 5", UNTIL), ("检修", "", UNTIL), ("检修", "工单 5", None), ("检修", "工单 5", NOON)],
)
async def test_R31_7_a_pause_needs_reason_order_and_end(
    retention: Retention, camera: UUID, journal: Journal, reason: str, order: str, until: object
) -> None:
    with pytest.raises(Refused) as refused:
        await retention.pauses.begin(camera, reason, order, until, ME)  # type: ignore[arg-type]
    assert (refused.value.refusal.code, str(refused.value.refusal.article)) == ("R31.7", "31(7)")
    assert (await kinds(journal))[-1] == "refusal"
    assert await retention.pauses.in_force(NOON) == {}


async def test_R31_7_a_pause_ends_by_itself(
    retention: Retention, camera: UUID, clock: StillClock, journal: Journal
) -> None:
    row = await retention.pauses.begin(camera, "检修", "工单 5", UNTIL, ME)
    assert list(await retention.pauses.in_force(UNTIL - SECOND)) == [camera]
    assert await retention.pauses.in_force(UNTIL) == {}
    with pytest.raises(AlreadyPaused):
        await retention.pauses.begin(camera, "检修", "工单 6", UNTIL, YOU)
    clock.wait(2 * 3600 - 1)
    assert await retention.pauses.settle() == []
    clock.wait(1)
    assert await retention.pauses.settle() == [camera]
    assert await retention.pauses.settle() == []
    (ended,) = await journal.read(1)
    assert ended.entry == {"actor": str(JOB), "pause": str(row.id), "camera": str(camera)}
    with pytest.raises(NotPaused):
        await retention.pauses.end(camera, ME)
    await retention.pauses.begin(camera, "检修", "工单 6", UNTIL + timedelta(hours=1), YOU)


async def test_a_pause_can_be_ended_before(
    retention: Retention, camera: UUID, clock: StillClock, journal: Journal
) -> None:
    await retention.pauses.begin(camera, "检修", "工单 5", UNTIL, ME)
    clock.wait(60)
    await retention.pauses.end(camera, YOU)
    assert await retention.pauses.in_force(utc_now(clock)) == {}
    assert await kinds(journal) == ["camera.added", "recording.paused", "recording.pause_ended"]
    clock.wait(3 * 3600)
    assert await retention.pauses.settle() == []
    with pytest.raises(NoSuchCamera):
        await retention.pauses.begin(uuid4(), "检修", "工单 5", UNTIL + timedelta(days=1), ME)
