"""The desks of officer, custodian and inspector: from a request drafted on its page to a decision, and an
inspection's report whose bytes do not change."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from bingjian.inventory.organisations import body_id
from tests.e2e.conftest import AXE, Start, Visit
from tests.e2e.granting import rules_in_force, stepped
from tests.e2e.test_first_picture import axe
from tests.e2e.test_procedures_pages import letter, post

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KEEPER = str(body_id("public_security"))
UNIT = str(body_id("public_security", "230102"))


def local(instant: datetime) -> str:
    """As an input of the page has it."""
    return f"{instant + timedelta(hours=8):%Y-%m-%dT%H:%M:%S}"


def drafted_on_its_page(officer: Visit) -> str:
    """The id of a request of one camera for two officers, the second found by name."""
    page = officer.page
    officer.open("/requests")
    page.get_by_role("button", name="New request").first.click()
    page.get_by_label("Title").fill("盗窃案")
    page.get_by_label("Number of the case or work").fill("哈公里刑〔2026〕9号")
    keeper = page.request.get(f"{officer.demo.url}/api/v1/organisations/{KEEPER}").json()["name"]
    for label, text in (("Body that is asked", keeper), ("Purpose", "Investigating a crime")):
        chosen(page, label, text)
    page.get_by_label("Legal power").fill("《刑事诉讼法》第五十四条")
    page.get_by_label("Where to").fill("道里分局案件查阅室")
    page.get_by_role("button", name="Add cam01").click()
    end = datetime.now(UTC).replace(microsecond=0)
    begins, ends = page.locator(".presence input").all()
    begins.fill(local(end - timedelta(minutes=2, seconds=3)))
    ends.fill(local(end))
    expect(page.locator(".lane-span").first).to_be_visible()
    page.get_by_label("Find somebody of our unit").fill("officer2")
    page.get_by_role("button", name="officer2").first.click()
    for number, card in enumerate(
        page.get_by_test_id("new-request").locator(".officers > li").all(), start=1
    ):
        card.get_by_label("Number").fill(f"2301-{number}")
        card.get_by_label("Issued by").fill("局")
        card.get_by_label("Valid to").fill("2030-12-31")
    assert axe(page) == []
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_test_id("record")).to_be_visible()
    return page.url.rsplit("/", 1)[1]


def chosen(page: Page, label: str, text: str) -> None:
    """By keyboard: typed or walked to, then taken."""
    box = page.get_by_label(label)
    box.focus()
    page.keyboard.press("ArrowDown")
    if box.get_attribute("readonly") is None:
        page.keyboard.type(text)
    option = page.locator(".ant-select-item-option", has_text=text).first
    expect(option).to_be_attached()
    for _ in range(20):
        if "option-active" in (option.get_attribute("class") or ""):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def submitted(officer: Visit, other: Visit, record: str) -> None:
    stepped(officer, record, "undertake", officer=1)
    stepped(other, record, "undertake", officer=2)
    paper = {"kind": "introduction_letter", "number": "9", "unit": UNIT, "document": letter(officer)}
    stepped(officer, record, "add_paper", paper=paper | {"issued": f"{datetime.now(UTC):%Y-%m-%d}"})
    stepped(officer, record, "submit")


def test_a_request_from_the_form_to_the_decision_and_the_second_custodian_is_told(start: Start) -> None:
    custodian, witness = start("en", name="custodian"), start("en", name="witness")
    officer, other = start("en", name="officer"), start("en", name="officer2")
    rules_in_force(custodian)
    record = drafted_on_its_page(officer)
    submitted(officer, other, record)

    page = custodian.page
    custodian.open("/requests")
    page.get_by_test_id("request-inbox").get_by_role("link", name="盗窃案").first.click()
    expect(page.get_by_test_id("missing").locator("[data-refusal='R22.2']")).to_have_count(2)
    assert axe(page) == []
    for left in (1, 0):
        page.get_by_role("button", name=re.compile(r"\bSeen$")).first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-seen=false]")).to_have_count(left)

    late = witness.page
    witness.open(f"/requests/{record}")
    expect(late.get_by_test_id("missing")).to_contain_text("Nothing is missing")

    expect(page.get_by_test_id("missing")).to_contain_text("Nothing is missing")
    page.get_by_test_id("decide").get_by_role("button", name="Grant").click()
    expect(page.get_by_test_id("decision")).to_have_attribute("data-state", "granted")

    late.get_by_role("radio", name="Return").check()
    late.get_by_label("What is missing").fill("印章不清")
    late.get_by_test_id("decide").get_by_role("button", name="Return").click()
    expect(late.get_by_test_id("beaten")).to_contain_text("custodian has acted: grant")
    expect(late.get_by_test_id("decision")).to_have_attribute("data-state", "granted")


def test_an_inspector_reads_and_the_report_is_the_same_twice(start: Start) -> None:
    inspector, police = start("zh-CN", name="inspector", theme="dark"), start("en", name="police")
    person = inspector.page.request.get(f"{inspector.demo.url}/api/v1/session").json()["person"]["id"]
    now = datetime.now(UTC)
    wish = {"title": "年度检查", "division": "230102", "inspectors": [person]}
    period = {
        "begin": (now - timedelta(hours=1)).isoformat(),
        "until": (now + timedelta(hours=1)).isoformat(),
    }
    number = post(police, "/supervisions", wish | period)["number"]
    page = inspector.page
    inspector.open("/inspection")
    expect(page.get_by_test_id("inspection")).to_contain_text(number)
    expect(page.get_by_test_id("log-size")).not_to_be_empty()
    for name in ("PDF（中文）", "PDF（英文）", "JSON"):
        link = page.get_by_role("link", name=f"检查报告 {name}").get_attribute("href") or ""
        first, second = (page.request.get(f"{inspector.demo.url}{link}") for _ in range(2))
        assert first.ok, first.text()
        assert first.body() == second.body()
    if AXE.exists():
        assert axe(page) == []
