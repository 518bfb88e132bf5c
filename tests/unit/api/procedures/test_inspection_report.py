"""Art. 32 through the API: the inspector's desk and the report of an inspection."""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bingjian.access.decisions import Actor, Role
from bingjian.api.parts import Parts
from bingjian.api.platform import Platform
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow
from bingjian.inventory.history import HistoryRow
from bingjian.journal.append import Journal
from bingjian.procedures.supervision import Supervision
from tests.backend import Postgres, StillClock, sqlite_copy
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes
from tests.unit.api.procedures.setting import camera, put, record
from tests.unit.api.procedures.test_conduct import police
from tests.unit.api.procedures.test_inspections import HOUR, inspected, inspector
from tests.unit.api.procedures.test_inspections import report as public_report
from tests.unit.api.procedures.test_reports import broken
from tests.unit.api.procedures.test_supervising import at

REPORT = "/api/v1/reports/inspection"
DISTRICT = "230102"


async def named(enter: Enter, clock: StillClock, **more: Any) -> tuple[Desk, str]:
    """An inspector within an inspection, and its number."""
    _, inspection = await inspected(enter, clock, begin=at(clock, 0), until=at(clock, 9 * HOUR), **more)
    number = (await (await police(enter)).look("supervisions", inspection))["number"]
    return await inspector(enter), number


async def made(someone: Desk, number: str, **params: str) -> bytes:
    answer = await someone.client.get(REPORT, params={"number": number, **params})
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_R32_3_every_breach_names_its_evidence_and_the_journals_entries(
    enter: Enter, clock: StillClock, document: str, journal: Journal, platform: Platform
) -> None:
    _, number = await named(enter, clock)
    broken_here = await broken(enter, clock, document)
    await platform.parts.clockwork.round()  # notes in the journal what is overdue
    looks = await inspector(enter)
    told = json.loads(await made(looks, number))
    assert told["inspection"]["number"] == number
    assert {row["code"] for row in told["breaches"]} == {"R5.2", "R28.1", "R31.8", "N23"}
    (overdue,) = [row for row in told["breaches"] if broken_here["overdue"] in row["evidence"]]
    assert len(overdue["evidence"]) == 2  # the order, and the duty
    entries = [(await journal.read(1, one + 1))[0] for one in overdue["entries"]]
    assert [one.kind for one in entries] == ["inventory.changed", "duty.overdue"]
    assert {entries[0].entry["subject"], entries[1].entry["duty"]} == set(overdue["evidence"])


async def test_R32_3_run_twice_the_hash_is_the_same(
    enter: Enter, clock: StillClock, document: str, journal: Journal
) -> None:
    _, number = await named(enter, clock)
    await broken(enter, clock, document)
    looks, moment = await inspector(enter), at(clock, 0)
    first = await made(looks, number)
    newest = (await journal.read(1))[0]
    assert (newest.kind, newest.entry["sha256"]) == ("report.made", hashlib.sha256(first).hexdigest())
    papers = [await made(looks, number, format="pdf", language=one) for one in ("zh", "en")]
    assert papers[0][:5] == papers[1][:5] == b"%PDF-"
    assert papers[0] != papers[1]
    clock.wait(HOUR)
    for format, language, before in (
        ("json", "zh", first),
        ("pdf", "zh", papers[0]),
        ("pdf", "en", papers[1]),
    ):
        again = await made(await inspector(enter), number, at=moment, format=format, language=language)
        assert hashlib.sha256(again).digest() == hashlib.sha256(before).digest(), (format, language)


async def test_R32_3_after_the_inspection_the_report_is_of_its_end(
    enter: Enter, clock: StillClock, document: str
) -> None:
    _, number = await named(enter, clock)
    clock.wait(9 * HOUR)
    last = await made(await inspector(enter), number)
    clock.wait(HOUR)
    await broken(enter, clock, document)
    assert await made(await police(enter), number) == last


@pytest.mark.parametrize("division", [DISTRICT, "230103"])
async def test_R32_3_it_keeps_to_the_area_that_is_inspected(
    enter: Enter, clock: StillClock, document: str, division: str
) -> None:
    _, number = await named(enter, clock, division=division)
    await broken(enter, clock, document)  # its incident lies in 230102
    rows = json.loads(await made(await police(enter), number))["breaches"]
    assert ("R31.8" in [row["code"] for row in rows]) is (division == DISTRICT)


async def test_R32_3_an_inspector_makes_the_report_of_their_own_inspection_alone(
    enter: Enter, clock: StillClock
) -> None:
    looks, _ = await named(enter, clock)
    other = (await (await police(enter)).client.get("/api/v1/session")).json()["person"]["id"]
    _, second = await inspected(enter, clock, inspectors=[other])
    anothers = (await (await police(enter)).look("supervisions", second))["number"]
    answers = [await looks.client.get(REPORT, params={"number": one}) for one in (anothers, "JD-2026-9999")]
    assert [answer.status_code for answer in answers] == [404, 404]
    answer = await looks.client.get(REPORT, params={"number": anothers, "at": at(clock, 1)})
    assert answer.status_code == 404


async def test_R32_3_a_report_of_the_future_contradicts_itself(enter: Enter, clock: StillClock) -> None:
    looks, number = await named(enter, clock)
    answer = await looks.client.get(REPORT, params={"number": number, "at": at(clock, 1)})
    assert (answer.status_code, answer.json()["code"]) == (422, "contradiction")


