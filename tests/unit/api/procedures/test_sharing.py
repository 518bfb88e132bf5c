"""Art. 20 through the API: the catalogue, a department's request, and its answer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.access.grants import GrantRow
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.rules.civil import TICK
from bingjian.rules.decisions.sharing import answer_until
from bingjian.rules.library import holidays, law
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import KEEPER, NOON
from tests.unit.api.procedures.office import API, Desk, codes, desk
from tests.unit.api.procedures.sharing import ENTRIES, HOUR, REQUESTS, UNTIL, Exchange

SECOND = timedelta(seconds=1)
DENIAL = {
    "ground": "statute",
    "citation": "《保守国家秘密法》第十三条",
    "review": "2026-01-02",
    "reason": "涉密",
}


@pytest.fixture
async def exchange(enter: Enter) -> Exchange:
    made = Exchange(enter)
    await made.open_up()
    return made


async def set_level(database: Database, camera: str, level: str) -> None:
    async def work(session: AsyncSession) -> None:
        row = await session.get_one(CameraFileRow, UUID(camera))
        row.secrecy = level

    await database.run(work)


def set_clock(clock: StillClock, at: datetime) -> None:
    clock.now_ns = (at - datetime(1970, 1, 1, tzinfo=UTC)) // TICK * 1000


async def grants(database: Database) -> list[GrantRow]:
    async with database.read() as session:
        return list(await session.scalars(select(GrantRow)))


# --- the catalogue


async def test_R20_1_a_department_that_publishes_is_refused(exchange: Exchange, journal: Journal) -> None:
    department = await exchange.department()
    entry = await department.opened(ENTRIES, **exchange.entry())
    refused = await department.step(ENTRIES, entry, "publish")
    assert codes(refused) == ["R20.1"]
    assert refused.json()["article"] == "20"
    assert (await kinds(journal))[-1] == "refusal"
    assert (await (await exchange.authority()).stepped(ENTRIES, entry, "publish"))["state"] == "published"
    assert codes(await department.step(ENTRIES, entry, "withdraw", reason="x")) == ["R20.1"]
    told = await (await exchange.authority()).stepped(ENTRIES, entry, "withdraw", reason="已停用")
    assert (told["state"], told["data"]["withdrawn"]) == ("withdrawn", "已停用")


async def test_R20_1_the_role_alone_is_not_the_authority(exchange: Exchange, enter: Enter) -> None:
    other = await desk(enter, Role.CITY_DATA_AUTHORITY, body="transport")
    entry = await other.opened(ENTRIES, **exchange.entry())
    assert codes(await other.step(ENTRIES, entry, "publish")) == ["R20.1"]


@pytest.mark.parametrize(
    "lacking", [{"cameras": []}, {"kinds": []}, {"kinds": ["video"]}, {"conditions": " "}]
)
async def test_R20_1_an_entry_names_cameras_kinds_and_conditions(
    exchange: Exchange, lacking: dict[str, Any]
) -> None:
    authority = await exchange.authority()
    entry = await authority.opened(ENTRIES, **exchange.entry(**lacking))
    assert codes(await authority.step(ENTRIES, entry, "publish")) == ["R20.1"]


@pytest.mark.parametrize(
    ("level", "refused"),
    [("none", []), ("trade", []), ("state", ["R6.1", "R27.6"]), ("national_security", ["R6.1", "R27.6"])],
)
async def test_R6_1_R27_6_what_never_leaves_is_not_offered(
    exchange: Exchange, database: Database, level: str, refused: list[str]
) -> None:
    await set_level(database, exchange.cameras[1], level)
    authority = await exchange.authority()
    entry = await authority.opened(ENTRIES, **exchange.entry())
    answer = await authority.step(ENTRIES, entry, "publish")
    assert (codes(answer) if refused else []) == refused


async def test_R20_1_every_entry_has_its_figure_of_use(exchange: Exchange, enter: Enter) -> None:
    unused = await exchange.published(title="广场视频")
    _, grant = await exchange.granted()
    for how in ("live", "playback"):
        assert (await exchange.look(grant, how)).status_code == 201
    assert (await exchange.look(grant, "clip")).status_code == 403
    for role in (Role.CITY_DATA_AUTHORITY, Role.DEPARTMENT_USER, Role.AUDITOR):
        items = (await (await enter(role)).get("/api/v1/share-catalogue")).json()["items"]
        assert {one["title"]: one["uses"] for one in items} == {"广场视频": 0, "跨江桥梁视频": 2}, role
    (one,) = [one for one in items if one["id"] == unused]
    assert [camera["name"] for camera in one["cameras"]] == ["大桥 0", "大桥 1"]
    assert [kind["words"]["zh"] for kind in one["kinds"]] == ["实时画面", "录像"]
    assert (await (await enter(Role.WATCHER)).get("/api/v1/share-catalogue")).status_code == 403
    await (await exchange.authority()).stepped(ENTRIES, unused, "withdraw", reason="已停用")
    items = (await (await enter(Role.AUDITOR)).get("/api/v1/share-catalogue")).json()["items"]
    assert [one["title"] for one in items] == ["跨江桥梁视频"]


async def test_R27_3_a_department_learns_the_names_of_what_is_offered_or_was_asked_for(
    exchange: Exchange, enter: Enter, database: Database
) -> None:
    url = "/api/v1/share-catalogue/cameras"
    first, second = exchange.cameras
    department, other = await exchange.department(), await exchange.department("health")
    assert (await department.client.get(f"{url}/{first}")).json()["code"] == "no_such_camera"
    entry = await exchange.published(cameras=[first])
    for one in (department, other):
        answer = await one.client.get(f"{url}/{first}")
        assert (answer.status_code, answer.json()) == (200, {"id": first, "name": "大桥 0"})
        assert (await one.client.get(f"{url}/{second}")).status_code == 404
    await department.opened(REQUESTS, **exchange.wish(entry))
    await (await exchange.authority()).stepped(ENTRIES, entry, "withdraw", reason="已停用")
    assert (await department.client.get(f"{url}/{first}")).status_code == 200  # its own request names it
    assert (await other.client.get(f"{url}/{first}")).status_code == 404
    await set_level(database, first, "state_secret")
    assert (await department.client.get(f"{url}/{first}")).status_code == 404
    assert (await (await enter(Role.WATCHER)).get(f"{url}/{first}")).status_code == 403


# --- asking


async def test_R20_2_what_the_entry_says_is_asked_for(exchange: Exchange) -> None:
    record = await exchange.asked()
    told = await (await exchange.department()).look(REQUESTS, record)
    assert told["state"] == "asked"
    assert (told["data"]["keeper"], told["data"]["cameras"]) == (KEEPER, exchange.cameras)
    assert told["data"]["kinds"] == ["live", "footage"]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"purpose": "inspection"}, True),
        ({"purpose": "inspection", "ground": "statute", "citation": "《防洪法》第四十三条"}, False),
        ({"purpose": "inspection", "kinds": ["metadata"]}, False),
        ({"purpose": "curiosity"}, True),
        ({"until": UNTIL.isoformat()}, False),
        ({"until": (UNTIL + SECOND).isoformat()}, True),
        ({"begin": (NOON - SECOND).isoformat()}, True),
        ({"earliest": (NOON - 24 * HOUR - SECOND).isoformat()}, True),
        ({"kinds": ["base_info"]}, True),
    ],
)
async def test_R20_2_pictures_for_public_safety_or_on_a_legal_ground_within_the_entry(
    exchange: Exchange, changes: dict[str, Any], refused: bool
) -> None:
    entry = await exchange.published(kinds=["live", "footage", "metadata"])
    department = await exchange.department()
    answer = await department.open(REQUESTS, **exchange.wish(entry, **changes))
    assert (set(codes(answer)) if refused else answer.status_code) == ({"R20.2"} if refused else 201)
    assert len((await department.client.get(f"/api/v1/{REQUESTS}")).json()["items"]) == (0 if refused else 1)


async def test_R20_2_by_cameras_without_an_entry(exchange: Exchange) -> None:
    department = await exchange.department()
    wish = exchange.wish(None, keeper=KEEPER, cameras=exchange.cameras[:1], kinds=["live"])
    assert (await department.open(REQUESTS, **wish)).status_code == 201
    assert (await department.open(REQUESTS, **wish | {"keeper": None})).status_code == 422
    assert codes(await department.open(REQUESTS, **wish | {"kinds": []})) == ["R20.2"]


async def test_an_entry_that_is_not_published_is_not_there(exchange: Exchange) -> None:
    draft = await (await exchange.authority()).opened(ENTRIES, **exchange.entry())
    answer = await (await exchange.department()).open(REQUESTS, **exchange.wish(draft))
    assert (answer.status_code, answer.json()["code"]) == (422, "refers_to_nothing")


async def test_R27_6_a_camera_that_may_not_be_known_is_not_there(
    exchange: Exchange, database: Database
) -> None:
    department = await exchange.department()
    wish = exchange.wish(None, keeper=KEEPER, cameras=exchange.cameras[:1], kinds=["live"])
    await set_level(database, exchange.cameras[0], "state")
    secret = await department.open(REQUESTS, **wish)
    unknown = await department.open(REQUESTS, **wish | {"cameras": [str(UUID(int=9))]})
    assert secret.status_code == unknown.status_code == 422
    assert {**secret.json(), "instance": ""} == {**unknown.json(), "instance": ""}


async def test_R20_2_other_departments_see_no_request_but_those_that_it_is_put_to_do(
    exchange: Exchange, enter: Enter
) -> None:
    """By whom it is asked, by the body that is asked, by the city's roles."""
    entry = await exchange.published(keeper=str(body_id("emergency")))
    record = await (await exchange.department()).opened(REQUESTS, **exchange.wish(entry))

    async def sees(desk: Desk) -> bool:
        listed = [one["id"] for one in (await desk.client.get(f"{API}/{REQUESTS}")).json()["items"]]
        found = await desk.client.get(f"{API}/{REQUESTS}/{record}")
        assert (found.status_code == 200) == (listed == [record])
        if found.status_code == 404:
            nowhere = await desk.client.get(f"{API}/{REQUESTS}/{UUID(int=9)}")
            assert {**found.json(), "instance": ""} == {**nowhere.json(), "instance": ""}
        return listed == [record]

    for body, expected in (("transport", True), ("emergency", True), ("education", False), ("health", False)):
        assert await sees(await exchange.department(body)) is expected, body
    assert await sees(Desk(await enter(Role.DEPARTMENT_USER))) is False  # acts for nobody
    for one in (await exchange.authority(), await exchange.keeper(), Desk(await enter(Role.AUDITOR))):
        assert await sees(one)


