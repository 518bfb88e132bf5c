"""Recipients of copies over the API: the mark that is signed into a ticket, and the trace back (R31.5)."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from tests.backend import FailingJournal, StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import ELEVEN, TEN, TOMORROW, Counter
from tests.unit.api.procedures.office import codes
from tests.unit.api.test_forwarding import HASH, package
from tests.unit.api.test_grants import look, ticket
from tests.unit.api.test_masks import WISH, url

TRACE = "/api/v1/register/trace"
UNIT = "道里区公安局"
COPYING: dict[str, Any] = {"verbs": ["copy"], "wants_forward": True, "recipients": []}
OFFICER = f"officer 2301 {body_id('public_security', '230102')}"


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up()
    return made


async def granted(counter: Counter) -> str:
    record = await counter.seen(**COPYING)
    wish = {"expires": TOMORROW.isoformat(), "may_forward": True}
    return str((await counter.answer(record, "grant", **wish)).json()["data"]["grant"])


async def masked(counter: Counter) -> None:
    registrar = await counter.enter(Role.REGISTRAR)
    assert (await registrar.post(url(UUID(counter.cameras[0])), json=WISH)).status_code == 201


async def by_custodian(counter: Counter, grant: str) -> httpx.Response:
    wish = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "purpose": "criminal_case", "grant": grant}
    client = (await counter.custodian()).client
    return await client.post(f"/api/v1/cameras/{counter.cameras[0]}/clip", json=wish)


async def test_R31_5_a_derived_copy_is_marked_with_whoever_gets_it(
    counter: Counter, clock: StillClock
) -> None:
    await masked(counter)
    grant = await granted(counter)
    made = ticket(await look(counter, grant, how="clip"), clock)
    assert made.mark == f"{OFFICER} · {UNIT}"[:80]
    wish = {"recipient": "道里区人民检察院", "destination": "检察院案卷"}
    client = (await counter.officer()).client
    given = ticket(await client.post(f"/api/v1/register/{made.entry}/forward", json=wish), clock)
    assert given.mark == "道里区人民检察院 · 检察院案卷"


async def test_R31_5_what_a_custodian_makes_is_marked_with_the_officers(
    counter: Counter, clock: StillClock
) -> None:
    await masked(counter)
    made = ticket(await by_custodian(counter, await granted(counter)), clock)
    assert made.mark.startswith("officer 23 ")
    assert "custodian" not in made.mark


async def test_R31_5_a_copy_for_nobody_is_not_made(
    counter: Counter, enter: Enter, platform: Platform, journal: Journal
) -> None:
    await masked(counter)
    grant = await granted(counter)

    async def nobody(actor: object, grant: object) -> str:
        return ""

    platform.parts.tracing.mark_of = nobody  # type: ignore[method-assign]
    answer = await look(counter, grant, how="clip")
    assert (answer.status_code, codes(answer)) == (403, ["R31.5"])
    assert "copy.download" not in await kinds(journal)


async def test_an_original_carries_no_mark_in_its_ticket(counter: Counter, clock: StillClock) -> None:
    assert ticket(await look(counter, await granted(counter), how="clip"), clock).mark == ""


@pytest.mark.parametrize("maker", ["officer", "custodian"])
async def test_R31_5_the_trace_names_recipients_grant_and_entry(
    counter: Counter, enter: Enter, journal: Journal, clock: StillClock, maker: str
) -> None:
    grant = await granted(counter)
    making = look(counter, grant, how="clip") if maker == "officer" else by_custodian(counter, grant)
    entry = ticket(await making, clock).entry
    await journal.append(package(entry, file=1, sha256="cd" * 32))
    await journal.append(package(entry, file=2))
    auditor = await enter(Role.AUDITOR)
    told = (await auditor.post(TRACE, json={"sha256": HASH})).json()
    (one,) = told["items"]
    assert (told["by"], one["file"]) == ("sha256", 2)
    row = one["registered"]
    (held,) = (await (await counter.officer()).client.get("/api/v1/grants")).json()["items"]
    assert (row["sequence"], row["grant"], row["grant_number"]) == (entry, grant, held["number"])
    names = [each["name"] for each in one["recipients"]]
    assert all(each["unit"] == UNIT for each in one["recipients"])
    assert names == ([OFFICER] if maker == "officer" else [OFFICER.replace("2301", "23"), OFFICER])


async def test_R31_5_of_a_copy_given_on_it_names_whom_it_was_given_to(
    counter: Counter, enter: Enter, journal: Journal, clock: StillClock
) -> None:
    entry = ticket(await look(counter, await granted(counter), how="clip"), clock).entry
    wish = {"recipient": "道里区人民检察院", "destination": "检察院案卷"}
    client = (await counter.officer()).client
    given = ticket(await client.post(f"/api/v1/register/{entry}/forward", json=wish), clock)
    clue = {"sha256": HASH, "entry": given.entry, "camera": counter.cameras[0]}
    told = (await (await enter(Role.AUDITOR)).post(TRACE, json=clue)).json()
    (one,) = told["items"]
    assert (told["by"], one["file"]) == ("mark", None)
    assert one["recipients"] == [{"name": "道里区人民检察院", "unit": "检察院案卷"}]


async def test_R31_5_that_nothing_is_known_is_an_answer_and_written_down(
    counter: Counter, enter: Enter, journal: Journal
) -> None:
    auditor = await enter(Role.AUDITOR)
    for clue in ({"sha256": HASH}, {"sha256": HASH, "entry": 0}, {"sha256": HASH, "entry": 2**63 - 1}):
        assert (await auditor.post(TRACE, json=clue)).json() == {"by": None, "items": []}
        assert (await kinds(journal))[-1] == "file.traced"


async def test_R25_12_without_the_journal_nothing_is_traced(enter: Enter, platform: Platform) -> None:
    platform.parts.tracing._journal = FailingJournal()  # type: ignore[assignment]
    auditor = await enter(Role.AUDITOR)
    answer = await auditor.post(TRACE, json={"sha256": HASH})
    assert (answer.status_code, answer.json()["code"]) == (503, "journal_unavailable")


async def test_R27_1_who_may_not_read_the_register_traces_nothing(enter: Enter) -> None:
    for role in (Role.WATCHER, Role.OFFICER, Role.SYSADMIN):
        answer = await (await enter(role)).post(TRACE, json={"sha256": HASH})
        assert answer.status_code == 403, role


@pytest.mark.parametrize(
    "clue",
    [{}, {"sha256": "x"}, {"sha256": HASH.upper()}, {"sha256": HASH, "entry": -1}, {"sha256": HASH, "no": 1}],
)
async def test_a_clue_that_is_none_is_refused(enter: Enter, clue: dict[str, Any]) -> None:
    assert (await (await enter(Role.AUDITOR)).post(TRACE, json=clue)).status_code == 422
