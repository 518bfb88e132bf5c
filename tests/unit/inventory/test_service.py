"""Cameras: registered, changed, removed, listed; credentials for media workers only."""

from uuid import UUID, uuid4

import pytest

from bingjian.db.session import Database
from bingjian.inventory.endings import Endings
from bingjian.inventory.errors import AddressNotAccepted, NameTaken, NoSuchCamera
from bingjian.inventory.models import CameraRow, CameraWish
from bingjian.inventory.service import Cameras, shown
from bingjian.inventory.vault import Vault
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.retention.models import Person
from tests.backend import KEY, FailingJournal, StillClock, kinds

ME = UUID(int=7)
WISH = CameraWish("东门", "rtsp://admin:p%40ss@192.0.2.1:8554/main", "rtsp://192.0.2.1:8554/sub")


def everything_shown(row: CameraRow) -> str:
    return repr({name: value for name, value in vars(row).items() if name != "sealed"})


async def test_credentials_are_kept_apart(cameras: Cameras) -> None:
    row = await cameras.add(WISH, ME)
    assert row.url_shown == "rtsp://192.0.2.1:8554/main"
    assert "p@ss" not in everything_shown(row)
    assert "admin" not in everything_shown(row)
    (reachable,) = await cameras.reachable()
    assert (reachable.main.username, reachable.main.password) == ("admin", "p@ss")
    assert reachable.sub is not None
    assert reachable.sub.password == "p@ss"
    assert "p@ss" not in repr(reachable)


async def test_credentials_given_apart_win(cameras: Cameras) -> None:
    await cameras.add(CameraWish("a", "rtsp://x:y@h/", username="admin", password="z"), ME)
    (reachable,) = await cameras.reachable()
    assert (reachable.main.username, reachable.main.password) == ("admin", "z")


@pytest.mark.parametrize(
    "url",
    [
        "http://h/",
        "rtsp:///path",
        "rtsp://h:0/",
        "rtsp://h:99999/",
        "rtsp://h/a b",
        "rtsp://h/\n",
        "x" * 3000,
    ],
)
async def test_addresses_that_are_none_are_named_without_repeating_them(cameras: Cameras, url: str) -> None:
    for field, wish in (("url", CameraWish("a", url)), ("sub_url", CameraWish("a", "rtsp://h/", url))):
        with pytest.raises(AddressNotAccepted) as refused:
            await cameras.add(wish, ME)
        assert refused.value.field == field
        assert url not in str(refused.value)
    with pytest.raises(AddressNotAccepted):
        await cameras.add(CameraWish("a", "rtsp://h/", transport="pigeon"), ME)


async def test_names_are_unique(cameras: Cameras) -> None:
    await cameras.add(WISH, ME)
    with pytest.raises(NameTaken):
        await cameras.add(WISH, ME)
    other = await cameras.add(CameraWish("西门", "rtsp://h/"), ME)
    with pytest.raises(NameTaken):
        await cameras.change(other.id, {"name": "东门"}, ME)


async def test_a_change_keeps_what_is_not_given(cameras: Cameras) -> None:
    row = await cameras.add(WISH, ME)
    changed = await cameras.change(row.id, {"name": "北门", "transport": "udp"}, ME)
    assert (changed.name, changed.transport, changed.url_shown) == ("北门", "udp", row.url_shown)
    (reachable,) = await cameras.reachable()
    assert reachable.main.password == "p@ss"
    assert reachable.sub is not None
    assert reachable.sub.transport == "udp"
    await cameras.change(row.id, {"sub_url": None, "password": "new"}, ME)
    (reachable,) = await cameras.reachable()
    assert (reachable.sub, reachable.main.password) == (None, "new")