async def test_R20_2_a_department_that_is_asked_answers(exchange: Exchange) -> None:
    entry = await exchange.published(keeper=str(body_id("emergency")))
    record = await (await exchange.department()).opened(REQUESTS, **exchange.wish(entry))
    asked = await exchange.department("emergency")
    assert (await asked.stepped(REQUESTS, record, "grant"))["state"] == "granted"


# --- answering


async def test_R20_2_a_denial_without_ground_is_refused_and_the_request_stays_open(
    exchange: Exchange, journal: Journal
) -> None:
    record, keeper = await exchange.asked(), await exchange.keeper()
    for lacking in ("ground", "citation", "review"):
        refused = await keeper.step(
            REQUESTS, record, "deny", **DENIAL | {lacking: None if lacking != "citation" else ""}
        )
        assert codes(refused) == ["R20.2"], lacking
        assert (await kinds(journal))[-1] == "refusal"
    assert (await keeper.look(REQUESTS, record))["state"] == "asked"
    told = await keeper.stepped(REQUESTS, record, "deny", **DENIAL)
    assert told["state"] == "denied"
    assert told["data"]["denied"]["author"].startswith("custodian ")


@pytest.mark.parametrize(
    ("review", "refused"), [("2025-12-31", True), ("2026-01-01", True), ("2026-01-02", False)]
)
async def test_R20_2_the_review_of_a_denial_is_still_to_come_and_owed(
    exchange: Exchange, clock: StillClock, review: str, refused: bool
) -> None:
    record, keeper = await exchange.asked(), await exchange.keeper()
    answer = await keeper.step(REQUESTS, record, "deny", **DENIAL | {"review": review})
    assert answer.status_code == (403 if refused else 200)
    if refused:
        return
    for seconds, state in ((36 * 3600 - 1, "open"), (1, "overdue")):  # until 24:00 of the 2nd of January
        clock.wait(seconds)
        keeper = await exchange.keeper()
        (duty,) = (await keeper.look(REQUESTS, record))["duties"]
        assert (duty["code"], duty["owner"], duty["state"]) == ("R20.2", KEEPER, state)
    assert (await keeper.step(REQUESTS, record, "grant", until=None)).status_code == 403  # its period is over
    await keeper.stepped(REQUESTS, record, "deny", **DENIAL | {"review": "2026-02-02"})
    (duty,) = (await keeper.look(REQUESTS, record))["duties"]
    assert duty["state"] == "open"


