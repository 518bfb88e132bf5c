"""State secrets are shown in a marked domain alone, and leave even that by no way (art. 27¶2, R27.6)."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.errors import NoSuchCamera
from bingjian.journal.append import Journal
from bingjian.rules.library import law
from bingjian.settings import Settings
from tests.backend import kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import TEN, Counter
from tests.unit.api.procedures.office import codes
from tests.unit.api.procedures.sharing import Exchange
from tests.unit.api.procedures.test_sharing import set_level
from tests.unit.api.test_cameras import registered
from tests.unit.api.test_existence import Way, ways
from tests.worker import SpokenWorker

KEPT = sorted(law().codes("secrecy_kept"))
OTHERS = sorted(set(law().codes("secrecy")) - set(KEPT))
PURPOSE = "duty_watch"
FILES = "/api/v1/camera-files"
ELSEWHERE = ("/clip", "/device-playback")  # copies; test_device_playback.py
STILL = Way("GET", "/api/v1/cameras/{camera}/masks/still")


def shown() -> list[Way]:
    """Every way by which somebody looks by their role, and the still that masks are drawn on."""
    return [way for way in ways() if "{grant}" not in way.path and not way.path.endswith(ELSEWHERE)] + [STILL]


async def statuses(enter: Enter, camera: str, *, grant: str | None = None) -> dict[str, list[str]]:
    """By the last word of each way: what refuses."""
    told = dict[str, list[str]]()
    for way in shown():
        client = await enter(Role.REGISTRAR if way is STILL else Role.WATCHER)
        answer = await way.take(client, camera, grant, purpose=PURPOSE)
        told[way.path.rsplit("/", 1)[1]] = [] if answer.status_code < 300 else codes(answer)
    return told


@pytest.fixture
def pictures(worker: SpokenWorker) -> None:
    worker.picture, worker.picture_time = b"fmp4", TEN.isoformat()
    worker.key_frames = "[]"


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize("level", KEPT)
async def test_R27_6_outside_a_marked_domain_it_is_shown_to_nobody(
    enter: Enter, database: Database, journal: Journal, level: str
) -> None:
    _, camera = await registered(enter)
    before = await statuses(enter, camera)
    assert set(map(tuple, before.values())) == {()}
    await set_level(database, camera, level)
    length = journal.length
    while_set = await statuses(enter, camera)
    assert set(map(tuple, while_set.values())) == {("R27.6",)}, while_set
    written = [one for one in await journal.read(journal.length - length) if one.kind != "session.signed_in"]
    assert [one.kind for one in written] == ["refusal"] * len(while_set)
    assert {one.entry["article"] for one in written} == {"27¶2"}
    await set_level(database, camera, "none")
    assert await statuses(enter, camera) == before


@pytest.mark.parametrize("level", KEPT + OTHERS)
async def test_R27_6_workers_are_told_at_once_whose_open_looks_end(
    enter: Enter, worker: SpokenWorker, level: str
) -> None:
    registrar, camera = await registered(enter)
    answer = await registrar.patch(f"{FILES}/{camera}", json={"version": 1, "secrecy": level})
    assert answer.status_code == 200, answer.text
    assert worker.assignments[-1]["closed_cameras"] == ([camera] if level in KEPT else [])


@pytest.mark.usefixtures("pictures", "marked")
@pytest.mark.parametrize("level", KEPT + OTHERS)
async def test_R27_6_in_a_marked_domain_it_is_shown(enter: Enter, database: Database, level: str) -> None:
    _, camera = await registered(enter)
    await set_level(database, camera, level)
    assert set(map(tuple, (await statuses(enter, camera)).values())) == {()}


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize("level", OTHERS)
async def test_R27_6_other_levels_are_shown_anywhere(enter: Enter, database: Database, level: str) -> None:
    _, camera = await registered(enter)
    await set_level(database, camera, level)
    assert set(map(tuple, (await statuses(enter, camera)).values())) == {()}


@pytest.mark.parametrize("level", KEPT)
async def test_R27_6_by_a_grant_neither(
    enter: Enter, document: str, database: Database, journal: Journal, level: str
) -> None:
    counter = Counter(enter, document)
    await counter.open_up()
    _, grant = await counter.granted(verbs=["view", "copy"])
    await set_level(database, counter.cameras[0], level)
    client = (await counter.officer()).client
    for way in ways():
        if "{grant}" in way.path or way.path.endswith("sprite"):
            continue
        answer = await way.take(client, counter.cameras[0], grant)
        assert codes(answer) == ["R27.6"], way
        assert (await kinds(journal))[-1] == "refusal"


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("level", KEPT)
async def test_R6_1_R27_6_a_copy_leaves_a_marked_domain_by_no_grant(
    enter: Enter, document: str, database: Database, level: str
) -> None:
    counter = Counter(enter, document)
    await counter.open_up()
    _, grant = await counter.granted(verbs=["view", "copy"])
    await set_level(database, counter.cameras[0], level)
    client = (await counter.officer()).client
    asked = {way.path.rsplit("/", 1)[1]: way for way in ways()}
    assert (await asked["playback"].take(client, counter.cameras[0], grant)).status_code == 201
    assert codes(await asked["clip"].take(client, counter.cameras[0], grant)) == ["R6.1", "R27.6"]


@pytest.mark.parametrize("level", KEPT + OTHERS)
async def test_R27_6_the_catalogue_names_no_camera_whose_level_was_set_since(
    enter: Enter, database: Database, level: str
) -> None:
    exchange = Exchange(enter)
    await exchange.open_up()
    await exchange.published()
    await set_level(database, exchange.cameras[0], level)
    client = (await exchange.department()).client
    (entry,) = (await client.get("/api/v1/share-catalogue")).json()["items"]
    named = [one["id"] for one in entry["cameras"]]
    assert named == (exchange.cameras[1:] if level in KEPT else exchange.cameras)


async def test_R27_6_a_camera_without_a_file_is_shown_as_one_whose_level_nobody_set(
    platform: Platform, enter: Enter
) -> None:
    _, camera = await registered(enter)
    site = await platform.cameras.sited(UUID(camera))
    assert (str(site.row.id), site.level) == (camera, "none")
    with pytest.raises(NoSuchCamera):
        await platform.cameras.sited(uuid4())


def test_R27_6_no_platform_is_marked_unless_somebody_says_so(tmp_path: Path) -> None:
    assert Settings(state_dir=tmp_path).marked_domain is False
