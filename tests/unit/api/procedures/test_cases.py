"""Arts. 33–35 through the API: higher law, referral, and cases against staff that only few see."""

from typing import Any
from uuid import UUID

import pytest

from bingjian.access.decisions import Role
from bingjian.inventory.organisations import body_id
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.test_conduct import police

SILENT = "staff-cases"


async def opened(enter: Enter, document: str) -> tuple[Desk, str]:
    judge = await police(enter)
    fact = {"text": "2026年1月1日擅自拆除摄像机一台", "documents": [document]}
    return judge, await judge.opened("cases", code="R31.9", facts=[fact], zh="责令改正", en="to be put right")


async def test_R33_1_a_higher_rule_replaces_the_consequence_and_never_the_facts(
    enter: Enter, document: str
) -> None:
    judge, case = await opened(enter, document)
    before = (await judge.look("cases", case))["data"]
    wish = {"citation": "《治安管理处罚法》第三十三条", "zh": "处拘留", "en": "detention"}
    after = (await judge.stepped("cases", case, "cite", **wish))["data"]
    assert (after["facts"], after["facts_hash"]) == (before["facts"], before["facts_hash"])
    assert [one["zh"] for one in after["consequences"]] == ["责令改正", "处拘留"]
    assert after["consequences"][-1]["citation"] == wish["citation"]


@pytest.mark.parametrize("lacking", ["citation", "zh", "en"])
async def test_R33_1_a_higher_rule_is_named_with_its_consequence(
    enter: Enter, document: str, lacking: str
) -> None:
    judge, case = await opened(enter, document)
    wish = {"citation": "《治安管理处罚法》第三十三条", "zh": "处拘留", "en": "detention", lacking: " "}
    assert codes(await judge.step("cases", case, "cite", **wish)) == ["R33.1"]


async def test_R34_1_nothing_is_referred_without_evidence_and_its_check(enter: Enter, document: str) -> None:
    judge, case = await opened(enter, document)
    await judge.stepped("cases", case, "add_fact", fact={"text": "恢复前丢失录像两小时"})
    assert codes(await judge.step("cases", case, "refer", receiver="道里分局")) == ["R34.1"]
    await judge.stepped("cases", case, "prove", fact=2, document=document)
    assert codes(await judge.step("cases", case, "refer", receiver="道里分局")) == ["R34.1"]
    check = {"package": document, "verifier": document}
    await judge.stepped("cases", case, "verify", **check, is_verified=False)
    assert codes(await judge.step("cases", case, "refer", receiver="道里分局")) == ["R34.1"]
    await judge.stepped("cases", case, "verify", **check, is_verified=True)
    assert (await judge.stepped("cases", case, "refer", receiver="道里分局"))["state"] == "referred"


async def test_R34_1_a_fact_that_comes_after_the_check_asks_for_another(enter: Enter, document: str) -> None:
    judge, case = await opened(enter, document)
    await judge.stepped("cases", case, "verify", package=document, verifier=document, is_verified=True)
    fact = {"text": "又一台", "documents": [document]}
    await judge.stepped("cases", case, "add_fact", fact=fact)
    assert codes(await judge.step("cases", case, "refer", receiver="道里分局")) == ["R34.1"]


async def test_a_case_of_no_duty_and_a_proof_of_no_fact_are_named(enter: Enter, document: str) -> None:
    judge, case = await opened(enter, document)
    answer = await judge.open("cases", code="R99.9", facts=[{"text": "x"}])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "code")
    answer = await judge.step("cases", case, "prove", fact=2, document=document)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "fact")


# --- R35.1


def wish_of(**more: Any) -> dict[str, Any]:
    wish = {"against": "赵某", "unit": str(body_id("transport")), "offence": "neglect_of_duty"}
    return {**wish, **more}


async def test_R35_1_the_units_own_administrators_are_told_that_there_are_none(enter: Enter) -> None:
    discipline = await desk(enter, Role.DISCIPLINE_BODY)
    case = await discipline.opened(SILENT, **wish_of())
    everybody_else = set(Role) - {Role.DISCIPLINE_BODY, Role.AUDITOR}
    for role in sorted(everybody_else):
        other = await desk(enter, role, body="transport")
        found = await other.client.get(f"/api/v1/{SILENT}")
        assert (found.status_code, found.json()) == (200, {"items": [], "next": None}), role
        hidden = await other.client.get(f"/api/v1/{SILENT}/{case}")
        none = await other.client.get(f"/api/v1/{SILENT}/{UUID(int=7)}")
        assert (hidden.status_code, hidden.json()["code"]) == (none.status_code, none.json()["code"])
        assert hidden.status_code == 404
    auditor = await desk(enter, Role.AUDITOR)
    found = await auditor.client.get(f"/api/v1/{SILENT}")
    assert [one["id"] for one in found.json()["items"]] == [case]


async def test_R35_1_nobody_is_shown_a_case_against_themselves(enter: Enter) -> None:
    auditor = await desk(enter, Role.AUDITOR)
    person = (await auditor.client.get("/api/v1/session")).json()["person"]["id"]
    discipline = await desk(enter, Role.DISCIPLINE_BODY)
    case = await discipline.opened(SILENT, **wish_of(person=person))
    assert (await auditor.client.get(f"/api/v1/{SILENT}")).json()["items"] == []
    assert (await auditor.client.get(f"/api/v1/{SILENT}/{case}")).status_code == 404
    assert (await discipline.look(SILENT, case))["id"] == case


async def test_R35_1_nobody_opens_a_case_against_themselves(enter: Enter) -> None:
    discipline = await desk(enter, Role.DISCIPLINE_BODY)
    person = (await discipline.client.get("/api/v1/session")).json()["person"]["id"]
    assert codes(await discipline.open(SILENT, **wish_of(person=person))) == ["R35.1"]


@pytest.mark.parametrize("fault", [{"against": ""}, {"offence": "being_late"}])
async def test_R35_1_a_case_names_whom_it_is_against_and_for_what(
    enter: Enter, fault: dict[str, str]
) -> None:
    discipline = await desk(enter, Role.DISCIPLINE_BODY)
    assert codes(await discipline.open(SILENT, **wish_of(**fault))) == ["R35.1"]


async def test_R35_1_cases_end_and_leave_no_duty_behind(enter: Enter, document: str) -> None:
    discipline = await desk(enter, Role.DISCIPLINE_BODY)
    case = await discipline.opened(SILENT, **wish_of())
    fact = {"text": "未履行值班职责", "documents": [document]}
    await discipline.stepped(SILENT, case, "add_fact", fact=fact)
    assert (await discipline.stepped(SILENT, case, "close", outcome="诫勉"))["state"] == "closed"
    duties = await discipline.client.get("/api/v1/duties", params={"subject": case})
    assert duties.json()["items"] == []
