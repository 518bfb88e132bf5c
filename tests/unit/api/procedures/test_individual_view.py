"""N21 through the API: an individual's consultation shows others masked, or nothing; and never a file."""

from typing import Any
from uuid import UUID

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.imaging.masks import digest_of
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.streaming.ticket import verify
from tests.backend import KEY, StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import ELEVEN, TEN, TOMORROW, Counter
from tests.unit.api.procedures.office import Desk, codes

VIEWS = "individual-views"


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up(1)
    return made


async def clerk(enter: Enter) -> Desk:
    """A custodian who also watches: the door lets their role look."""
    unit = body_id("public_security")
    return Desk(await enter(Role.CUSTODIAN, Role.WATCHER, organisation=unit))


def wish(counter: Counter, **changes: Any) -> dict[str, Any]:
    told = {
        "name": "李女士",
        "identity_proof": "2301…0012",
        "relation": "self",
        "relation_proof": "",
        "interest": "property",
        "has_promised_silence": True,
        "cameras": counter.cameras,
        "begin": TEN.isoformat(),
        "end": ELEVEN.isoformat(),
    }
    return told | changes


async def test_N21_it_is_decided_but_not_shown_while_nothing_is_masked(
    counter: Counter, enter: Enter, journal: Journal
) -> None:
    desk = await clerk(enter)
    record = await desk.opened(VIEWS, **wish(counter))
    told = await desk.stepped(VIEWS, record, "consent", expires=TOMORROW.isoformat())
    assert told["state"] == "granted"
    look = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "grant": told["data"]["grant"]}
    refused = await desk.client.post(f"/api/v1/cameras/{counter.cameras[0]}/playback", json=look)
    assert codes(refused) == ["N21"]
    assert "others made unrecognisable" in refused.text or "他人面部遮挡" in refused.text
    assert (await kinds(journal))[-1] == "refusal"
    copy = look | {"purpose": "individual_protection"}
    refused = await desk.client.post(f"/api/v1/cameras/{counter.cameras[0]}/clip", json=copy)
    assert {"R21.3", "N21"} <= set(codes(refused))


async def test_N21_with_others_masked_it_is_shown_and_no_file_is_given(
    counter: Counter, enter: Enter, platform: Platform, clock: StillClock
) -> None:
    desk = await clerk(enter)
    record = await desk.opened(VIEWS, **wish(counter))
    window = {"polygon": [[0.2, 0.2], [0.6, 0.2], [0.6, 0.8]], "is_window": True}
    told = await desk.stepped(VIEWS, record, "consent", expires=TOMORROW.isoformat(), masks=[window])
    grant = told["data"]["grant"]
    look = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "grant": grant}
    answer = await desk.client.post(f"/api/v1/cameras/{counter.cameras[0]}/playback", json=look)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["masked"], answer.json()["url"][:21]) == (True, "http://127.0.0.1:8809")
    given = verify(answer.json()["url"].split("/")[4], KEY, clock.now_ns / 1e9)
    own = (await platform.parts.grants.masking())[UUID(grant)]
    assert (given.masks, given.unmask) == (digest_of(own.masks), False)
    assert [one.is_window for one in own.masks] == [True]
    bare = await desk.client.post(
        f"/api/v1/cameras/{counter.cameras[0]}/playback", json=look | {"unmask": True}
    )
    assert codes(bare) == ["N21"]
    copy = look | {"purpose": "individual_protection"}
    refused = await desk.client.post(f"/api/v1/cameras/{counter.cameras[0]}/clip", json=copy)
    assert {"R21.3", "N21"} <= set(codes(refused))


async def test_N21_hostile_masks_are_refused(counter: Counter, enter: Enter) -> None:
    desk = await clerk(enter)
    record = await desk.opened(VIEWS, **wish(counter))
    for polygon in ([[0, 0], [1, 1]], [[0, 0], [1, 1], [1, 0], [0, 1]], [[0, 0], [2, 0], [1, 1]]):
        answer = await desk.step(
            VIEWS, record, "consent", expires=TOMORROW.isoformat(), masks=[{"polygon": polygon}]
        )
        assert answer.status_code == 422, polygon


@pytest.mark.parametrize(
    "lacking",
    [
        {"identity_proof": " "},
        {"relation": None},
        {"relation": "guardian"},
        {"interest": None},
        {"has_promised_silence": False},
        {"wants_file": True},
    ],
)
async def test_N21_what_is_missing_bars_it(counter: Counter, enter: Enter, lacking: dict[str, Any]) -> None:
    desk = await clerk(enter)
    record = await desk.opened(VIEWS, **wish(counter, **lacking))
    assert codes(await desk.step(VIEWS, record, "consent", expires=TOMORROW.isoformat())) == ["N21"]
    assert (await desk.stepped(VIEWS, record, "refuse", reason="材料不全"))["state"] == "refused"
