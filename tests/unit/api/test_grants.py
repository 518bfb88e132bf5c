"""Looking under a grant, through the API: registered first, then exactly what was granted, to the second."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.clock import ticks_of
from bingjian.db.session import Database
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.streaming.ticket import Ticket, verify
from tests.backend import KEY, FailingJournal, StillClock, kinds
from tests.unit.api.conftest import Enter, broken_door
from tests.unit.api.procedures.counter import ELEVEN, NOON, REQUESTS, TEN, TOMORROW, Counter
from tests.unit.api.procedures.office import codes
from tests.unit.api.procedures.test_access_request import moved_to
from tests.worker import SpokenWorker

CAMERAS = "/api/v1/cameras"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up()
    return made


async def look(
    counter: Counter,
    grant: str | None,
    which: int = 0,
    *,
    how: str = "playback",
    camera: int = 0,
    **wish: Any,
) -> httpx.Response:
    told: dict[str, Any] = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "grant": grant}
    if how == "live":
        told = {"grant": grant}
    if how == "clip":
        told |= {"purpose": "criminal_case", "form": "download"}
    client = (await counter.officer(which)).client
    return await client.post(f"{CAMERAS}/{counter.cameras[camera]}/{how}", json=told | wish)


def ticket(answer: httpx.Response, clock: StillClock) -> Ticket:
    assert answer.status_code == 201, answer.text
    return verify(answer.json()["url"].split("/")[4], KEY, clock.now_ns / 1e9)


async def test_R22_8_an_officer_without_a_grant_sees_nothing(counter: Counter, journal: Journal) -> None:
    for how in ("playback", "live", "clip"):
        assert codes(await look(counter, None, how=how)) == ["R22.8"], how
        assert (await kinds(journal))[-1] == "refusal"
    client = (await counter.officer()).client
    camera = f"{CAMERAS}/{counter.cameras[0]}"
    span = {"start": TEN.isoformat(), "end": ELEVEN.isoformat()}
    assert codes(await client.get(f"{camera}/snapshot")) == ["R22.8"]
    assert codes(await client.get(f"{camera}/sprite", params=span)) == ["R22.8"]
    assert "view.playback" not in await kinds(journal)


async def test_R22_4_the_entry_names_the_grant_before_the_ticket(
    counter: Counter, journal: Journal, clock: StillClock
) -> None:
    _, grant = await counter.granted()
    answer = await look(counter, grant)
    given = ticket(answer, clock)
    (entry,) = await journal.read(1)
    assert (given.entry, given.grant, given.exact) == (entry.sequence, grant, True)
    told = entry.entry
    assert (entry.kind, told["grant"], told["purpose"]) == ("view.playback", grant, "criminal_case")
    assert told["destination"] == "道里分局案件查阅室"
    assert told["unit"] == str(body_id("public_security", "230102"))
    assert answer.json()["watermark"].startswith("officer 2301 ")


@pytest.mark.parametrize(("form", "kind"), [("download", "download"), ("fragmented", "clip")])
async def test_a_custodian_makes_the_file_of_a_grant(
    counter: Counter, journal: Journal, clock: StillClock, form: str, kind: str
) -> None:
    _, grant = await counter.granted(verbs=["copy"])
    custodian = await counter.custodian()
    camera = f"{CAMERAS}/{counter.cameras[0]}"
    (offered,) = (await custodian.client.get(f"{camera}/grants")).json()["items"]
    wish = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "purpose": "criminal_case", "form": form}
    answer = await custodian.client.post(f"{camera}/clip", json=wish | {"grant": offered["id"]})
    made = ticket(answer, clock)
    (entry,) = await journal.read(1)
    assert (entry.kind, entry.entry["grant"]) == (f"copy.{kind}", grant)
    assert (made.kind, made.entry, made.grant) == (kind, entry.sequence, grant)
    assert answer.json()["url"].endswith("/%E4%B8%9C%E9%97%A8%200.mp4")
    assert answer.json()["files_url"] == answer.json()["url"].rsplit("/", 1)[0] + "/files.json"
    again = await custodian.client.post(f"{camera}/clip", json=wish | {"grant": grant})
    assert codes(again) == ["R22.8"]  # a copy is made once


async def test_a_custodian_uses_no_grant_to_look_nor_one_of_another_area(
    counter: Counter, database: Database
) -> None:
    _, grant = await counter.granted(verbs=["view", "copy"])
    span = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "grant": grant}
    camera = f"{CAMERAS}/{counter.cameras[0]}"
    looking = await (await counter.custodian()).client.post(f"{camera}/playback", json=span)
    assert (looking.status_code, looking.json()["code"]) == (404, "no_such_grant")
    await moved_to(database, counter.cameras[0], "230102")
    far, near = await counter.custodian(0, "230103"), await counter.custodian(0, "230102")
    offered = [(await one.client.get(f"{camera}/grants")).json()["items"] for one in (near, far)]
    assert [len(items) for items in offered] == [1, 0]
    wish = span | {"purpose": "criminal_case"}
    assert (await far.client.post(f"{camera}/clip", json=wish)).status_code == 404
    assert (await near.client.post(f"{camera}/clip", json=wish)).status_code == 201


async def test_R22_4_without_the_register_nothing_is_served(counter: Counter, platform: Platform) -> None:
    _, grant = await counter.granted()
    book = FailingJournal()
    over = broken_door(platform, book)
    unit = body_id("public_security", "230102")
    client = await counter.enter(Role.OFFICER, organisation=unit, areas=("2301",), over=over)
    wish = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "grant": grant}
    url = f"{CAMERAS}/{counter.cameras[0]}/playback"
    answer = await client.post(url, json=wish)
    assert (answer.status_code, answer.json()["code"]) == (503, "journal_unavailable")
    (asked,) = book.asked
    assert asked.kind == "view.playback"


async def test_R22_4_a_copy_that_was_not_registered_is_not_used_up(
    counter: Counter, platform: Platform, clock: StillClock
) -> None:
    _, grant = await counter.granted(verbs=["copy"])
    over = broken_door(platform, FailingJournal())
    unit = body_id("public_security", "230102")
    client = await counter.enter(Role.OFFICER, organisation=unit, areas=("2301",), over=over)
    span = {"start": TEN.isoformat(), "end": ELEVEN.isoformat()}
    wish = {**span, "grant": grant, "purpose": "criminal_case"}
    answer = await client.post(f"{CAMERAS}/{counter.cameras[0]}/clip", json=wish)
    assert answer.status_code == 503
    assert ticket(await look(counter, grant, how="clip"), clock).kind == "download"


@pytest.mark.parametrize(("before", "after"), [(0, 0), (1, 0), (0, 1), (60, 3600)])
async def test_R22_8_the_interval_is_cut_to_the_grants(
    counter: Counter, clock: StillClock, before: int, after: int
) -> None:
    _, grant = await counter.granted()
    span: dict[str, Any] = {
        "start": (TEN - before * SECOND).isoformat(),
        "end": (ELEVEN + after * SECOND).isoformat(),
    }
    given = ticket(await look(counter, grant, 0, **span), clock)
    assert (given.start_90k, given.end_90k) == (ticks_of(TEN), ticks_of(ELEVEN))


async def test_R22_8_an_interval_outside_is_refused(counter: Counter, journal: Journal) -> None:
    _, grant = await counter.granted()
    span: dict[str, Any] = {"start": ELEVEN.isoformat(), "end": (ELEVEN + SECOND).isoformat()}
    assert codes(await look(counter, grant, 0, **span)) == ["R22.8"]
    assert (await kinds(journal))[-1] == "refusal"


async def test_R22_8_another_camera_is_refused(counter: Counter) -> None:
    _, grant = await counter.granted()
    assert codes(await look(counter, grant, camera=1)) == ["R22.8"]


async def test_R22_8_anothers_grant_is_not_there(counter: Counter) -> None:
    _, grant = await counter.granted()
    for asked, which in ((grant, 2), (str(uuid4()), 0)):
        answer = await look(counter, asked, which)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_grant")
    assert (await look(counter, grant, 1)).status_code == 201


@pytest.mark.parametrize(("seconds", "served"), [(-1, True), (0, True), (1, False)])
async def test_R22_8_a_grant_ends_at_its_instant(
    counter: Counter, clock: StillClock, seconds: int, served: bool
) -> None:
    expires = NOON + timedelta(hours=2)
    _, grant = await counter.granted(expires)
    clock.wait(7200 + seconds)
    answer = await look(counter, grant)
    assert answer.status_code == (201 if served else 403), answer.text
    if served:
        assert datetime.fromisoformat(answer.json()["expires"]) == expires
    else:
        assert codes(answer) == ["R22.8"]


async def test_R22_8_a_ticket_never_outlives_its_grant(counter: Counter, clock: StillClock) -> None:
    expires = NOON + timedelta(minutes=5)
    _, grant = await counter.granted(expires)
    assert ticket(await look(counter, grant), clock).expires == int(expires.timestamp())


@pytest.mark.parametrize(("seconds", "served"), [(-1, False), (0, True), (3599, True), (3600, False)])
async def test_R22_8_live_within_the_interval_alone_and_until_its_end(
    counter: Counter, clock: StillClock, seconds: int, served: bool
) -> None:
    begin, end = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    _, grant = await counter.granted(begin=begin.isoformat(), end=end.isoformat())
    clock.wait(3600 + seconds)
    answer = await look(counter, grant, how="live")
    if served:
        assert ticket(answer, clock).expires == int(end.timestamp())
    else:
        assert codes(answer) == ["R22.8"]


async def test_R21_3_viewing_yields_no_file_and_a_copy_is_no_view(counter: Counter) -> None:
    _, grant = await counter.granted()
    assert set(codes(await look(counter, grant, how="clip"))) == {"R21.3"}
    _, other = await counter.granted(verbs=["copy"])
    assert codes(await look(counter, other)) == ["R21.3"]


async def test_R22_8_a_copy_is_made_once_of_each_camera(counter: Counter, clock: StillClock) -> None:
    _, grant = await counter.granted(verbs=["copy", "retrieve"], cameras=counter.cameras)
    first = ticket(await look(counter, grant, how="clip"), clock)
    assert (first.start_90k, first.end_90k, first.exact) == (ticks_of(TEN), ticks_of(ELEVEN), True)
    assert codes(await look(counter, grant, how="clip")) == ["R22.8"]
    assert codes(await look(counter, grant, 1, how="clip")) == ["R22.8"]
    ticket(await look(counter, grant, how="clip", camera=1), clock)
    for _ in range(2):
        ticket(await look(counter, grant, how="clip", verb="retrieve"), clock)


async def test_R4_2_for_the_purpose_granted_and_no_other(counter: Counter) -> None:
    _, grant = await counter.granted()
    assert codes(await look(counter, grant, purpose="duty_watch")) == ["R4.2", "R31.2"]
    assert (await look(counter, grant, purpose="criminal_case")).status_code == 201


async def test_R25_12_a_copy_without_a_destination_is_refused(counter: Counter) -> None:
    _, grant = await counter.granted(verbs=["copy"], destination=" ")
    assert "R25.12" in codes(await look(counter, grant, how="clip"))


async def test_R22_8_a_grant_of_whole_fragments_is_not_cut(counter: Counter, clock: StillClock) -> None:
    record = await counter.seen()
    wish = {"expires": TOMORROW.isoformat(), "has_whole_edges": True}
    grant = (await counter.answer(record, "grant", **wish)).json()["data"]["grant"]
    assert ticket(await look(counter, grant), clock).exact is False


async def test_R22_8_a_picture_from_before_the_interval_is_not_shown(
    counter: Counter, worker: SpokenWorker
) -> None:
    _, grant = await counter.granted()
    client = (await counter.officer()).client
    url, worker.picture = f"{CAMERAS}/{counter.cameras[0]}/snapshot", b"fmp4"
    for taken, at, status in (
        (TEN, TEN, 200),
        (TEN - SECOND, TEN, 404),
        (ELEVEN - SECOND, ELEVEN - SECOND, 200),
        (ELEVEN - SECOND, ELEVEN, 403),
        (TEN, TEN - SECOND, 403),
    ):
        worker.picture_time = taken.astimezone(UTC).isoformat()
        answer = await client.get(url, params={"at": at.isoformat(), "grant": grant})
        assert answer.status_code == status, (taken, at, answer.text)
        assert ("X-Watermark" in answer.headers) == (status == 200)


@pytest.mark.parametrize("step", ["revoke", "give_back"])
async def test_a_revoked_grant_opens_nothing_and_workers_are_told_at_once(
    counter: Counter, worker: SpokenWorker, step: str
) -> None:
    record, grant = await counter.granted()
    assert (await look(counter, grant)).status_code == 201
    who = await (counter.custodian() if step == "revoke" else counter.officer())
    told = await who.stepped(REQUESTS, record, step, reason="案件已撤销")
    assert told["state"] == "ended"
    assert worker.assignments[-1]["revoked_grants"] == [grant]
    assert codes(await look(counter, grant)) == ["R22.8"]


async def test_workers_hear_no_more_of_a_grant_whose_tickets_have_expired(
    counter: Counter, platform: Platform, clock: StillClock
) -> None:
    record, grant = await counter.granted(NOON + timedelta(hours=1))
    await (await counter.custodian()).stepped(REQUESTS, record, "revoke", reason="x")
    assert await platform.parts.grants.revoked() == {UUID(grant)}
    clock.wait(3601)
    assert await platform.parts.grants.revoked() == frozenset()
