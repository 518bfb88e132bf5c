"""Art. 16 through the API: whole records, who takes part, the last attempt decides, pictures before it."""

from uuid import UUID

import pytest

from bingjian.access.decisions import Role
from bingjian.db.session import Database
from bingjian.journal.append import Journal
from tests.backend import kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import codes
from tests.unit.api.procedures.works import CITY, GOOD_ITEM, Works
from tests.unit.api.test_hostile_requests import statements

CAMERA = {"name": "C1", "url": "rtsp://10.0.0.9/1"}
HOURS = {"start": "2026-01-01T03:00:00Z", "end": "2026-01-01T03:30:00Z"}


async def test_R16_1_without_standards_or_report_nothing_is_concluded(works: Works) -> None:
    system, _ = await works.on_trial()
    builder = await works.builder()
    opened = await builder.opened("acceptances", subject=system)
    for step in ("conclude_pass", "conclude_fail"):
        assert "R16.1" in codes(await builder.step("acceptances", opened, step))
    assert codes(await builder.step("systems", system, "accept")) == ["R16.3"]  # and so without conclusion


async def test_R15_1_one_mandatory_item_of_forty_fails(works: Works) -> None:
    system, _ = await works.on_trial()
    items = [GOOD_ITEM | {"item": f"第 {n} 项"} for n in range(1, 41)]
    items[39]["is_passed"] = False
    opened = await works.acceptance(system, *items)
    builder = await works.builder()
    refused = await builder.step("acceptances", opened, "conclude_pass")
    assert codes(refused) == ["R15.1"]
    assert "第 40 项" in refused.json()["detail"]


async def test_R15_1_a_voluntary_item_that_fails_is_a_warning(works: Works) -> None:
    system, _ = await works.on_trial()
    soft = {"standard": "GB/T 1", "item": "2", "is_mandatory": False, "is_passed": False}
    opened = await works.acceptance(system, GOOD_ITEM, soft)
    after = await (await works.builder()).stepped("acceptances", opened, "conclude_pass")
    assert after["data"]["warnings"] == ["GB/T 1 2"]


async def test_R16_2_both_authorities_take_part(works: Works) -> None:
    system, _ = await works.on_trial()
    builder = await works.builder()
    opened = await builder.opened("acceptances", subject=system)
    told = {"standards": ["GB 50348"], "items": [GOOD_ITEM]}
    await builder.stepped("acceptances", opened, "record_items", **told)
    await builder.stepped("acceptances", opened, "attach_report", report=works.document)
    await (await works.police()).stepped("acceptances", opened, "take_part", name="王警官")
    refused = await builder.step("acceptances", opened, "conclude_pass")
    assert codes(refused) == ["R16.2"]
    assert "data authority" in refused.json()["detail"] or "数据" in refused.json()["detail"]
    await (await works.authority()).stepped("acceptances", opened, "take_part", name="李工")
    assert (await builder.stepped("acceptances", opened, "conclude_pass"))["state"] == "passed"


async def test_R16_3_one_system_is_not_accepted_by_another(works: Works) -> None:
    first, _ = await works.on_trial()
    second, _ = await works.on_trial()
    await works.passed(first)
    builder = await works.builder()
    assert codes(await builder.step("systems", second, "accept")) == ["R16.3"]
    assert (await builder.stepped("systems", first, "accept"))["state"] == "accepted"


async def test_R16_3_nothing_is_accepted_before_its_works_are_finished(works: Works) -> None:
    system = await works.system()
    answer = await (await works.builder()).open("acceptances", subject=system)
    assert {"R16.3", "R16.5"} <= set(codes(answer))


async def test_R16_3_revoked_acceptance_stops_service(works: Works) -> None:
    system, cameras = await works.ready()
    builder, police = await works.builder(), await works.police()
    (opened,) = (await builder.client.get("/api/v1/acceptances")).json()["items"]
    await builder.stepped("systems", system, "enter_service")
    decision = {"reason": "弄虚作假", "document": works.document}
    await police.stepped("acceptances", opened["id"], "revoke", **decision)
    assert await works.state_of(system) == "suspended"
    assert await works.states(cameras) == ["suspended"] * 2
    newest = (await builder.look("systems", system))["history"][0]
    assert (newest["act"], newest["reason"]) == ("acceptance_lost", opened["number"])
    assert {"R16.3"} <= set(codes(await builder.step("systems", system, "resume")))


