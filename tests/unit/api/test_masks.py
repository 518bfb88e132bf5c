"""Privacy masks over the API (R6.2): kept by the registrar, each change in the journal, areas respected."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.access.masking import Masking
from bingjian.api.platform import Platform
from bingjian.clock import ticks_of
from bingjian.imaging.masks import MASKS_MAX, SHOWN_BEFORE_90K, Mask, applied, digest_of
from bingjian.inventory.errors import RenditionsFull
from bingjian.inventory.models import CameraWish
from bingjian.inventory.renditions import standing_of
from bingjian.journal.append import Journal
from bingjian.streaming.ticket import Ticket, verify
from tests.backend import KEY, StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import ELEVEN, REQUESTS, TEN, TOMORROW, Counter
from tests.unit.api.test_grants import look
from tests.unit.imaging.test_masks import HOSTILE, WINDOW
from tests.worker import SpokenWorker

POLYGON = [list(point) for point in WINDOW]
WATCH = {"purpose": "duty_watch"}
WISH = {"hides": "对面住户的窗", "polygon": POLYGON}


@pytest.fixture
async def camera(platform: Platform) -> UUID:
    wish = CameraWish("East gate", "rtsp://192.0.2.1/cam")
    return (await platform.cameras.add(wish, uuid4(), "somebody")).id


def url(camera: UUID, mask: str = "") -> str:
    return f"/api/v1/cameras/{camera}/masks" + (f"/{mask}" if mask else "")


async def test_R6_2_a_mask_is_drawn_replaced_and_ended(enter: Enter, camera: UUID, journal: Journal) -> None:
    registrar = await enter(Role.REGISTRAR)
    answer = await registrar.post(url(camera), json=WISH)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["hides"], made["where"], made["polygon"]) == (WISH["hides"], "platform", POLYGON)
    (entry,) = await journal.read(1)
    assert entry.kind == "inventory.changed"
    told = entry.entry["subject_kind"], entry.entry["subject"], entry.entry["act"]
    assert told == ("picture_mask", made["id"], "added")
    inside = {**WISH, "where": "camera"}
    replaced = (await registrar.put(url(camera, made["id"]), json=inside)).json()
    assert (replaced["where"], replaced["id"] == made["id"]) == ("camera", False)
    assert (await registrar.get(url(camera))).json()["items"] == [replaced]
    assert (await registrar.delete(url(camera, replaced["id"]))).status_code == 204
    assert (await registrar.get(url(camera))).json()["items"] == []
    assert (await kinds(journal))[-4:] == ["inventory.changed"] * 4
    for gone in (made["id"], replaced["id"], str(uuid4())):
        assert (await registrar.delete(url(camera, gone))).status_code == 404
        assert (await registrar.put(url(camera, gone), json=WISH)).status_code == 404


async def test_R6_2_what_was_recorded_before_a_masks_end_stays_hidden(
    enter: Enter, camera: UUID, platform: Platform, clock: StillClock
) -> None:
    registrar, masks = await enter(Role.REGISTRAR), platform.parts.picture_masks
    made = (await registrar.post(url(camera), json=WISH)).json()
    clock.wait(60)
    await registrar.delete(url(camera, made["id"]))
    (ended,) = (await masks.ours())[camera]
    assert ended.ended_at is not None
    assert camera not in await masks.hidden()
    standing, end_90k = [standing_of(ended)], ticks_of(ended.ended_at)
    for begin_90k, hides in ((end_90k - 1, True), (end_90k + SHOWN_BEFORE_90K, False), (None, False)):
        assert bool(applied(standing, begin_90k)) is hides


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("not a number", "endless")])
async def test_hostile_polygons_are_refused(
    enter: Enter, camera: UUID, platform: Platform, name: str
) -> None:
    registrar = await enter(Role.REGISTRAR)
    hostile: dict[str, Any] = WISH | {"polygon": HOSTILE[name]}
    answer = await registrar.post(url(camera), json=hostile)
    assert (answer.status_code, answer.json()["code"]) in ((422, "mask_not_accepted"), (422, "not_accepted"))
    assert await platform.parts.picture_masks.of(camera) == []


async def test_there_is_an_end_to_masks(enter: Enter, camera: UUID) -> None:
    registrar = await enter(Role.REGISTRAR)
    for _ in range(MASKS_MAX):
        assert (await registrar.post(url(camera), json=WISH)).status_code == 201
    answer = await registrar.post(url(camera), json=WISH)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_masks")


async def test_others_neither_draw_nor_see(enter: Enter, camera: UUID) -> None:
    for role in (Role.WATCHER, Role.CUSTODIAN, Role.SYSADMIN):
        client = await enter(role)
        assert (await client.post(url(camera), json=WISH)).status_code == 403, role
        assert (await client.get(url(camera))).status_code == 403, role
    reader = await enter(Role.ARCHIVIST)
    assert (await reader.get(url(camera))).status_code == 200
    assert (await reader.delete(url(camera, str(uuid4())))).status_code == 403
    abroad = await enter(Role.REGISTRAR, areas=("230199",))
    assert (await abroad.post(url(camera), json=WISH)).status_code == 404
    assert (await reader.get(url(uuid4()))).status_code == 404


# --- who sees through them


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up(1)
    registrar = await enter(Role.REGISTRAR)
    assert (await registrar.post(url(UUID(made.cameras[0])), json=WISH)).status_code == 201
    return made


def ticket(answer: httpx.Response, clock: StillClock) -> Ticket:
    assert answer.status_code == 201, answer.text
    return verify(answer.json()["url"].split("/")[4], KEY, clock.now_ns / 1e9)


async def test_R6_2_live_playback_and_stills_of_a_role_are_masked(
    counter: Counter, enter: Enter, clock: StillClock, worker: SpokenWorker
) -> None:
    watcher, camera = await enter(Role.WATCHER), f"/api/v1/cameras/{counter.cameras[0]}"
    span = {"start": TEN.isoformat(), "end": ELEVEN.isoformat()}
    worker.picture, masks = b"fragments", digest_of([Mask.checked(POLYGON)])
    for answer in (
        await watcher.post(f"{camera}/live", json=WATCH),
        await watcher.post(f"{camera}/playback", json=span | WATCH),
    ):
        given = ticket(answer, clock)
        assert (given.masks, given.unmask) == (masks, False)
        assert (answer.json()["masked"], ":8809/m/" in answer.json()["url"]) == (True, True)
    still = await watcher.get(f"{camera}/snapshot", params=WATCH)
    assert still.content.startswith(b"JPEG of " + masks.encode())
    assert still.headers["X-Masked"] == "1"
    worker.key_frames = json.dumps([[1767240000 * 90000, 0, [0]]])
    sprite = await watcher.get(f"{camera}/sprite", params=span | WATCH)
    assert sprite.json()["masked"] is True
    _, grant = await counter.granted(verbs=["copy"])
    assert ticket(await look(counter, grant, how="clip"), clock).masks == masks
    assert worker.assignments[-1]["cameras"][0]["masked"] is True


async def test_R6_2_nobody_unmasks_by_their_role(counter: Counter, enter: Enter, journal: Journal) -> None:
    watcher, camera = await enter(Role.WATCHER), f"/api/v1/cameras/{counter.cameras[0]}"
    span = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "unmask": True}
    for answer in (
        await watcher.post(f"{camera}/live", json={"unmask": True, **WATCH}),
        await watcher.post(f"{camera}/playback", json=span | WATCH),
        await watcher.get(f"{camera}/snapshot", params={"unmask": "true", **WATCH}),
    ):
        assert (answer.status_code, answer.json()["code"], answer.json()["article"]) == (403, "R6.2", "6")
        assert (await kinds(journal))[-1] == "refusal"


async def test_R6_2_a_grant_unmasks_only_if_it_was_asked_for_and_says_so(
    counter: Counter, clock: StillClock, journal: Journal
) -> None:
    _, masked = await counter.granted()
    assert ticket(await look(counter, masked), clock).masks
    refused = await look(counter, masked, unmask=True)
    assert (refused.status_code, refused.json()["code"]) == (403, "R6.2")
    record = await counter.seen(unmask_reason="嫌疑人住在对面楼")
    keeper = await counter.custodian()
    told = await keeper.stepped(REQUESTS, record, "grant", expires=TOMORROW.isoformat(), may_unmask=True)
    bare = await look(counter, told["data"]["grant"], unmask=True)
    given = ticket(bare, clock)
    assert (given.masks, given.unmask, bare.json()["masked"]) == ("", True, False)
    (entry,) = await journal.read(1)
    assert entry.entry["unmasked"] is True
    assert ticket(await look(counter, told["data"]["grant"]), clock).masks  # only who asks for it


async def test_R6_2_nobody_unmasks_what_nobody_asked_for(counter: Counter) -> None:
    record = await counter.seen()
    keeper = await counter.custodian()
    wish = {"expires": TOMORROW.isoformat(), "may_unmask": True}
    assert (await keeper.step(REQUESTS, record, "grant", **wish)).status_code == 422


async def test_a_still_to_draw_on_is_a_look(
    counter: Counter, enter: Enter, journal: Journal, worker: SpokenWorker
) -> None:
    worker.picture, camera = b"fragments", UUID(counter.cameras[0])
    for role in (Role.REGISTRAR, Role.CUSTODIAN):
        client = await enter(role)
        assert (await client.get(f"{url(camera)}/still")).status_code == 200
        (entry,) = await journal.read(1)
        assert (entry.kind, entry.entry["purpose"]) == ("view.picture", "mask")
    watcher = await enter(Role.WATCHER)
    assert (await watcher.get(f"{url(camera)}/still")).status_code == 403


async def test_R6_2_without_room_nothing_is_opened_or_written_down(
    counter: Counter, enter: Enter, platform: Platform, journal: Journal
) -> None:
    async def full(name: str) -> None:
        raise RenditionsFull("2 masked pictures are being made already; close one, or try again later")

    platform.door._masking = Masking(platform.parts.picture_masks, platform.parts.lawbook.at, full)
    watcher = await enter(Role.WATCHER)
    before = await kinds(journal)
    answer = await watcher.post(f"/api/v1/cameras/{counter.cameras[0]}/live", json=WATCH)
    assert (answer.status_code, answer.json()["code"]) == (503, "masked_streams_full")
    assert await kinds(journal) == before


async def test_while_imaging_is_slow_with_a_look_under_a_grant_others_write(
    counter: Counter, enter: Enter, platform: Platform
) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slow(name: str) -> None:
        asked.set()
        await answered.wait()

    _, granted = await counter.granted()
    platform.door._masking = Masking(platform.parts.picture_masks, platform.parts.lawbook.at, slow)
    looking = asyncio.create_task(look(counter, granted))
    await asked.wait()
    await enter(Role.AUDITOR)  # an account and a session: two transactions that write
    answered.set()
    assert (await looking).status_code == 201