@pytest.mark.parametrize("step", ["grant", "deny"])
async def test_R20_2_only_the_body_that_was_asked_or_the_data_authority_answers(
    exchange: Exchange, enter: Enter, step: str
) -> None:
    record = await exchange.asked()
    wish = DENIAL if step == "deny" else {}
    stranger = await exchange.department("emergency")
    assert (await stranger.step(REQUESTS, record, step, **wish)).status_code == 404
    for other in (await exchange.department(), await other_keeper(enter)):
        assert codes(await other.step(REQUESTS, record, step, **wish))[0] == "R20.2"
    authority = await exchange.authority()
    assert (await authority.step(REQUESTS, record, step, **wish)).status_code == 200


async def other_keeper(enter: Enter) -> Desk:
    return await desk(enter, Role.CUSTODIAN, body="transport")


async def test_R20_2_nobody_answers_their_own_request(exchange: Exchange, enter: Enter) -> None:
    entry = await exchange.published()
    both = await desk(enter, Role.DEPARTMENT_USER, Role.CITY_DATA_AUTHORITY, body="city_data_authority")
    record = await both.opened(REQUESTS, **exchange.wish(entry))
    assert "R27.1" in codes(await both.step(REQUESTS, record, "grant"))


@pytest.mark.parametrize("early", [SECOND, TICK])
async def test_R20_2_after_five_working_days_the_data_authority_is_told(
    exchange: Exchange, clock: StillClock, platform: Platform, early: timedelta
) -> None:
    record = await exchange.asked(until=UNTIL.isoformat())
    due = answer_until(law(), NOON, holidays())
    assert due is not None
    set_clock(clock, due - early)
    await platform.parts.clockwork.round()
    authority = await exchange.authority()
    (duty,) = (await authority.look(REQUESTS, record))["duties"]
    assert (duty["owner"], duty["state"]) == (KEEPER, "open")
    set_clock(clock, due)
    for _ in range(2):
        await platform.parts.clockwork.round()
        duties = (await authority.look(REQUESTS, record))["duties"]
        owed = {duty["owner"]: (duty["code"], duty["state"]) for duty in duties}
        told = str(body_id("city_data_authority"))
        assert owed == {KEEPER: ("R20.2", "overdue"), told: ("R20.2", "open")}
    await (await exchange.keeper()).stepped(REQUESTS, record, "grant")
    assert (await authority.look(REQUESTS, record))["duties"] == []


