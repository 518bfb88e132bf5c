"""Looking under a share (art. 20), through the API: its cameras, kinds, purpose and period, and no file."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bingjian.access.decisions import Role
from bingjian.clock import ticks_of
from bingjian.db.session import Database
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import NOON
from tests.unit.api.procedures.office import codes, desk
from tests.unit.api.procedures.sharing import HOUR, REQUESTS, TRANSPORT, Exchange
from tests.unit.api.procedures.test_sharing import set_level
from tests.unit.api.test_grants import ticket
from tests.worker import SpokenWorker

SECOND = timedelta(seconds=1)


@pytest.fixture
async def exchange(enter: Enter) -> Exchange:
    made = Exchange(enter)
    await made.open_up()
    return made


async def test_R20_3_a_department_looks_live_and_back_and_the_register_says_so(
    exchange: Exchange, enter: Enter, journal: Journal, clock: StillClock
) -> None:
    record, grant = await exchange.granted()
    live = ticket(await exchange.look(grant, "live"), clock)
    assert (live.grant, live.expires) == (grant, int((NOON + HOUR).timestamp()))
    back = ticket(await exchange.look(grant, "playback"), clock)
    assert (back.start_90k, back.end_90k, back.exact) == (ticks_of(NOON - HOUR), ticks_of(NOON), True)
    items = (await (await enter(Role.AUDITOR)).get("/api/v1/register")).json()["items"]
    number = (await (await exchange.keeper()).look(REQUESTS, record))["number"]
    for one, kind in zip(items, ("view.playback", "view.live"), strict=True):
        assert (one["kind"], one["grant"], one["grant_kind"], one["grant_number"]) == (
            kind,
            grant,
            "share",
            number,
        )
        assert (one["unit"]["id"], one["destination"]) == (TRANSPORT, "交通指挥中心")
        assert one["purpose"] == "traffic_accident"
    assert {live.entry, back.entry} == {one["sequence"] for one in items}
    assert [one.sequence for one in await journal.read(100) if one.kind == "view.playback"] == [back.entry]


async def test_R20_3_without_a_share_a_department_sees_nothing(exchange: Exchange, journal: Journal) -> None:
    for how in ("live", "playback", "clip"):
        assert (await exchange.look(None, how)).status_code == 403, how
        assert (await kinds(journal))[-1] == "refusal"
    _, grant = await exchange.granted()
    answer = await exchange.look(grant, "live", body="emergency")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_grant")


@pytest.mark.parametrize("how", ["live", "playback"])
@pytest.mark.parametrize(("seconds", "served"), [(3599, True), (3600, True), (3601, False)])
async def test_R20_3_a_share_ends_with_its_last_second(
    exchange: Exchange, clock: StillClock, how: str, seconds: int, served: bool
) -> None:
    _, grant = await exchange.granted()
    clock.wait(seconds)
    answer = await exchange.look(grant, how)
    assert (answer.status_code == 201) is served
    if not served:
        assert codes(answer) == ["R20.3"]
        assert answer.json()["article"] == "20"


@pytest.mark.parametrize(("seconds", "served"), [(59, False), (60, True), (61, True)])
async def test_R20_3_a_share_begins_with_its_first_second(
    exchange: Exchange, clock: StillClock, seconds: int, served: bool
) -> None:
    begin = (NOON + timedelta(seconds=60)).isoformat()
    _, grant = await exchange.granted(begin=begin)
    clock.wait(seconds)
    answer = await exchange.look(grant, "live")
    assert (answer.status_code == 201) is served, answer.text


@pytest.mark.parametrize(
    ("answer", "how", "wish", "refused"),
    [
        ({"kinds": ["live"]}, "playback", {}, ["R20.3"]),
        ({"kinds": ["footage"]}, "live", {}, ["R20.3"]),
        ({}, "live", {"purpose": "duty_watch"}, ["R4.2", "R31.2"]),
        ({}, "live", {"purpose": "traffic_accident"}, []),
    ],
)
async def test_R20_3_out_of_scope_or_for_another_purpose(
    exchange: Exchange, answer: dict[str, Any], how: str, wish: dict[str, Any], refused: list[str]
) -> None:
    _, grant = await exchange.granted(answer)
    told = await exchange.look(grant, how, **wish)
    assert (codes(told) if refused else told.status_code) == (refused or 201)


async def test_R20_3_another_camera_is_not_shared(exchange: Exchange) -> None:
    _, grant = await exchange.granted({"cameras": exchange.cameras[:1]})
    assert codes(await exchange.look(grant, "live", camera=1)) == ["R20.3"]


async def test_R20_3_footage_from_before_the_share_is_cut_off(exchange: Exchange, clock: StillClock) -> None:
    _, grant = await exchange.granted()
    span: dict[str, Any] = {"start": (NOON - 2 * HOUR).isoformat(), "end": NOON.isoformat()}
    assert ticket(await exchange.look(grant, "playback", **span), clock).start_90k == ticks_of(NOON - HOUR)
    span = {"start": (NOON - 2 * HOUR).isoformat(), "end": (NOON - HOUR).isoformat()}
    assert codes(await exchange.look(grant, "playback", **span)) == ["R20.3"]


async def test_R20_3_a_share_never_yields_a_file(exchange: Exchange, journal: Journal) -> None:
    _, grant = await exchange.granted()
    assert "R20.3" in codes(await exchange.look(grant, "clip"))
    assert "copy.download" not in await kinds(journal)


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("level", ["state", "national_security"])
async def test_R6_1_R27_6_a_level_that_was_set_since_stops_every_look(
    exchange: Exchange, database: Database, level: str
) -> None:
    _, grant = await exchange.granted()
    await set_level(database, exchange.cameras[0], level)
    for how in ("live", "playback"):
        assert codes(await exchange.look(grant, how)) == ["R6.1", "R27.6"]
    assert (await exchange.look(grant, "live", camera=1)).status_code == 201


async def test_R20_3_a_share_that_was_revoked_before_it_began_never_begins(
    exchange: Exchange, clock: StillClock
) -> None:
    record, grant = await exchange.granted(begin=(NOON + 60 * SECOND).isoformat())
    await (await exchange.keeper()).stepped(REQUESTS, record, "revoke", reason="误发")
    clock.wait(60)
    assert codes(await exchange.look(grant, "live")) == ["R20.3"]


@pytest.mark.parametrize("step", ["revoke", "give_back"])
async def test_R20_3_a_share_that_was_revoked_opens_nothing_and_workers_are_told_at_once(
    exchange: Exchange, worker: SpokenWorker, step: str
) -> None:
    record, grant = await exchange.granted()
    assert (await exchange.look(grant, "live")).status_code == 201
    who = await (exchange.keeper() if step == "revoke" else exchange.department())
    assert (await who.stepped(REQUESTS, record, step, reason="处置完毕"))["state"] == "ended"
    assert worker.assignments[-1]["revoked_grants"] == [grant]
    assert codes(await exchange.look(grant, "live")) == ["R20.3"]


# --- base information


async def base_info(exchange: Exchange, grant: str) -> Any:
    url = f"/api/v1/grants/{grant}/camera-files/{exchange.cameras[0]}"
    return await (await exchange.department()).client.get(url)


async def test_R20_3_base_information_is_no_part_of_a_share_unless_granted(
    exchange: Exchange, journal: Journal, clock: StillClock
) -> None:
    entry = await exchange.published(kinds=["live", "base_info"])
    record = await (await exchange.department()).opened(REQUESTS, **exchange.wish(entry))
    keeper = await exchange.keeper()
    bare = (await keeper.stepped(REQUESTS, record, "grant"))["data"]["grant"]
    refused = await base_info(exchange, bare)
    assert {"R20.3", "R27.2", "R27.3"} == set(codes(refused))
    other = await (await exchange.department()).opened(REQUESTS, **exchange.wish(entry))
    told = await keeper.stepped(REQUESTS, other, "grant", with_base_info=True)
    answer = await base_info(exchange, told["data"]["grant"])
    assert (answer.status_code, answer.json()["name"]) == (200, "大桥 0")
    assert (await kinds(journal))[-1] == "view.base_info"
    clock.wait(3601)
    assert codes(await base_info(exchange, told["data"]["grant"])) == ["R20.3"]


# --- a department's own page, and copies


async def test_a_department_sees_what_is_shared_with_it_while_it_holds(
    exchange: Exchange, clock: StillClock
) -> None:
    record, grant = await exchange.granted()
    client = (await exchange.department()).client
    (one,) = (await client.get("/api/v1/grants")).json()["items"]
    assert (one["id"], one["kind"], one["request"]) == (grant, "share", record)
    assert [kind["code"] for kind in one["kinds"]] == ["footage", "live"]
    assert datetime.fromisoformat(one["starts"]) == NOON
    other = (await exchange.department("emergency")).client
    assert (await other.get("/api/v1/grants")).json()["items"] == []
    clock.wait(3601)
    client = (await exchange.department()).client
    assert (await client.get("/api/v1/grants")).json()["items"] == []


async def test_R20_3_who_acts_for_the_department_in_another_role_holds_no_share(
    exchange: Exchange, enter: Enter
) -> None:
    _, grant = await exchange.granted()
    other = await desk(enter, Role.REGISTRAR, body="transport")
    url = f"/api/v1/cameras/{exchange.cameras[0]}/live"
    assert codes(await other.client.post(url, json={"grant": grant})) == ["R27.1"]
    assert body_id("transport") == UUID(TRANSPORT)
