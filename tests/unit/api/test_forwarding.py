"""Copies that are given on (art. 27¶1), and the packages that left (art. 25(5)), through the API."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.entries import PackageHandedOver
from bingjian.journal.append import Journal
from bingjian.rules.decision import Grant, all_of
from bingjian.rules.library import law
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import NOON, REQUESTS, TOMORROW, Counter
from tests.unit.api.procedures.office import codes
from tests.unit.api.procedures.test_sharing import set_level
from tests.unit.api.test_grants import look, ticket
from tests.unit.api.test_register import shown

COURT = {"recipient": "道里区人民检察院", "destination": "检察院案卷"}
HASH = "ab" * 32


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up()
    return made


async def copied(
    counter: Counter, *, may_forward: bool = True, recipients: tuple[str, ...] = (), **changes: Any
) -> int:
    """The number of a copy's entry."""
    asked = {"verbs": ["copy"], "wants_forward": True, "recipients": list(recipients)} | changes
    record = await counter.seen(**asked)
    wish = {"expires": TOMORROW.isoformat(), "may_forward": may_forward}
    answer = await counter.answer(record, "grant", **wish)
    assert answer.status_code == 200, answer.text
    assert (await look(counter, answer.json()["data"]["grant"], how="clip")).status_code == 201
    (entry,) = await shown(counter.enter, limit=1)
    number: int = entry["sequence"]
    return number


async def forward(counter: Counter, entry: int, which: int = 0, **changes: Any) -> httpx.Response:
    client = (await counter.officer(which)).client
    return await client.post(f"/api/v1/register/{entry}/forward", json=COURT | changes)


async def test_R27_8_given_on_to_one_recipient_with_an_entry_of_its_own(
    counter: Counter, enter: Enter, clock: StillClock
) -> None:
    entry = await copied(counter)
    for name in ("道里区人民检察院", "道里区人民法院"):
        given = ticket(await forward(counter, entry, recipient=name, destination=f"{name}案卷"), clock)
        row, *_ = await shown(enter)
        assert (row["sequence"], row["kind"], row["verb"]["words"]["zh"]) == (
            given.entry,
            "copy.forward",
            "转发",
        )
        assert (row["recipient"], row["destination"], row["forwarded"]) == (name, f"{name}案卷", entry)
        assert (given.kind, given.exact) == ("download", True)
    copy = (await shown(enter))[2]
    assert (copy["sequence"], copy["recipient"], copy["start"], copy["end"]) == (
        entry,
        "",
        row["start"],
        row["end"],
    )


async def test_R27_8_with_the_right_to_copy_alone_it_is_refused(counter: Counter, journal: Journal) -> None:
    entry = await copied(counter, may_forward=False)
    refused = await forward(counter, entry)
    assert codes(refused) == ["R27.8"]
    assert refused.json()["article"] == "27¶1"
    assert (await kinds(journal))[-1] == "refusal"
    assert "copy.forward" not in await kinds(journal)


async def test_R27_8_forwarding_that_was_not_asked_for_is_not_granted(counter: Counter) -> None:
    record = await counter.seen(verbs=["copy"])
    wish = {"expires": TOMORROW.isoformat(), "may_forward": True}
    assert codes(await counter.answer(record, "grant", **wish)) == ["R22.8"]


@pytest.mark.parametrize(
    ("lacking", "refused"), [({"recipient": " "}, "R27.8"), ({"destination": " "}, "R27.8"), ({}, "")]
)
async def test_R27_8_recipient_and_destination_are_registered_first(
    counter: Counter, lacking: dict[str, str], refused: str
) -> None:
    answer = await forward(counter, await copied(counter), **lacking)
    assert (refused in codes(answer)) if refused else answer.status_code == 201