async def test_R16_4_fail_then_pass_are_two_records_and_none_is_deleted(works: Works) -> None:
    system, _ = await works.on_trial()
    builder = await works.builder()
    failed = await works.acceptance(system, GOOD_ITEM | {"is_passed": False})
    await builder.stepped("acceptances", failed, "conclude_fail")
    assert codes(await builder.step("systems", system, "accept")) == ["R16.3"]
    works.clock.wait(60)
    await works.passed(system)
    await builder.stepped("systems", system, "accept")
    found = (await builder.client.get("/api/v1/acceptances", params={"subject": system})).json()["items"]
    assert sorted(one["state"] for one in found) == ["failed", "passed"]
    assert (await builder.client.delete(f"/api/v1/acceptances/{failed}")).status_code == 405
    assert codes(await builder.step("acceptances", failed, "conclude_pass")) == ["R16.4"]


async def test_R16_6_the_hundred_and_first_camera_waits(works: Works) -> None:
    system, _ = await works.in_service(100)
    builder = await works.builder()
    last = await works.camera(system, "C101")
    await works.in_catalogue(system, last)
    refused = await builder.step("systems", system, "extend_service", cameras=[last])
    assert codes(refused) == ["R16.6"]
    assert "C101" in refused.json()["detail"]
    await builder.stepped("systems", system, "suspend")
    works.clock.wait(1)
    supplement = await works.passed(system, is_supplementary=True)
    assert (await builder.look("acceptances", supplement))["data"]["cameras"] == [last]
    assert await works.states([last]) == ["planned"]


async def test_R16_6_after_its_supplementary_acceptance_it_serves_and_a_failed_one_takes_it_out(
    works: Works,
) -> None:
    system, _ = await works.in_service(1)
    builder = await works.builder()
    last = await works.camera(system, "C2")
    await works.in_catalogue(system, last)
    works.clock.wait(1)
    await works.passed(system, is_supplementary=True)
    await builder.stepped("systems", system, "extend_service", cameras=[last])
    assert await works.states([last]) == ["in_service"]
    works.clock.wait(1)
    bad = GOOD_ITEM | {"is_passed": False}
    failed = await works.acceptance(system, bad, is_supplementary=True, cameras=[last])
    await builder.stepped("acceptances", failed, "conclude_fail")
    assert await works.states([last]) == ["suspended"]
    assert await works.state_of(system) == "in_service"


async def test_R15_3_judged_for_good_by_the_specification_of_its_day(works: Works) -> None:
    authority, police = await works.authority(), await works.police()

    async def issue(version: str, effective: str) -> None:
        wish = {"version": version, "effective": effective, "document": works.document}
        opened = await authority.opened("specifications", **wish)
        assert codes(await authority.step("specifications", opened, "issue")) == ["R15.3"]
        await police.stepped("specifications", opened, "cosign")
        await authority.stepped("specifications", opened, "issue")

    await issue("v1", "2026-01-01")
    first = await works.passed((await works.on_trial())[0])
    await issue("v2", "2026-01-01")
    works.clock.wait(1)
    second = await works.passed((await works.on_trial())[0])
    builder = await works.builder()
    versions = [(await builder.look("acceptances", one))["data"]["specification"] for one in (first, second)]
    assert versions == ["v1", "v2"]


async def test_R15_3_public_security_alone_issues_nothing(works: Works) -> None:
    police = await works.police()
    opened = await police.opened("specifications", version="v1", effective="2026-01-01")
    await police.stepped("specifications", opened, "cosign")
    assert codes(await police.step("specifications", opened, "issue")) == ["R15.3"]


# --- pictures


async def streaming(works: Works, system: str) -> str:
    """A camera of a system that has a stream."""
    registrar = await works.at(Role.REGISTRAR, CITY)
    answer = await registrar.client.post("/api/v1/cameras", json=CAMERA)
    assert answer.status_code == 201, answer.text
    camera = str(answer.json()["id"])
    await works.belongs(camera, system)
    return camera


@pytest.mark.parametrize("look", ["live", "playback", "snapshot", "sprite", "clip"])
async def test_R16_3_R16_5_pictures_of_a_trial_are_not_shown(works: Works, enter: Enter, look: str) -> None:
    system, _ = await works.on_trial(0)
    camera = await streaming(works, system)
    watcher = await enter(Role.WATCHER, Role.CUSTODIAN)
    url = f"/api/v1/cameras/{camera}/{look}"
    if look in ("snapshot", "sprite"):
        answer = await watcher.get(url, params=HOURS)
    else:
        answer = await watcher.post(url, json={} if look == "live" else HOURS | {"purpose": "案件"})
    # Copies are made under a grant alone, and without one nothing is said of the camera.
    assert codes(answer) == (["R22.8"] if look == "clip" else ["R16.3", "R16.6"])