async def test_R20_2_an_answer_in_time_is_told_to_nobody(
    exchange: Exchange, clock: StillClock, platform: Platform
) -> None:
    record = await exchange.asked()
    await (await exchange.keeper()).stepped(REQUESTS, record, "deny", **DENIAL | {"review": "2027-01-01"})
    due = answer_until(law(), NOON, holidays())
    assert due is not None
    set_clock(clock, due)
    await platform.parts.clockwork.round()
    (duty,) = (await (await exchange.authority()).look(REQUESTS, record))["duties"]
    assert duty["owner"] == KEEPER


async def test_R20_3_it_is_granted_as_it_was_asked_for_or_as_less(
    exchange: Exchange, database: Database
) -> None:
    record, keeper = await exchange.asked(), await exchange.keeper()
    wider = (
        {"until": (NOON + HOUR + SECOND).isoformat()},
        {"kinds": ["live", "metadata"]},
        {"with_base_info": True},
        {"until": (NOON).isoformat()},
    )
    for wish in wider[:3]:
        assert codes(await keeper.step(REQUESTS, record, "grant", **wish)) == ["R20.3"], wish
    assert await grants(database) == []
    narrow = {"cameras": exchange.cameras[:1], "kinds": ["live"], "until": (NOON + SECOND).isoformat()}
    told = await keeper.stepped(REQUESTS, record, "grant", **narrow)
    (row,) = await grants(database)
    assert (str(row.id), row.kind, str(row.request)) == (told["data"]["grant"], "share", record)
    assert (row.kinds, row.starts_at, row.expires_at) == ("live", NOON, NOON + SECOND)
    assert (row.holder, row.officers) == (body_id("transport"), frozenset())


