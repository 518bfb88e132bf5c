"""Art. 7 through the API: nine opinions, standards, reuse, and the city government's approval."""

from uuid import uuid4

from bingjian.access.decisions import Role
from bingjian.journal.append import Journal
from bingjian.rules.library import law
from tests.backend import kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.test_coverage import camera as camera_filed
from tests.unit.api.test_siting import box

DEPARTMENTS = list(law().codes("plan_department"))
STANDARD = "GB/T 28181-2022"


async def drafted(enter: Enter, standards: list[str]) -> tuple[Desk, str]:
    drafter = await desk(enter, Role.CITY_DATA_AUTHORITY, body="city_data_authority")
    return drafter, await drafter.opened("plans", title="道里区三年规划", standards=standards)


async def with_opinions(
    enter: Enter, document: str, departments: list[str], standards: list[str]
) -> tuple[Desk, str]:
    drafter, plan = await drafted(enter, standards)
    for department in departments:
        own = await desk(enter, Role.DEPARTMENT_USER, body=department)
        await own.stepped("plans", plan, "give_opinion", opinion={"document": document})
    return drafter, plan


async def test_R7_1_eight_opinions_name_the_ninth_nine_pass(enter: Enter, document: str) -> None:
    drafter, plan = await with_opinions(enter, document, DEPARTMENTS[:8], [STANDARD])
    refused = await drafter.step("plans", plan, "submit")
    assert codes(refused) == ["R7.1"]
    assert law().codes("plan_department")[DEPARTMENTS[8]][0].words.zh in refused.json()["detail"]
    whole = await drafter.look("plans", plan)
    (submit,) = [step for step in whole["steps"] if step["name"] == "submit"]
    assert [one["code"] for one in submit["missing"]] == ["R7.1"]
    ninth = await desk(enter, Role.DEPARTMENT_USER, body=DEPARTMENTS[8])
    await ninth.stepped("plans", plan, "give_opinion", opinion={"document": document})
    assert (await drafter.stepped("plans", plan, "submit"))["state"] == "submitted"


async def test_R7_1_a_tenth_opinion_is_welcome(enter: Enter, document: str) -> None:
    drafter, plan = await with_opinions(enter, document, [*DEPARTMENTS, "education"], [STANDARD])
    assert (await drafter.stepped("plans", plan, "submit"))["state"] == "submitted"


async def test_R7_1_nine_opinions_without_a_standard_are_refused(enter: Enter, document: str) -> None:
    drafter, plan = await with_opinions(enter, document, DEPARTMENTS, [])
    assert codes(await drafter.step("plans", plan, "submit")) == ["R7.1"]


async def test_R7_1_another_body_submits(enter: Enter, document: str) -> None:
    _, plan = await with_opinions(enter, document, DEPARTMENTS, [STANDARD])
    other = await desk(enter, Role.PLANNER, body="transport")
    assert codes(await other.step("plans", plan, "submit")) == ["R7.1"]


async def test_R7_2_only_the_city_government_approves(enter: Enter, document: str) -> None:
    drafter, plan = await with_opinions(enter, document, DEPARTMENTS, [STANDARD])
    await drafter.stepped("plans", plan, "submit")
    district = await desk(enter, Role.GOVERNMENT, body="district_government", division="230102")
    assert codes(await district.step("plans", plan, "approve", approval=document)) == ["R7.2"]
    city = await desk(enter, Role.GOVERNMENT, body="city_government")
    assert (await city.stepped("plans", plan, "approve", approval=document))["state"] == "approved"


async def test_R7_2_what_is_out_of_order_is_refused_and_written_down(
    enter: Enter, journal: Journal, document: str
) -> None:
    _, plan = await drafted(enter, [])
    city = await desk(enter, Role.GOVERNMENT, body="city_government")
    assert codes(await city.step("plans", plan, "approve", approval=document)) == ["R7.2"]
    assert (await kinds(journal))[-1] == "refusal"