async def test_R27_3_another_builder_learns_nothing_of_a_camera_on_trial(
    works: Works, database: Database, journal: Journal
) -> None:
    system, _ = await works.on_trial(0)
    camera = await streaming(works, system)
    other, seen = await works.at(Role.BUILDER, "transport"), list[tuple[int, str, list[str], int]]()
    for one in (camera, str(UUID(int=9))):
        before = journal.length
        with statements(database) as asked:
            answer = await other.client.post(f"/api/v1/cameras/{one}/trial", json={})
        seen.append((answer.status_code, answer.json()["code"], asked, journal.length - before))
    there, nowhere = seen
    assert there == nowhere
    assert (there[:2], there[3]) == ((404, "no_such_camera"), 1)


async def test_R16_5_the_tester_sees_the_trial_and_that_is_logged(
    works: Works, enter: Enter, journal: Journal
) -> None:
    system, _ = await works.on_trial(0)
    camera = await streaming(works, system)
    builder = await works.builder()
    url = f"/api/v1/cameras/{camera}/trial"
    answer = await builder.client.post(url, json={})
    assert answer.status_code == 201, answer.text
    assert answer.json()["watermark"].startswith("试运行")
    assert (await kinds(journal))[-1] == "view.live"
    other = await works.at(Role.BUILDER, "transport")
    assert (await other.client.post(url, json={})).status_code == 404
    assert (await (await enter(Role.WATCHER)).post(url, json={})).status_code == 404
    assert (await (await enter(Role.AUDITOR)).post(url, json={})).status_code == 403


async def test_R16_5_builders_see_which_of_their_systems_run_on_trial(works: Works, enter: Enter) -> None:
    system, _ = await works.on_trial(0)
    camera = await streaming(works, system)
    dark = await works.camera(system, "C9")
    builder, other = await works.builder(), await works.at(Role.BUILDER, "transport")
    (one,) = (await builder.client.get("/api/v1/trials")).json()["items"]
    assert (one["system"], one["since"][:10]) == (system, "2026-01-01")
    assert {(each["id"], each["has_stream"]) for each in one["cameras"]} == {(camera, True), (dark, False)}
    assert (await other.client.get("/api/v1/trials")).json()["items"] == []
    assert (await (await enter(Role.WATCHER)).get("/api/v1/trials")).json()["items"] == []  # builds nothing
    assert (await (await enter(Role.AUDITOR)).get("/api/v1/trials")).status_code == 403
    await builder.stepped("systems", system, "build_again")
    assert (await builder.client.get("/api/v1/trials")).json()["items"] == []


async def test_R16_5_after_the_trial_there_is_no_test_view(works: Works, enter: Enter) -> None:
    system, _ = await works.on_trial(0)
    camera = await streaming(works, system)
    await works.passed(system)
    builder = await works.builder()
    await builder.stepped("systems", system, "accept")
    assert codes(await builder.client.post(f"/api/v1/cameras/{camera}/trial", json={})) == ["R16.5"]
    live = await (await enter(Role.WATCHER)).post(
        f"/api/v1/cameras/{camera}/live", json={"purpose": "duty_watch"}
    )
    assert live.status_code == 201


async def test_R16_6_pictures_of_a_camera_added_later_are_not_shown(works: Works, enter: Enter) -> None:
    system, _ = await works.on_trial(1)
    await works.passed(system)
    await (await works.builder()).stepped("systems", system, "accept")
    camera = await streaming(works, system)
    watcher = await enter(Role.WATCHER)
    assert codes(await watcher.post(f"/api/v1/cameras/{camera}/live", json={"purpose": "duty_watch"})) == [
        "R16.6"
    ]


async def test_a_camera_of_no_system_is_shown_as_before(works: Works, enter: Enter) -> None:
    registrar, watcher = await enter(Role.REGISTRAR), await enter(Role.WATCHER)
    camera = (await registrar.post("/api/v1/cameras", json=CAMERA)).json()["id"]
    assert (
        await watcher.post(f"/api/v1/cameras/{camera}/live", json={"purpose": "duty_watch"})
    ).status_code == 201