async def test_R6_1_R27_6_a_level_that_was_set_since_bars_the_grant(
    exchange: Exchange, database: Database
) -> None:
    record = await exchange.asked()
    await set_level(database, exchange.cameras[0], "state")
    refused = await (await exchange.keeper()).step(REQUESTS, record, "grant")
    assert codes(refused) == ["R6.1", "R27.6"]


@pytest.mark.parametrize(("seconds", "state"), [(3599, "granted"), (3600, "granted"), (3600.000001, "ended")])
async def test_R20_3_the_record_says_that_its_share_has_ended(
    exchange: Exchange, clock: StillClock, seconds: float, state: str
) -> None:
    record, _ = await exchange.granted()
    set_clock(clock, NOON + timedelta(seconds=seconds))
    keeper, url = await exchange.keeper(), f"/api/v1/{REQUESTS}"
    whole = await keeper.look(REQUESTS, record)
    assert whole["state"] == state
    assert [step["name"] for step in whole["steps"]] == (
        ["revoke", "give_back"] if state == "granted" else []
    )
    for asked in ("granted", "ended"):
        items = (await keeper.client.get(url, params={"state": asked})).json()["items"]
        assert [one["state"] for one in items] == ([state] if asked == state else [])
    assert (await keeper.step(REQUESTS, record, "revoke", reason="x")).status_code == (
        200 if state == "granted" else 403
    )


async def test_withdrawn_by_the_department_alone_and_answered_no_more(exchange: Exchange) -> None:
    record = await exchange.asked()
    other = await exchange.department("emergency")
    assert (await other.step(REQUESTS, record, "withdraw", reason="x")).status_code == 404
    department = await exchange.department()
    told = await department.stepped(REQUESTS, record, "withdraw", reason="不再需要")
    assert told["state"] == "withdrawn"
    assert codes(await (await exchange.keeper()).step(REQUESTS, record, "grant")) == ["R20.2"]
    assert (await department.look(REQUESTS, record))["duties"] == []
