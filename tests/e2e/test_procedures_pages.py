"""Procedures and duties as a person meets them, by keyboard: a plan opened, refused, completed, submitted."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bingjian.rules.library import law
from tests.e2e.conftest import AXE, FACES, Start, Visit
from tests.e2e.test_first_picture import axe

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PLANNER = "authority"  # the demo's person of the city's data authority, which drafts plans
WORDS = {
    "zh-CN": {"new": "新办一件", "submit": "报送", "opinion": "出具意见", "name": "名称"},
    "en": {"new": "New record", "submit": "Submit", "opinion": "Give an opinion", "name": "Name"},
}


@pytest.fixture
def planner(start: Start) -> Callable[..., Visit]:
    """Opens a window of whoever drafts plans."""
    return lambda language="zh-CN", theme="dark": start(language, theme, name=PLANNER)


def post(visit: Visit, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = visit.page.request.post(
        f"{visit.demo.url}/api/v1{path}", data=body, headers={"Origin": visit.demo.url}
    )
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def letter(visit: Visit) -> str:
    """The id of a letter that is kept."""
    answer = visit.page.request.post(
        f"{visit.demo.url}/api/v1/documents",
        params={"kind": "other", "title": "意见函", "file_name": "letter.txt"},
        data="原则同意".encode(),
        headers={"Origin": visit.demo.url, "Content-Type": "application/octet-stream"},
    )
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


FOCUSED = """() => {
  const here = document.activeElement;
  return (here.getAttribute("aria-label") || here.textContent || "").trim();
}"""


def press_on(page: Page, name: str) -> None:
    """Go by Tab until the thing of this name has the focus, then press Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"nothing called {name} is reached by Tab")