async def test_a_password_is_not_sent_to_another_host(cameras: Cameras) -> None:
    """Else whoever may change a URL could read the password by pointing it at a machine of their own."""
    row = await cameras.add(WISH, ME)
    await cameras.change(row.id, {"url": "rtsp://192.0.2.1:8554/other"}, ME)
    assert (await cameras.reachable())[0].main.password == "p@ss"
    await cameras.change(row.id, {"url": "rtsp://evil.example/main", "sub_url": "rtsp://evil.example/"}, ME)
    (reachable,) = await cameras.reachable()
    assert reachable.main.password == ""
    assert reachable.sub is not None
    assert reachable.sub.password == ""


async def test_an_address_given_back_as_shown_stays_whole(cameras: Cameras) -> None:
    row = await cameras.add(CameraWish("a", "rtsp://h/cam?user=admin&password=s3cret&channel=1"), ME)
    assert row.url_shown == "rtsp://h/cam?user=***&password=***&channel=1"
    await cameras.change(row.id, {"url": row.url_shown}, ME)
    assert (await cameras.reachable())[0].main.url.endswith("password=s3cret&channel=1")


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("rtsp://h/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp",
         "rtsp://h/user=***_password=***_channel=1_stream=0.sdp"),
        ("rtsp://h/?PWD=x", "rtsp://h/?PWD=***"),
        ("rtsp://h/?token=a%26b/c", "rtsp://h/?token=***/c"),
        ("rtsp://h/plain?channel=1", "rtsp://h/plain?channel=1"),
    ],
)  # fmt: skip
def test_secrets_in_the_query_are_hidden(url: str, seen: str) -> None:
    assert shown(url) == seen


async def test_removed_is_gone_and_every_change_is_written_down(
    cameras: Cameras, journal: Journal, endings: Endings
) -> None:
    row = await cameras.add(WISH, ME)
    await cameras.change(row.id, {"password": "hush"}, ME)
    await cameras.remove(row.id, "拆除", Person(ME, "王"), endings, is_recorded=True)
    with pytest.raises(NoSuchCamera):
        await cameras.get(row.id)
    again = cameras.remove(row.id, "", Person(ME, "王"), endings, is_recorded=True)
    for attempt in (again, cameras.change(uuid4(), {}, ME)):
        with pytest.raises(NoSuchCamera):
            await attempt
    ended = ["recording.ended", "camera.removed"]
    assert await kinds(journal) == ["camera.added", "camera.changed", *ended]
    written = str(await journal.read(10))
    assert "p@ss" not in written
    assert "hush" not in written


async def test_without_the_journal_nothing_changes(
    database: Database, cameras: Cameras, clock: StillClock, endings: Endings
) -> None:
    row = await cameras.add(WISH, ME)
    broken = Cameras(database, FailingJournal(), Vault(KEY), clock)
    with pytest.raises(JournalUnavailable):
        await broken.add(CameraWish("b", "rtsp://h/"), ME)
    with pytest.raises(JournalUnavailable):
        await broken.change(row.id, {"name": "b"}, ME)
    with pytest.raises(JournalUnavailable):
        await broken.remove(row.id, "", Person(ME, "王"), endings, is_recorded=False)
    assert [one.name for one in (await cameras.page(10, None)).items] == ["东门"]


async def test_pages_and_search(cameras: Cameras) -> None:
    for number in range(5):
        await cameras.add(CameraWish(f"Camera_{number}", f"rtsp://192.0.2.{number}/"), ME)
    first = await cameras.page(3, None)
    second = await cameras.page(3, first.next_key)
    assert [row.name for row in first.items + second.items] == [f"Camera_{n}" for n in range(5)]
    assert second.next_key is None
    assert [row.name for row in (await cameras.page(9, None, "RA_3")).items] == ["Camera_3"]
    assert (await cameras.page(9, None, "%")).items == []
    assert (await cameras.page(9, None, "192.0.2.4")).items == []
    found = await cameras.page(9, None, "192.0.2.4", search_addresses=True)
    assert [row.name for row in found.items] == ["Camera_4"]
