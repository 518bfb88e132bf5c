"""The book of events: numbered, bounded, waited for."""

import asyncio
import json
from typing import Any

import pytest

from bingjian.protocols.gb28181.manscdp.values import moment
from bingjian.signalling import events
from bingjian.signalling.events import Book
from tests.unit.signalling.scripted import Moved


async def read(book: Book, after: int = 0, wait_s: float = 0, run: str = "") -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await book.read(after, wait_s, run))
    return told


async def test_events_come_in_order_and_once() -> None:
    book = Book(Moved())
    for name in "abc":
        book.write("registered", name, fresh=True)
    told = await read(book)
    assert [event["device"] for event in told["events"]] == ["a", "b", "c"]
    assert [event["seq"] for event in told["events"]] == [1, 2, 3]
    assert (await read(book, 2))["events"][0]["device"] == "c"
    assert (await read(book, 3)) == {"run": book.run, "lost": False, "events": []}


async def test_what_is_too_old_is_lost_and_said_to_be() -> None:
    book = Book(Moved(), events=3)
    for number in range(5):
        book.write("alarm", str(number))
    told = await read(book, 1)
    assert told["lost"]
    assert [event["device"] for event in told["events"]] == ["2", "3", "4"]
    assert not (await read(book, 2))["lost"]


async def test_a_number_of_another_run_drops_nothing_that_nobody_has_read(monkeypatch: Any) -> None:
    monkeypatch.setattr(events, "READ_LIMIT", 2)
    book = Book(Moved())
    for number in range(6):
        book.write("alarm", str(number))
    for run in ("of before", ""):
        await read(book, 5, run=run)
    told = await read(book, 6, wait_s=5, run="of before")
    assert (told["run"], told["lost"], len(told["events"])) == (book.run, True, 6)
    told = await read(book, run=book.run)
    assert (told["lost"], len(told["events"])) == (False, 6)


async def test_of_what_was_read_little_is_kept(monkeypatch: Any) -> None:
    monkeypatch.setattr(events, "READ_LIMIT", 2)
    book = Book(Moved())
    for number in range(6):
        book.write("alarm", str(number))
    assert [event["seq"] for event in (await read(book, 5, run=book.run))["events"]] == [6]
    told = await read(book)
    assert told["lost"]
    assert [event["seq"] for event in told["events"]] == [4, 5, 6]
    assert len((await read(book, 10**6))["events"]) == 3  # of another run: none is taken for read


async def test_bytes_are_bounded_but_the_newest_stays() -> None:
    book = Book(Moved(), size=1_000)
    for _ in range(10):
        book.write("catalog", "d", items=["x" * 400])
    assert len((await read(book, 8))["events"]) == 2
    book.write("catalog", "d", items=["x" * 4_000])
    assert [event["seq"] for event in (await read(book))["events"]] == [11]


async def test_an_answer_is_bounded_and_the_rest_comes_next(monkeypatch: Any) -> None:
    monkeypatch.setattr(events, "ANSWER_EVENTS", 2)
    book = Book(Moved())
    for number in range(3):
        book.write("alarm", str(number))
    assert len((await read(book))["events"]) == 2
    assert len((await read(book, 2))["events"]) == 1
    monkeypatch.setattr(events, "ANSWER_BYTES", 10)
    assert len((await read(book))["events"]) == 1


async def test_several_who_wait_are_told_at_once() -> None:
    book = Book(Moved())
    waiting = [asyncio.create_task(read(book, 0, 20)) for _ in range(3)]
    await asyncio.sleep(0)
    book.write("alarm", "d")
    async with asyncio.timeout(2):
        assert [len((await one)["events"]) for one in waiting] == [1, 1, 1]


async def test_nothing_comes_and_the_wait_ends() -> None:
    assert (await read(Book(Moved()), 0, 0.02))["events"] == []


async def test_text_that_is_none_does_no_harm() -> None:
    book = Book(Moved())
    book.write("info", "d", model="\udcff\x00")
    assert (await read(book))["events"][0]["device"] == "d"


async def test_one_device_does_not_push_out_what_others_did() -> None:
    clock = Moved()
    book = Book(clock, events=5_000)
    book.write("alarm", "quiet")
    for _ in range(9_000):
        book.write("position", "loud")
    assert book.last <= 1 + 2 * events.OF_DEVICE_PER_MINUTE  # the minute may have turned meanwhile
    before = book.last
    clock.pushed_s = 60.0
    book.write("position", "loud")
    assert book.last == before + 1


@pytest.mark.parametrize("kind", ["alarm", "registered", "returned", "gone", "removed"])
@pytest.mark.parametrize("flood", ["flapping", "refused", "positions"])
async def test_a_flood_silences_neither_alarms_nor_the_state_of_its_device(kind: str, flood: str) -> None:
    book = Book(Moved())
    for _ in range(2 * events.OF_DEVICE_PER_MINUTE):
        book.write(flood, "d")
    before = book.last
    book.write(kind, "d")
    assert book.last == before + 1


async def test_what_strangers_do_in_its_name_is_not_charged_to_a_device() -> None:
    book = Book(Moved())
    for _ in range(2 * events.OF_DEVICE_PER_MINUTE):
        book.write("flapping", "d")
    before = book.last
    book.write("catalog", "d")
    assert book.last == before + 1


def test_a_time_that_is_none_in_utc_is_none() -> None:
    """A device's first day of year 1 in Beijing lies before any in UTC."""
    assert events.written_or_none(moment("0001-01-01T00:00:00")) is None
    assert events.written_or_none(moment("2026-01-01T12:00:00")) == "2026-01-01T04:00:00.000Z"
    assert events.written_or_none(None) is None
