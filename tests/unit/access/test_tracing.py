"""Of fifty recipients the right one is named, from files that really left (R31.5)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from bingjian.access.decisions import WHOLE_CITY, Actor, Role
from bingjian.access.grants import Grants
from bingjian.access.register import Register
from bingjian.access.service import People
from bingjian.access.tracing import Clue, Recipient, Trace, Tracing, marked
from bingjian.access.viewings import note_entry
from bingjian.commands.trace import clue_in
from bingjian.db.session import Database
from bingjian.entries import ClipOpened, DownloadOpened, PlaybackOpened
from bingjian.formats.mp4_movie import START as ORIGIN
from bingjian.inventory.deliveries import entry_of
from bingjian.inventory.organisations import body_id
from bingjian.inventory.workers import Worker
from bingjian.journal.append import Journal
from bingjian.recording.catalogue import debts
from bingjian.rules.library import law
from bingjian.streaming.ticket import MARK_MAX, Kind
from tests.backend import StillClock
from tests.unit.imaging.test_stamp import likeness
from tests.unit.processes.masked import CAMERA, HEARD, client_of, pictures_in, ticket, views_over
from tests.unit.processes.test_imaging_copies import finished
from tests.unit.processes.test_imaging_playback import worker_of
from tests.unit.streaming.footage import START
from tests.unit.streaming.test_playback import Kept, kept

PASSWORD = "correct horse battery"
RECIPIENTS = 50
SPAN = START, START + 45_000
POLICE = body_id("public_security", "230102")
AUDITOR = Actor(UUID(int=7), "auditor", frozenset({Role.AUDITOR}), "zh", "192.0.2.7")
IMAGING = Worker("imaging", "http://127.0.0.1:1", "http://127.0.0.1:1", "")
TELLS = ("2027-01-15T08:00:05Z", "2027-01-15T08:00:06Z", "criminal_case", "192.0.2.1", "2027-01-16T00:00:00Z")


@pytest.fixture
def tracing(database: Database, journal: Journal, clock: StillClock) -> Tracing:
    grants = Grants(database, journal, clock, lambda _: law())
    return Tracing(database, journal, Register(database, journal), grants)


async def officers(people: People, how_many: int = RECIPIENTS) -> list[tuple[UUID, str]]:
    """Of one district's police."""
    told = frozenset({Role.OFFICER})
    rows = [
        await people.add_person(f"警员 {number:02d}", PASSWORD, told, organisation=POLICE)
        for number in range(how_many)
    ]
    return [(row.id, row.name) for row, _ in rows]


@asynccontextmanager
async def footage(folder: Path) -> AsyncIterator[Kept]:
    """Twenty seconds, closed."""
    async with kept(folder) as store:
        await store.stream.stop()
        await store.recorder.close()
        yield store


async def opened(journal: Journal, person: UUID, kind: type[ClipOpened | DownloadOpened]) -> int:
    receipt = await journal.append(kind(str(person), str(CAMERA), *TELLS, unit=str(POLICE)))
    return receipt.sequence


async def traced(tracing: Tracing, file: Path, who: Actor = AUDITOR) -> Trace:
    told = clue_in(file)
    camera = UUID(told["camera"]) if "camera" in told else None
    return await tracing.trace(who, Clue(told["sha256"], told.get("entry"), camera))


async def told_of(store: Kept, journal: Journal) -> None:
    """What the volume owes is delivered."""
    with store.volume.reading() as rows:
        owed = [one.body for one in debts(rows, 0, 1000)]
    for body in owed:
        if (entry := entry_of(store.volume.id, body)) is not None:
            await journal.append(entry)


async def test_R31_5_of_fifty_recipients_an_original_names_the_right_one(
    tracing: Tracing, people: People, journal: Journal, tmp_path: Path
) -> None:
    async with footage(tmp_path) as store, store.client() as web:
        for number, (person, _) in enumerate(people_of := await officers(people)):
            form: Kind = "clip" if number % 2 else "download"
            entry = await opened(journal, person, ClipOpened if form == "clip" else DownloadOpened)
            wanted = ticket(form, store.clock, *SPAN, entry=entry, masks="")
            (tmp_path / f"{number}.mp4").write_bytes((await web.get(f"/m/{wanted}/a.mp4")).content)
        await told_of(store, journal)
    for number, (person, name) in enumerate(people_of):
        found = await traced(tracing, tmp_path / f"{number}.mp4")
        assert (found.by, [row.person for row in found.rows]) == ("sha256", [person])
        assert await tracing.recipients([person]) == [Recipient(name, "道里区公安局")]