async def test_R7_4_of_three_cameras_two_answers_are_not_enough(enter: Enter, document: str) -> None:
    drafter, plan = await with_opinions(enter, document, DEPARTMENTS, [STANDARD])
    registrar = await enter(Role.REGISTRAR)
    for number in range(3):
        await camera_filed(registrar, east=number, name=f"{number} 号")
    strip = box(-0.5, 2, 3.5, 22)
    planned = await drafter.stepped("plans", plan, "add_item", name="友谊路", area=strip)
    item = planned["data"]["items"][0]
    cameras = item["existing"]
    assert (len(cameras), item["is_possible_duplicate"]) == (3, True)
    for camera in cameras[:2]:
        answer = {"is_reused": True, "reason": "角度合适"}
        await drafter.stepped("plans", plan, "answer", item=1, camera=camera, answer=answer)
    assert codes(await drafter.step("plans", plan, "submit")) == ["R7.4"]
    answer = {"is_reused": False, "reason": "被树遮挡"}
    await drafter.stepped("plans", plan, "answer", item=1, camera=cameras[2], answer=answer)
    assert (await drafter.stepped("plans", plan, "submit"))["state"] == "submitted"


async def test_an_answer_is_on_an_item_and_a_camera_that_are_there(enter: Enter) -> None:
    drafter, plan = await drafted(enter, [])
    answer = {"is_reused": True, "reason": "角度合适"}
    said = await drafter.step("plans", plan, "answer", item=1, camera=str(uuid4()), answer=answer)
    assert (said.status_code, said.json()["code"]) == (422, "refers_to_nothing")
    camera = await camera_filed(await enter(Role.REGISTRAR))
    said = await drafter.step("plans", plan, "answer", item=1, camera=str(camera), answer=answer)
    assert (said.status_code, said.json()["code"]) == (422, "contradiction")


async def test_two_who_take_steps_at_once_the_second_is_told(enter: Enter) -> None:
    drafter, plan = await drafted(enter, [])
    url = f"/api/v1/plans/{plan}/cite"
    wish = {"version": 1, "standards": [STANDARD]}
    assert (await drafter.client.post(url, json=wish)).status_code == 200
    stale = await drafter.client.post(url, json=wish)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")


async def test_an_organisation_that_is_not_there_is_named(enter: Enter) -> None:
    drafter, _ = await drafted(enter, [])
    answer = await drafter.open("plans", organisation=str(uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (422, "refers_to_nothing")
    assert answer.json()["errors"][0]["field"] == "organisation"


async def test_a_document_that_is_not_there_is_named(enter: Enter) -> None:
    drafter, plan = await drafted(enter, [])
    own = await desk(enter, Role.DEPARTMENT_USER, body="finance")
    answer = await own.step("plans", plan, "give_opinion", opinion={"document": str(uuid4())})
    assert (answer.status_code, answer.json()["code"]) == (422, "refers_to_nothing")
    assert answer.json()["errors"][0]["field"] == "opinion.document"
    assert (await drafter.look("plans", plan))["version"] == 1


async def test_the_history_has_every_step_and_the_list_finds_it(enter: Enter) -> None:
    drafter, plan = await drafted(enter, [])
    await drafter.stepped("plans", plan, "cite", standards=[STANDARD])
    history = (await drafter.look("plans", plan))["history"]
    assert [(one["version"], one["act"]) for one in history] == [(2, "cite"), (1, "opened")]
    assert history[0]["changes"] == {"standards": [[], [STANDARD]]}
    found = await drafter.client.get("/api/v1/plans", params={"q": "dlqsngh", "state": "drafted"})
    assert [one["id"] for one in found.json()["items"]] == [plan]


async def test_every_kind_describes_its_forms_in_both_languages(enter: Enter) -> None:
    reader = await enter(Role.WATCHER)
    kinds_ = (await reader.get("/api/v1/procedures")).json()["items"]
    for kind in kinds_:
        for form in (kind["opening"], *(move["form"] for move in kind["moves"])):
            models = (form, *form.get("$defs", {}).values())
            for model in models:
                for name, field in model.get("properties", {}).items():
                    assert field.get("zh"), (kind["name"], name)
                    assert field.get("en"), (kind["name"], name)
