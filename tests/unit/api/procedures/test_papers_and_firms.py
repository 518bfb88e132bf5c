"""What service asks beside the acceptance: signs, connection, products, firms, archive."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bingjian.api.platform import Platform
from tests.unit.api.procedures.office import codes
from tests.unit.api.procedures.test_system import SOCIAL, missing
from tests.unit.api.procedures.works import Works

LAST = "2026-06-30"  # of a qualification


def china(text: str) -> int:
    """Nanoseconds of an instant in China."""
    return int(datetime.fromisoformat(f"{text}+08:00").astimezone(UTC).timestamp()) * 10**9


# --- art. 11


async def test_R11_1_no_sign_bars_service_one_by_the_template_is_enough(works: Works) -> None:
    system, _ = await works.ready()
    builder, authority = await works.builder(), await works.authority()
    (sign,) = (await builder.client.get("/api/v1/signs")).json()["items"]
    await builder.stepped("signs", sign["id"], "remove")
    assert await missing(works, system) == ["R11.1", "N13"]
    (place,) = (await builder.look("systems", system))["data"]["places"]
    unknown = await builder.open("signs", subject=place, **works.sign(template="1999"))
    assert codes(unknown) == ["R11.1"]
    await builder.opened("signs", subject=place, **works.sign())
    assert await missing(works, system) == []
    (template,) = (await authority.client.get("/api/v1/sign-templates")).json()["items"]
    await authority.stepped("sign-templates", template["id"], "withdraw")
    assert await missing(works, system) == ["R11.1", "N13"]


@pytest.mark.parametrize("lack", [{"photo": None}, {"position": ""}, {"template": ""}])
async def test_R11_1_a_sign_is_told_in_full(works: Works, lack: dict[str, Any]) -> None:
    await works.template()
    wish = works.sign(**lack)
    place = await works.place("road_crossing", "1")
    assert codes(await (await works.builder()).open("signs", subject=place, **wish)) == ["R11.1"]


async def test_R11_1_an_inspection_that_misses_it_opens_a_ticket_at_once(works: Works) -> None:
    await works.template()
    builder, police = await works.builder(), await works.police()
    place = await works.place("road_crossing", "1")
    sign = await builder.opened("signs", subject=place, **works.sign())
    assert (await builder.look("signs", sign))["duties"] == []
    await police.stepped("signs", sign, "report_missing")
    (duty,) = (await builder.look("signs", sign))["duties"]
    assert (duty["code"], duty["state"]) == ("R11.1", "open")
    await builder.stepped("signs", sign, "replace", **works.sign(position="北口"))
    assert (await builder.look("signs", sign))["duties"] == []


# --- art. 13


async def test_R13_1_without_link_test_and_with_nine_of_ten_in_the_catalogue(works: Works) -> None:
    system, cameras = await works.accepted(10)
    builder = await works.builder()
    assert (await missing(works, system)).count("R13.1") == 2
    link = await works.linked(system, cameras[:9])
    whole = await builder.look("systems", system)
    (step,) = [one for one in whole["steps"] if one["name"] == "enter_service"]
    (refusal,) = [one for one in step["missing"] if one["code"] == "R13.1"]
    assert "C10" in refusal["reason"]
    await builder.stepped("links", link, "send_catalogue", cameras=cameras)
    assert "R13.1" not in await missing(works, system)
    await builder.stepped("links", link, "record_test", passed=False, document=works.document)
    assert "R13.1" in await missing(works, system)


async def test_R13_1_a_camera_of_another_system_is_not_in_the_catalogue(works: Works) -> None:
    system, _ = await works.accepted(1)
    _, others = await works.on_trial(1)
    builder = await works.builder()
    link = await builder.opened("links", subject=system)
    answer = await builder.step("links", link, "send_catalogue", cameras=others)
    assert (answer.status_code, answer.json()["code"]) == (422, "refers_to_nothing")


async def test_R13_2_another_system_keeps_an_interface_or_cites_the_rule(works: Works) -> None:
    system = await works.system(await works.place("lane"), **SOCIAL)
    await works.camera(system, "C1")
    builder = await works.builder()
    assert (await missing(works, system)).count("R13.2") == 3
    link = await builder.opened("links", subject=system)
    await builder.stepped("links", link, "set_interface", protocol="none", address="sip:1@10.0.0.1")
    assert codes(await builder.step("links", link, "record_handshake")) == ["R13.2"]
    assert codes(await builder.step("links", link, "exempt", citation=" ")) == ["R13.2"]
    await builder.stepped("links", link, "set_interface", protocol="gb28181", address="sip:1@10.0.0.1")
    assert (await missing(works, system)).count("R13.2") == 1
    await builder.stepped("links", link, "record_handshake")  # no media has to pass
    assert "R13.2" not in await missing(works, system)
    await builder.stepped("links", link, "set_interface", protocol="onvif", address="http://10.0.0.1")
    await builder.stepped("links", link, "exempt", citation="某规定第三条")
    assert "R13.2" not in await missing(works, system)


# --- art. 14, Decree 799 art. 12


@pytest.mark.parametrize(
    ("valid_to", "expected"), [("2025-12-31", ["R14.1"]), ("2026-01-01", []), ("2026-01-02", [])]
)
async def test_R14_1_valid_on_the_day_of_installation(
    works: Works, valid_to: str, expected: list[str]
) -> None:
    system, _ = await works.ready()  # installed on 2026-01-01
    builder = await works.builder()
    (product,) = (await builder.client.get("/api/v1/products")).json()["items"]
    told = product["data"] | {"valid_to": valid_to}
    del told["model"]
    await builder.stepped("products", product["id"], "certify", **told)
    assert await missing(works, system) == expected


@pytest.mark.parametrize("lack", ["is_up_to_mandatory", "is_free_of_malware"])
async def test_N12_mandatory_standards_and_no_malicious_program(works: Works, lack: str) -> None:
    system, _ = await works.ready()
    builder = await works.builder()
    (product,) = (await builder.client.get("/api/v1/products")).json()["items"]
    told = product["data"] | {lack: None}
    del told["model"]
    await builder.stepped("products", product["id"], "certify", **told)
    assert await missing(works, system) == ["N12"]


async def test_R14_2_a_design_paper_does_not_build(works: Works) -> None:
    system, _ = await works.ready()
    builder = await works.builder()
    found = (await builder.client.get("/api/v1/qualifications", params={"limit": 50})).json()["items"]
    (paper,) = [one for one in found if one["data"]["covers"] == ["construction"]]
    await builder.stepped("qualifications", paper["id"], "renew", **paper["data"] | {"covers": ["design"]})
    whole = await builder.look("systems", system)
    (step,) = [one for one in whole["steps"] if one["name"] == "enter_service"]
    (refusal,) = step["missing"]
    assert refusal["code"] == "R14.2"
    assert "construction" in refusal["reason"]


async def assigned(works: Works, system: str, firm: str, contract_ends: str = "2026-12-31") -> Any:
    unit = {"role": "construction", "organisation": firm, "contract_ends": contract_ends}
    return await (await works.builder()).step("systems", system, "assign_unit", unit=unit)


async def test_R14_3_no_new_job_after_the_last_day(works: Works) -> None:
    system, firm = await works.system(), await works.organisation("施工公司")
    await works.qualification(firm, ["construction"], LAST)
    works.clock.now_ns = china(f"{LAST} 23:59:59")
    works.sign_out()
    assert (await assigned(works, system, firm)).status_code == 200
    works.clock.now_ns = china("2026-07-01 00:00:00")
    works.sign_out()
    assert codes(await assigned(works, system, firm)) == ["R14.3"]


async def test_R14_3_reminded_thirty_days_before_during_a_contract(works: Works, platform: Platform) -> None:
    system, firm = await works.system(), await works.organisation("施工公司")
    paper = await works.qualification(firm, ["construction"], LAST)
    await assigned(works, system, firm, LAST)
    assert (await (await works.builder()).look("qualifications", paper))["duties"] == []
    await assigned(works, system, firm, "2026-07-01")
    for instant, state, is_reminded in (
        ("2026-05-30 23:59:59", "open", False),
        ("2026-05-31 00:00:00", "open", True),
        ("2026-06-30 23:59:59", "open", True),
        ("2026-07-01 00:00:00", "overdue", True),
    ):
        works.clock.now_ns = china(instant)
        works.sign_out()
        await platform.parts.clockwork.round()
        (duty,) = (await (await works.builder()).look("qualifications", paper))["duties"]
        assert (duty["state"], duty["reminded_at"] is not None) == (state, is_reminded), instant


async def test_R14_3_a_renewed_qualification_needs_no_reminder(works: Works) -> None:
    system, firm = await works.system(), await works.organisation("施工公司")
    paper = await works.qualification(firm, ["construction"], LAST)
    await assigned(works, system, firm)
    builder = await works.builder()
    data = (await builder.look("qualifications", paper))["data"]
    await builder.stepped("qualifications", paper, "renew", **data | {"valid_to": "2027-06-30"})
    assert (await builder.look("qualifications", paper))["duties"] == []
    await builder.stepped("qualifications", paper, "renew", **data | {"valid_to": "2026-10-31"})
    await assigned(works, system, firm)
    (duty,) = (await builder.look("qualifications", paper))["duties"]
    assert duty["due_at"].startswith("2026-10-31T16:00:00")  # 24:00 in China


# --- art. 17


@pytest.mark.parametrize("part", ["design", "construction", "acceptance"])
async def test_R17_1_R17_2_an_empty_folder_is_named(works: Works, part: str) -> None:
    system, cameras = await works.accepted()
    await works.signed(system)
    await works.linked(system, cameras)
    await works.certified()
    await works.qualified(system)
    works.firm = await works.organisation("归档单位")
    builder = await works.builder()
    archive = await builder.opened("archives", subject=system)
    for other in {"design", "construction", "acceptance"} - {part}:
        paper = {"part": other, "name": "资料", "document": works.document}
        await builder.stepped("archives", archive, "add_paper", paper=paper)
        await builder.stepped("archives", archive, "add_unit", unit=works.unit(other))
    assert await missing(works, system) == ["R17.1", "R17.2"]
    paper = {"part": part, "name": "资料", "document": works.document}
    await builder.stepped("archives", archive, "add_paper", paper=paper)
    await builder.stepped("archives", archive, "add_unit", unit=works.unit(part, staff=""))
    assert await missing(works, system) == ["R17.2"]  # a unit without staff


async def test_R17_1_papers_of_maintenance_are_owed_after_its_first_job(works: Works) -> None:
    system, _ = await works.ready()
    builder = await works.builder()
    (archive,) = (await builder.client.get("/api/v1/archives")).json()["items"]
    job = {"what": "更换电源", "done": "2026-01-01T03:00:00Z"}
    await builder.stepped("archives", archive["id"], "record_job", job=job)
    assert await missing(works, system) == ["R17.1", "R17.2"]
    late = job | {"done": "2026-01-01T05:00:00Z"}
    answer = await builder.step("archives", archive["id"], "record_job", job=late)
    assert (answer.status_code, answer.json()["code"]) == (422, "contradiction")


async def test_R17_3_nothing_leaves_the_archive(works: Works) -> None:
    system, _ = await works.accepted()
    works.firm = await works.organisation("归档单位")
    archive = await works.archived(system)
    builder = await works.builder()
    assert (await builder.client.delete(f"/api/v1/archives/{archive}")).status_code == 405
    steps = {step["name"] for step in (await builder.look("archives", archive))["steps"]}
    assert steps == {"add_paper", "add_unit", "record_job"}


async def test_N11_a_private_class_a_system_keeps_an_archive_by_the_decree(works: Works) -> None:
    operator = await works.organisation("商场")
    place = await works.place("commerce", "8", operator=operator)
    system, _ = await works.on_trial(1, place, **SOCIAL, organiser=operator)
    await works.passed(system)
    assert {"N11"} <= set(await missing(works, system))
    await (await works.builder()).stepped("systems", system, "accept")
    assert (await missing(works, system)).count("N11") == 3 + 1  # three activities, and their papers
