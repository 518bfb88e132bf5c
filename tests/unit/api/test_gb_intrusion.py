"""Signs of intrusion that devices give (R31.4): in the journal, each once a while, none left out."""

import httpx

from bingjian.inventory.gb28181.intake import SUSPECTS_MAX
from bingjian.inventory.gb28181.service import Gb28181
from bingjian.journal.append import Journal
from tests.backend import StillClock
from tests.signal import SpokenSignal
from tests.unit.api.test_gb_devices import FAR, NVR, accepted, gb, registrar, told

__all__ = ["gb", "registrar"]  # fixtures


async def suspected(journal: Journal) -> list[tuple[str, str]]:
    """Signs with their addresses, oldest first."""
    found = [one.entry for one in await journal.read(100) if one.kind == "intrusion.suspected"]
    return [(str(one["sign"]), str(one["address"])) for one in reversed(found)]


async def test_R31_4_guessing_a_devices_password_is_in_the_journal_once_an_hour_a_device(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal, clock: StillClock
) -> None:
    await accepted(registrar)
    await accepted(registrar, FAR, division="230103")
    guess = "camera_password", "198.51.100.66:5060"
    for why in ("password", "too_many", "password"):
        signal.tell("refused", NVR, why=why, address=guess[1])
        await told(gb)
    assert await suspected(journal) == [guess]
    (entry,) = [one.entry for one in await journal.read(100) if one.kind == "intrusion.suspected"]
    assert entry["detail"] == NVR
    signal.tell("refused", NVR, why="malformed", address=guess[1])
    signal.tell("refused", FAR, why="too_many", address=guess[1])
    await told(gb)
    assert await suspected(journal) == [guess] * 2
    clock.wait(3601.0)
    signal.tell("refused", NVR, why="password", address=guess[1])
    await told(gb)
    assert await suspected(journal) == [guess] * 3


async def test_R31_4_of_many_sources_at_once_none_is_left_out_in_silence(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    await accepted(registrar)
    for number in range(SUSPECTS_MAX + 3):
        signal.tell("replayed", NVR, address=f"198.51.100.{number}:5060")
    await told(gb)
    entries = await suspected(journal)
    assert len(entries) == SUSPECTS_MAX + 1
    assert entries[-1] == ("replayed_digest", "3 more addresses")