def reach(page: Page, field: Locator) -> None:
    """Go by Tab until this field has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if field.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError("the field is not reached by Tab")


def drafted(visit: Visit, opinions: int) -> str:
    """The id of a plan with a standard and so many of the nine opinions."""
    plan = post(
        visit, "/plans", {"title": "道里区规划", "division": "230102", "standards": ["GB/T 28181-2022"]}
    )
    document = letter(visit)
    for version, department in enumerate(list(law().codes("plan_department"))[:opinions], 1):
        given = {"version": version, "department": department, "opinion": {"document": document}}
        post(visit, f"/plans/{plan['id']}/give_opinion", given)
    return str(plan["id"])


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_plan_is_opened_by_keyboard_alone(planner: Callable[..., Visit], language: str) -> None:
    visit = planner(language)
    page, words = visit.page, WORDS[language]
    visit.open("/procedures/plans")
    expect(page.get_by_test_id("kind-page")).to_be_visible()
    press_on(page, words["new"])
    field = page.get_by_role("dialog").get_by_label(re.compile(f"^{words['name']}"))
    expect(field).to_be_focused()
    page.keyboard.press("Enter")  # nothing typed yet: the field says so and keeps the focus
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    page.keyboard.type("Three years")
    expect(field).to_have_attribute("aria-invalid", "false")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("record")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Three years")
    expect(page.locator("[data-step=submit] [data-refusal='R7.1']")).to_have_count(2)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_plan_that_lacks_an_opinion_is_refused_and_then_submitted_by_keyboard_alone(
    planner: Callable[..., Visit], language: str
) -> None:
    visit = planner(language)
    page, words = visit.page, WORDS[language]
    plan = drafted(visit, opinions=8)
    visit.open(f"/procedures/plans/{plan}")
    expect(page.get_by_test_id("record")).to_be_visible()
    press_on(page, words["submit"])
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    press_on(page, words["submit"])
    refused = dialog.get_by_role("alert")
    expect(refused.locator("[data-refusal='R7.1'] a")).to_have_attribute("href", "/regulation/7#R7.1")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    press_on(page, words["opinion"])
    expect(dialog.get_by_role("combobox").first).to_be_focused()
    page.keyboard.type("意见函")
    expect(page.locator(".ant-select-item-option-active").first).to_contain_text("意见函")  # what Enter takes
    page.keyboard.press("Enter")
    expect(dialog.locator(".ant-select").first).to_contain_text("意见函")
    reach(page, dialog.get_by_role("textbox"))
    page.keyboard.type("agreed")
    reach(page, dialog.get_by_role("combobox").last)
    ninth = law().codes("plan_department")[list(law().codes("plan_department"))[8]][0].words
    page.keyboard.type(ninth.zh if language == "zh-CN" else ninth.en)
    expect(page.locator(".ant-select-item-option-active").last).to_contain_text(
        ninth.zh if language == "zh-CN" else ninth.en
    )
    page.keyboard.press("Enter")
    expect(dialog.locator(".ant-select").last).to_contain_text(ninth.zh if language == "zh-CN" else ninth.en)
    press_on(page, words["opinion"])
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-step=submit]")).to_have_attribute("data-ready", "true")

    press_on(page, words["submit"])
    expect(dialog).to_be_visible()
    press_on(page, words["submit"])
    expect(page.get_by_test_id("life-cycle").locator("[aria-current=step]")).to_have_attribute(
        "data-state", "submitted"
    )
    expect(page.locator("[data-state=drafted][data-place=been]")).to_have_count(1)
    expect(page.locator(".history li").first).to_contain_text(words["submit"])


def test_a_file_becomes_a_document_and_is_chosen(planner: Callable[..., Visit]) -> None:
    visit = planner()
    page = visit.page
    visit.open(f"/procedures/plans/{drafted(visit, opinions=0)}")
    page.get_by_role("button", name="出具意见").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_test_id("upload").set_input_files(
        {"name": "财政局复函.txt", "mimeType": "text/plain", "buffer": "同意".encode()}
    )
    about = dialog.get_by_role("group", name="上传文件")
    expect(about.get_by_label("文件名称")).to_have_value("财政局复函")
    about.get_by_role("button", name="存档并选用").click()
    expect(about).to_be_hidden()
    expect(dialog).to_contain_text("财政局复函")


def test_whoever_comes_second_is_told_and_loses_nothing(planner: Callable[..., Visit]) -> None:
    visit = planner()
    page = visit.page
    plan = drafted(visit, opinions=0)
    visit.open(f"/procedures/plans/{plan}")
    page.get_by_role("button", name="填写依据标准").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^依据标准")).fill("GB 37300-2018")
    post(visit, f"/plans/{plan}/cite", {"version": 1, "standards": ["GA/T 1400"]})
    dialog.get_by_role("button", name="填写依据标准").click()
    told = dialog.get_by_test_id("stale")
    expect(told).to_contain_text(PLANNER)
    expect(told).to_contain_text("依据标准")
    told.get_by_role("button").click()
    expect(dialog.get_by_label(re.compile("^依据标准"))).to_have_value("GB 37300-2018")
    dialog.get_by_role("button", name="填写依据标准").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_test_id("record")).to_contain_text("GB 37300-2018")


def test_the_inbox_and_the_menu_are_there_for_whoever_owes(planner: Callable[..., Visit]) -> None:
    visit = planner("en")
    visit.open("/")
    page = visit.page
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Office").click()
    expect(page).to_have_url(re.compile("/duties$"))
    expect(page.get_by_test_id("duties")).to_be_visible()
    expect(page.get_by_role("navigation", name="Pages of this section").get_by_role("link")).to_contain_text(
        ["Duties", "Procedures", "Overview"]
    )


def test_a_figure_of_the_overview_leads_to_what_it_counts(planner: Callable[..., Visit]) -> None:
    visit = planner()
    page = visit.page
    drafted(visit, opinions=0)
    visit.open("/overview")
    building = page.locator("[data-theme-code=building]")
    figure = building.locator("tr[data-division='230102'] a[href^='/procedures/plans']")
    count = int(figure.inner_text())
    figure.click()
    expect(page).to_have_url(re.compile(r"/procedures/plans\?division=230102$"))
    expect(page.locator("tr[data-record]")).to_have_count(count)


@FACES
def test_axe_finds_nothing(planner: Callable[..., Visit], language: str, theme: str) -> None:
    """WCAG 2.2 A and AA, on every page in each language and theme, with a form and a refusal open."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm --prefix web ci")
    visit = planner(language, theme)
    page, words = visit.page, WORDS[language]
    plan = drafted(visit, opinions=2)
    found = {}
    for address, test_id in (
        ("/procedures", "hall"),
        ("/procedures/plans", "kind-page"),
        (f"/procedures/plans/{plan}", "record"),
        ("/duties", "duties"),
        ("/overview", "overview"),
    ):
        visit.open(address)
        expect(page.get_by_test_id(test_id)).to_be_visible()
        expect(page.locator(".ant-spin")).to_have_count(0)
        found[address] = axe(page)
    visit.open(f"/procedures/plans/{plan}")
    for summary in page.locator(".history summary").all():
        summary.click()
    found["history"] = axe(page)
    page.get_by_role("button", name=words["opinion"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=words["opinion"]).click()
    expect(dialog.locator(".form-fault").first).to_be_visible()
    found["form"] = axe(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=words["submit"]).click()
    dialog.get_by_role("button", name=words["submit"]).click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    found["refused"] = axe(page)
    faults = {where: some for where, some in found.items() if some}
    assert faults == {}, json.dumps(faults, indent=1, ensure_ascii=False)