async def test_R31_5_of_fifty_recipients_a_masked_copy_names_the_right_one(
    tracing: Tracing, people: People, journal: Journal, tmp_path: Path
) -> None:
    async with (
        footage(tmp_path) as store,
        views_over(worker_of(store), store.clock, masked_streams=RECIPIENTS) as masked,
        client_of(masked) as web,
        asyncio.timeout(120),
    ):
        people_of = await officers(people)
        marks = []
        for number, (person, name) in enumerate(people_of):
            entry = await opened(journal, person, DownloadOpened)
            wanted = ticket("download", store.clock, *SPAN, entry=entry, mark=f"{name} · 道里区公安局")
            copy = await masked_copy(web, f"/m/{wanted}")
            (tmp_path / f"{number}.mp4").write_bytes(copy)
            marks.append(f"{name} · 道里区公安局 · 2027-01-15 16:00 · №{entry}")
    for note in HEARD:
        if (told := note_entry(IMAGING, note)) is not None:
            await journal.append(told)
    for number, (person, _) in enumerate(people_of):
        found = await traced(tracing, tmp_path / f"{number}.mp4")
        assert (found.by, [row.person for row in found.rows]) == ("sha256", [person])
        picture = pictures_in((tmp_path / f"{number}.mp4").read_bytes())[-1]
        alike = [likeness(picture, mark, SPAN[0]) for mark in marks]
        assert alike.index(max(alike)) == number  # and the pixels alone say it too
        assert max(alike) > 0.9


async def masked_copy(web: httpx.AsyncClient, base: str) -> bytes:
    await finished(web, base)
    return (await web.get(f"{base}/a.mp4")).content


@pytest.mark.parametrize("harm", ["a byte", "cut short", "packed into another file"])
async def test_R31_5_one_that_was_changed_is_known_by_what_it_says(
    tracing: Tracing, people: People, journal: Journal, tmp_path: Path, harm: str
) -> None:
    ((person, _),) = await officers(people, 1)
    entry = await opened(journal, person, ClipOpened)
    async with footage(tmp_path) as store, store.client() as web:
        wanted = ticket("clip", store.clock, *SPAN, entry=entry, masks="")
        copy = (await web.get(f"/m/{wanted}/a.mp4")).content
        await told_of(store, journal)
    changed = {
        "a byte": copy[:-1] + bytes([copy[-1] ^ 1]),
        "cut short": copy[: len(copy) // 2],
        "packed into another file": bytes((1 << 20) - copy.index(ORIGIN) - 8) + copy,  # across two reads
    }
    (file := tmp_path / "found.mp4").write_bytes(changed[harm])
    found = await traced(tracing, file)
    assert (found.by, [row.sequence for row in found.rows]) == ("mark", [entry])


async def test_R31_5_that_it_was_asked_is_in_the_journal(
    tracing: Tracing, people: People, journal: Journal, tmp_path: Path
) -> None:
    ((person, _),) = await officers(people, 1)
    entry = await opened(journal, person, ClipOpened)
    found = await tracing.trace(AUDITOR, Clue("0" * 64, entry, CAMERA))
    assert found.by == "mark"
    (told,) = await journal.read(1)
    assert (told.kind, told.entry["actor"], told.entry["address"]) == (
        "file.traced",
        str(AUDITOR.id),
        "192.0.2.7",
    )
    assert (told.entry["file_sha256"], told.entry["by"], told.entry["found"]) == ("0" * 64, "mark", [entry])


async def test_what_nobody_handed_out_is_known_to_nobody(
    tracing: Tracing, people: People, journal: Journal
) -> None:
    ((person, _),) = await officers(people, 1)
    entry = await opened(journal, person, ClipOpened)
    shown = (await journal.append(PlaybackOpened(str(person), str(CAMERA), *TELLS))).sequence
    other, abroad = UUID(int=99), Actor(AUDITOR.id, "", AUDITOR.roles, "zh", areas=("230199",))
    assert abroad.areas != WHOLE_CITY
    for who, clue in (
        (AUDITOR, Clue("1" * 64)),
        (AUDITOR, Clue("1" * 64, entry, other)),  # of another camera
        (AUDITOR, Clue("1" * 64, shown, CAMERA)),  # no copy
        (AUDITOR, Clue("1" * 64, entry + 100, CAMERA)),
        (AUDITOR, Clue("1" * 64, 2**62, CAMERA)),
        (abroad, Clue("1" * 64, entry, CAMERA)),  # out of reach
    ):
        assert await tracing.trace(who, clue) == Trace(None, [])


def test_a_mark_is_one_short_line_that_can_be_drawn() -> None:
    two = [Recipient("李𠮷", "道里分局"), Recipient("Wang\u202e", "道里分局")]
    assert marked(two) == "李〔U+20BB7〕、Wang〔U+202E〕 · 道里分局"
    assert len(marked([Recipient("长" * 200, "长" * 200)])) == MARK_MAX
