"""The platform's clock was set: the journal says so, also if it happened while nobody looked."""

from pathlib import Path

from bingjian.entries import SignedIn
from bingjian.journal.append import Journal
from bingjian.journal.clock_watch import ClockWatch
from tests.backend import FailingJournal
from tests.unit.streaming.footage import SECOND, SetClock


async def steps(journal: Journal) -> list[int]:
    return [one.entry["step_ms"] for one in await journal.read(100) if one.kind == "clock.step"][::-1]


async def test_a_clock_that_is_set_is_written_down_once(tmp_path: Path) -> None:
    clock = SetClock()
    journal = Journal.open(tmp_path / "j", clock)
    watch = ClockWatch(journal, clock, "web")
    for step in (0, -7, 0, 3600, 0):
        clock.pass_ns(SECOND)
        clock.utc += step * SECOND
        await watch.look()
    assert await steps(journal) == [-7000, 3_600_000]
    journal.close()


async def test_a_clock_set_back_while_nothing_ran_is_seen_at_the_next_start(tmp_path: Path) -> None:
    clock = SetClock()
    journal = Journal.open(tmp_path / "j", clock)
    await journal.append(SignedIn("p", "a"))
    journal.close()
    clock.utc -= 100 * SECOND
    journal = Journal.open(tmp_path / "j", clock)
    watch = ClockWatch(journal, clock, "web")
    await watch.look()
    await watch.look()
    assert await steps(journal) == [-100_000]
    journal.close()


async def test_what_cannot_be_written_yet_is_written_with_the_next(tmp_path: Path) -> None:
    clock, broken = SetClock(), FailingJournal()
    journal = Journal.open(tmp_path / "j", clock)
    watch = ClockWatch(journal, clock, "web")
    clock.utc += 5 * SECOND
    watch._journal = broken  # type: ignore[assignment]  # a disk that is gone for a while
    await watch.look()
    assert len(broken.asked) == 1
    watch._journal = journal
    await watch.look()
    assert await steps(journal) == [5000]
    journal.close()