@pytest.mark.usefixtures("marked")  # also there nothing leads outward
@pytest.mark.parametrize(
    ("level", "recipients", "refused"),
    [
        ("none", (), []),
        ("trade", ("道里区人民检察院",), []),
        ("trade", ("道里区人民法院",), ["R6.1"]),
        ("trade", (), ["R6.1"]),
        ("state", ("道里区人民检察院",), ["R6.1", "R27.6"]),
        ("national_security", ("道里区人民检察院",), ["R6.1", "R27.6"]),
    ],
)
async def test_R6_1_R27_6_secrets_are_not_given_on(
    counter: Counter, database: Database, level: str, recipients: tuple[str, ...], refused: list[str]
) -> None:
    entry = await copied(counter, recipients=recipients)
    await set_level(database, counter.cameras[0], level)
    answer = await forward(counter, entry)
    assert (codes(answer) if refused else answer.status_code) == (refused or 201)


@pytest.mark.parametrize(("seconds", "served"), [(-1, True), (0, True), (1, False)])
async def test_R27_8_while_the_grant_holds(
    counter: Counter, clock: StillClock, seconds: int, served: bool
) -> None:
    entry = await copied(counter)
    clock.wait((TOMORROW - NOON).total_seconds() + seconds)
    answer = await forward(counter, entry)
    assert answer.status_code == 201 if served else codes(answer) == ["R22.8"]


async def test_R27_8_what_is_no_copy_or_anothers_is_not_there(counter: Counter) -> None:
    entry = await copied(counter)
    assert (await forward(counter, entry, 2)).status_code == 404
    assert (await forward(counter, 10**9)).status_code == 404
    _, grant = await counter.granted()
    await look(counter, grant)
    (view,) = await shown(counter.enter, limit=1)
    assert (await forward(counter, view["sequence"])).status_code == 404


async def test_R22_8_the_record_says_that_its_grant_has_ended(counter: Counter, clock: StillClock) -> None:
    record, _ = await counter.granted(NOON + timedelta(hours=1))
    for seconds, state in ((3599, "granted"), (1, "granted"), (1, "ended")):
        clock.wait(seconds)
        officer = await counter.officer()
        assert (await officer.look(REQUESTS, record))["state"] == state
        listed = (await officer.client.get(f"/api/v1/{REQUESTS}", params={"state": "ended"})).json()["items"]
        assert len(listed) == (state == "ended")


# --- packages


def package(entry: int, *, file: int = 1, sha256: str = HASH) -> PackageHandedOver:
    return PackageHandedOver("00000000-0000-4000-8000-0000000000aa", "c", entry, file, 12345, sha256)


async def test_R25_12_the_package_stands_in_its_entry_once(
    counter: Counter, enter: Enter, journal: Journal, platform: Platform
) -> None:
    entry = await copied(counter)
    assert (await shown(enter))[0]["packages"] == []
    first = await journal.append(package(entry))
    await journal.append(package(entry))  # told at least once
    await journal.append(package(entry, file=2, sha256="cd" * 32))
    (row,) = await shown(enter, limit=1)
    assert [(one["file"], one["size_bytes"], one["sha256"]) for one in row["packages"]] == [
        (1, 12345, HASH),
        (2, 12345, "cd" * 32),
    ]
    assert row["packages"][0]["sequence"] == first.sequence
    assert isinstance(await platform.parts.register.agreement(law()), Grant)


async def test_R25_12_a_package_of_nobodys_entry_is_found_out(
    counter: Counter, journal: Journal, platform: Platform
) -> None:
    await copied(counter)
    await journal.append(package(10**6))
    assert [one.code for one in all_of(await platform.parts.register.agreement(law()))] == ["R25.12"]


async def test_R31_5_of_fifty_recipients_the_hash_names_the_right_one(
    counter: Counter, enter: Enter, journal: Journal
) -> None:
    entry = await copied(counter)
    client = (await counter.officer()).client
    for number in range(50):
        wish = {"recipient": f"接收方 {number}", "destination": "案卷"}
        answer = await client.post(f"/api/v1/register/{entry}/forward", json=wish)
        assert answer.status_code == 201
        (record,) = await journal.read(1)
        await journal.append(package(record.sequence, sha256=f"{number:064x}"))
    (row,) = await shown(enter, sha256=f"{31:064x}")
    assert row["recipient"] == "接收方 31"
    auditor = await enter(Role.AUDITOR)
    assert (await auditor.get("/api/v1/register", params={"sha256": "x"})).status_code == 422
