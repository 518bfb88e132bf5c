"""The desks of officers and custodians: the inbox by deadline, what may be named, and what is reported."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.procedures.hindered import told_of
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import CARD, ELEVEN, REQUESTS, TEN, TOMORROW, Counter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.test_access_request import moved_to
from tests.unit.api.procedures.test_conduct import police
from tests.unit.api.procedures.test_supervising import at
from tests.unit.retention.shelf import KeepingWorker

API = "/api/v1/requests"
TERM_S = 24 * 3600  # to answer
HOUR = 3600
PARTS = {"start": TEN.isoformat(), "end": ELEVEN.isoformat()}


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up()
    return made


async def got(someone: Desk, path: str, **params: Any) -> Any:
    answer = await someone.client.get(f"{API}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def office(enter: Enter) -> Desk:
    return await desk(enter, Role.WORKGROUP_OFFICE, body="workgroup_office")


# --- the inbox


async def test_the_inbox_has_what_is_to_be_answered_the_most_urgent_first(
    counter: Counter, clock: StillClock
) -> None:
    first = await counter.submitted(is_urgent=True)
    clock.wait(60)
    second = await counter.submitted(cameras=counter.cameras)
    await counter.drafted()
    custodian = await counter.custodian()
    page = await got(custodian, "inbox", limit=1)
    assert [one["id"] for one in page["items"]] == [first]
    told = page["items"][0]
    assert (told["cameras"], told["is_urgent"], told["state"]) == (1, True, "open")
    rest = await got(custodian, "inbox", cursor=page["next"])
    assert [one["id"] for one in rest["items"]] == [second]
    await counter.answer(first, "send_back", missing="补齐")
    assert [one["id"] for one in (await got(custodian, "inbox"))["items"]] == [second]


async def test_the_inbox_keeps_to_the_custodians_area(counter: Counter, database: Database) -> None:
    await moved_to(database, counter.cameras[0], "230102")
    record = await counter.submitted()
    own, other = await counter.custodian(0, "230102"), await counter.custodian(0, "230103")
    assert [one["id"] for one in (await got(own, "inbox"))["items"]] == [record]
    assert (await got(other, "inbox"))["items"] == []


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwiYiJd", "WzEsMl0"])
async def test_a_cursor_of_nobody_is_refused(counter: Counter, cursor: str) -> None:
    answer = await (await counter.custodian()).client.get(f"{API}/inbox", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


async def test_R22_6_of_two_custodians_the_second_is_told_plainly(counter: Counter) -> None:
    record = await counter.seen()
    seen = (await (await counter.custodian()).look(REQUESTS, record))["version"]
    wish = {"version": seen, "expires": TOMORROW.isoformat()}
    path = f"/api/v1/{REQUESTS}/{record}"
    assert (await (await counter.custodian()).client.post(f"{path}/grant", json=wish)).status_code == 200
    late = await (await counter.custodian(1)).client.post(
        f"{path}/refuse", json={"version": seen, "items": []}
    )
    assert (late.status_code, late.json()["code"]) == (409, "stale")


# --- what an officer may name


async def test_R27_3_an_officer_learns_names_of_their_area_and_nothing_else(
    counter: Counter, database: Database
) -> None:
    inside, outside = counter.cameras
    await moved_to(database, inside, "230102")
    await moved_to(database, outside, "230103")
    officer = Desk(await counter.enter(Role.OFFICER, organisation=body_id("health"), areas=("230102",)))
    found = (await got(officer, "cameras"))["items"]
    assert found == [{"id": inside, "name": "东门 0", "division": "230102"}]
    assert (await got(officer, "cameras", q="西"))["items"] == []
    assert (await got(officer, "cameras", division="230103"))["items"] == []


async def test_R27_3_the_strip_says_when_there_are_recordings_of_what_may_be_named(
    counter: Counter, database: Database, worker: KeepingWorker
) -> None:
    inside, outside = counter.cameras
    await moved_to(database, inside, "230102")
    await moved_to(database, outside, "230103")
    at = [(TEN + timedelta(minutes=minute)).isoformat() for minute in (0, 10, 20, 30)]
    worker.spans = [
        {"start": at[0], "end": at[1], "kind": "present"},
        {"start": at[1], "end": at[2], "kind": "present"},
        {
            "start": at[2],
            "end": at[3],
            "kind": "missing",
            "cause": "no_network",
            "detail": "rtsp://192.0.2.1",
        },
    ]
    officer = Desk(await counter.enter(Role.OFFICER, organisation=body_id("health"), areas=("230102",)))
    answer = await officer.client.get(f"{API}/presence", params={"camera": inside, **PARTS})
    assert answer.status_code == 200, answer.text
    (strip,) = answer.json()["items"]
    assert strip["camera"] == inside
    (present,) = strip["present"]  # two files are told as one
    assert datetime.fromisoformat(present["end"]) - TEN == timedelta(minutes=20)
    assert "no_network" not in answer.text
    for camera in (outside, str(uuid4())):
        none = await officer.client.get(f"{API}/presence", params={"camera": [inside, camera], **PARTS})
        assert (none.status_code, none.json()["code"]) == (404, "no_such_camera")


async def test_an_officer_finds_officers_of_their_own_unit_alone(
    counter: Counter, platform: Platform, enter: Enter
) -> None:
    mine, other = body_id("public_security", "230102"), body_id("health")
    people = [("王强", mine, "2301-7", Role.OFFICER), ("王刚", other, "2301-8", Role.OFFICER)]
    people += [("王值班", mine, "2301-9", Role.WATCHER), ("李督察", mine, "2301-10", Role.INSPECTOR)]
    for name, unit, number, role in people:
        row, _ = await platform.people.add_person(
            name, "correct horse battery", frozenset({role}), organisation=unit
        )
        papers = {"certificate_kind": "work_card", "certificate_number": number}
        await platform.people.change(row.id, papers=papers)
    officer = await counter.officer()
    for q in ("王", "强", "２３０１－７", "2301 7"):
        (found,) = (await got(officer, "officers", q=q))["items"]
        assert (found["name"], found["certificate_number"]) == ("王强", "2301-7")
    (found,) = (await got(officer, "officers", q="李"))["items"]  # who inspects may be named as well
    assert found["certificate_number"] == "2301-10"
    assert (await got(officer, "officers", q="301-7"))["items"] == []  # the whole number, or nobody
    nobody = Desk(await enter(Role.OFFICER))
    assert (await got(nobody, "officers", q="王"))["items"] == []
    assert (await officer.client.get(f"{API}/officers", params={"q": ""})).status_code == 422


async def test_R32_1_inspectors_ask_and_look_under_what_they_were_granted(
    counter: Counter, enter: Enter, clock: StillClock
) -> None:
    unit = body_id("public_security", "230102")

    async def signed_in() -> list[Desk]:
        which = ("2301",), ("23",)
        return [Desk(await enter(Role.INSPECTOR, organisation=unit, areas=areas)) for areas in which]

    first, second = await signed_in()
    people = [(await one.client.get("/api/v1/session")).json()["person"]["id"] for one in (first, second)]
    assert codes(await first.open(REQUESTS, **counter.wish())) == ["R32.1"]  # there is no inspection
    period = {"begin": at(clock, HOUR), "until": at(clock, 3 * HOUR), "inspectors": people}
    await (await police(enter)).opened("supervisions", **period)
    clock.wait(HOUR)
    first, second = await signed_in()
    letter = {"kind": "opinion", "title": "函", "holds_base_info": "false", "division": ""}
    given = await first.client.post("/api/v1/documents", params=letter, content="同意\n".encode())
    assert given.status_code == 201, given.text
    assert (await got(first, "cameras"))["items"]
    record = await first.opened(REQUESTS, **counter.wish(purpose="inspection"))
    for which, one in enumerate((first, second)):
        await one.stepped(REQUESTS, record, "name_officer", card=CARD | {"number": f"2301-{which}"})
        await one.stepped(REQUESTS, record, "undertake", officer=which + 1)
    paper = counter.paper() | {"document": given.json()["id"]}
    await first.stepped(REQUESTS, record, "add_paper", paper=paper)
    await first.stepped(REQUESTS, record, "submit")
    for number in (1, 2):
        await counter.see(record, number)
    custodian = await counter.custodian()
    told = await custodian.stepped(REQUESTS, record, "grant", expires=TOMORROW.isoformat())
    wish = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "grant": told["data"]["grant"]}
    for one in (first, second):
        answer = await one.client.post(f"/api/v1/cameras/{counter.cameras[0]}/playback", json=wish)
        assert answer.status_code == 201, answer.text
    clock.wait(2 * HOUR + 1)
    late = await enter(Role.INSPECTOR, organisation=unit, areas=("2301",))
    answer = await late.post(f"/api/v1/cameras/{counter.cameras[0]}/playback", json=wish)
    assert codes(answer) == ["R32.1"]  # a grant makes no inspection longer


# --- art. 31(10)


@pytest.mark.parametrize(("wait", "reported"), [(TERM_S - 1, 0), (TERM_S, 0), (TERM_S + 1, 1)])
async def test_R31_10_what_is_not_answered_in_its_term_is_reported(
    counter: Counter, enter: Enter, platform: Platform, clock: StillClock, wait: int, reported: int
) -> None:
    record = await counter.submitted()
    clock.wait(wait)
    await platform.parts.clockwork.round()
    await platform.parts.clockwork.round()  # again tells nobody twice
    found = (await got(await office(enter), "hindered"))["items"]
    assert [(one["request"], one["why"]) for one in found] == [(record, "reported")] * reported
    for one in found:  # public security keeps this footage: it is not told of its own
        assert one["reported_to"]["id"] == str(body_id("workgroup_office"))
        assert "盗窃" not in str(one)  # whose case it is stays between those who ask and those who answer
    await counter.answer(record, "send_back", missing="补齐")
    assert (await got(await office(enter), "hindered"))["items"] == []


@pytest.mark.parametrize(
    ("keeper", "division", "told"),
    [
        (("public_security", ""), "230102", ("workgroup_office", "")),
        (("public_security", "230102"), "230102", ("workgroup_office", "")),
        (("health", ""), "230102", ("public_security", "230102")),
        (("health", ""), "", ("public_security", "")),
    ],
)
async def test_R31_10_nobody_is_told_of_their_own(
    database: Database, keeper: tuple[str, str], division: str, told: tuple[str, str]
) -> None:
    async with database.read() as session:
        assert await told_of(session, body_id(*keeper), division) == body_id(*told)


@pytest.mark.parametrize(
    ("officers", "items", "is_flagged"), [(2, ["min_two_officers"], True), (2, ["show_credentials"], False)]
)
async def test_R31_10_a_refusal_whose_item_the_record_contradicts_is_flagged(
    counter: Counter, enter: Enter, journal: Journal, officers: int, items: list[str], is_flagged: bool
) -> None:
    record = await counter.submitted(officers)  # nobody has seen the certificates: that item is true
    refused = await counter.answer(record, "refuse", items=items, reason="不符合规定")
    assert refused.status_code == 200, refused.text
    supervisor = await office(enter)
    found = (await got(supervisor, "hindered"))["items"]
    assert [(one["request"], one["why"], one["items"]) for one in found] == (
        [(record, "contradicted", items)] if is_flagged else []
    )
    path = f"{API}/hindered/{record}/looked-into"
    done = await supervisor.client.post(path, json={"note": "已责令重新办理"})
    assert done.status_code == (204 if is_flagged else 404)
    if is_flagged:
        assert (await kinds(journal))[-1] == "inventory.changed"
        told = (await (await counter.officer()).look(REQUESTS, record))["data"]
        assert told["reviewed"] == "已责令重新办理"
        assert (await got(supervisor, "hindered"))["items"] == []
        assert (await supervisor.client.post(path, json={"note": "再次"})).status_code == 404


async def test_R31_10_those_who_hinder_are_not_told_of_it(counter: Counter) -> None:
    for someone in (await counter.custodian(), await counter.officer()):
        answer = await someone.client.get(f"{API}/hindered")
        assert codes(answer) == ["R27.1"]