# --- the desk


async def test_R32_1_the_systems_of_the_area_with_their_figures(
    enter: Enter, clock: StillClock, database: Database
) -> None:
    await named(enter, clock, division=DISTRICT)
    system, other = record("system"), record("system", division="230103")
    filing = record("filing", state="draft")
    filing.subject = system.id
    working, broken_one = camera(), camera("suspended")
    working.system = broken_one.system = system.id
    now = utc_now(clock)
    late, due = duty(1, now), duty(2, now + timedelta(hours=1))
    late.subject, due.subject, due.subject_kind = system.id, filing.id, "filing"
    late.overdue_noted_at = due.overdue_noted_at = None
    await put(database, system, other, filing, working, broken_one, late, due)
    looks = await inspector(enter)
    (told,) = (await looks.client.get("/api/v1/reports/systems")).json()["items"]
    assert (told["id"], told["cameras"], told["in_service"]) == (str(system.id), 2, 1)
    assert (told["open"], told["overdue"]) == (2, 1)
    supervisor = await police(enter)
    first = (await supervisor.client.get("/api/v1/reports/systems", params={"limit": 1})).json()
    rest = await supervisor.client.get("/api/v1/reports/systems", params={"cursor": first["next"]})
    assert [one["division"] for one in [*first["items"], *rest.json()["items"]]] == [DISTRICT, "230103"]


async def test_R32_1_an_inspector_has_the_registers_the_proofs_and_their_own_grants(
    enter: Enter, clock: StillClock
) -> None:
    looks, _ = await named(enter, clock)
    for url in ("register", "grants", "journal/checkpoint", "journal/consistency?from=1", "supervisions"):
        assert (await looks.client.get(f"/api/v1/{url}")).status_code == 200, url
    assert codes(await looks.client.get("/api/v1/journal")) == ["R32.1"]
    clock.wait(9 * HOUR + 1)
    late = await inspector(enter)
    for url in ("register", "grants", "journal/checkpoint", "reports/systems"):
        assert codes(await late.client.get(f"/api/v1/{url}")) == ["R32.1"], url


async def test_R32_1_a_proof_says_what_it_proves_only_of_the_area(
    enter: Enter, clock: StillClock, journal: Journal
) -> None:
    looks, _ = await named(enter, clock, division=DISTRICT)
    judge = await police(enter)
    for division in (DISTRICT, "230103"):
        await judge.opened("public-reports", **public_report(division=division))
        sequence = journal.length - 1
        proof = await looks.client.get(f"/api/v1/journal/{sequence}/proof")
        assert proof.status_code == 200
        assert ("extra " in proof.text) is (division == DISTRICT)
        whole = await (await enter(Role.AUDITOR)).get(f"/api/v1/journal/{sequence}/proof")
        assert "extra " in whole.text


# --- both databases


def identified(number: int) -> UUID:
    return UUID(int=0x1000 + number)


async def same_city(database: Database, clock: StillClock) -> None:
    """The same rows, whatever keeps them."""
    now = utc_now(clock)
    data = Supervision(begin=now - timedelta(days=1), until=now + timedelta(days=1), inspectors=())
    inspection = record("supervision", division="", state="open", data=data.model_dump_json())
    inspection.id, inspection.number = identified(0), "JD-2026-0001"
    rows: list[Any] = [inspection]
    for number in range(1, 40):
        due = now - timedelta(minutes=number)
        rows.append(duty(number, due))
        rows.append(change(number, now - timedelta(days=2)))
    await put(database, *rows)


def duty(number: int, due: datetime) -> DutyRow:
    return DutyRow(
        id=identified(number), code=("R25.4", "R5.2", "R18.1")[number % 3], subject_kind="system",
        subject=identified(100 + number), key="", title="系统", owner=None, division=DISTRICT,
        begun_at=due - timedelta(days=30), due_at=due, is_provisional=False, outcome="", evidence_kind="",
        overdue_noted_at=due, overdue_entry=1000 + number,
    )  # fmt: skip


def change(number: int, when: datetime) -> HistoryRow:
    return HistoryRow(
        subject=identified(100 + number), version=1, subject_kind="system", act="opened", at=when,
        by=identified(99), by_name="王", reason="", changes_json="{}", entry=number,
    )  # fmt: skip


async def test_R32_3_on_both_databases_the_same_bytes(
    postgres: Postgres, clock: StillClock, journal: Journal, tmp_path: Path
) -> None:
    urls = [await sqlite_copy(tmp_path / "template.sqlite3", tmp_path / "one.sqlite3")]
    urls.append(await postgres.create("both_databases"))
    hashes = set[str]()
    for url in urls:
        database = Database(url)
        await same_city(database, clock)
        parts = Parts.open(database, journal, clock, tmp_path / "state", None)
        auditor = Actor(identified(98), "审计", frozenset({Role.AUDITOR}), "zh")
        report = await parts.inspection_reports.make(auditor, "JD-2026-0001")
        assert len(report.found.breaches) == 39
        law = parts.lawbook.whole
        for content in (report.json, report.paper(law, "zh"), report.paper(law, "en")):
            hashes.add(hashlib.sha256(content).hexdigest())
        await database.close()
    await postgres.drop("both_databases")
    assert len(hashes) == 3
