"""What a person sees of storage: volumes, terms, marks and their release, findings; marking on the wall."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import AXE, FACES, Start, Visit
from tests.e2e.test_first_picture import (
    PICTURE_MS,
    axe,
    moment_ms,
    wait_until_grown,
    wait_until_recorded,
    wall,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


TICK_MS = 2000  # the page says the moment a little later than it is


def mark_now(visit: Visit, camera: str) -> None:
    """The camera alone on the wall, recorded for a while, and marked by its key."""
    page = visit.page
    wall(visit, camera, layout=1)
    wait_until_grown(page, 1)
    wait_until_recorded(visit, visit.camera(camera), 8)
    page.get_by_test_id("tile").focus()
    page.keyboard.press("m")
    expect(page.get_by_test_id("mark-toast")).to_have_attribute("data-kind", "done", timeout=PICTURE_MS)


def test_the_volumes_say_their_state_room_and_days(start: Start) -> None:
    visit = start()
    page = visit.page
    visit.open("/storage")
    expect(page).to_have_url(re.compile("/storage/volumes$"))
    volume = page.get_by_test_id("volume").first
    expect(volume).to_contain_text("正常写入", timeout=PICTURE_MS)
    expect(volume).to_contain_text("可写")
    expect(volume).to_contain_text(re.compile(r"天 / 需要 \d+ 天|正在测量"))
    answer = page.request.get(f"{visit.demo.url}/api/v1/storage").json()
    expect(page.get_by_test_id("volume")).to_have_count(len(answer["volumes"]))


def test_each_camera_has_its_term_with_its_article(start: Start) -> None:
    visit = start()
    page = visit.page
    visit.open("/storage/retention")
    rows = page.locator("tr[data-camera]", has_text="cam0")  # the demo's own; other tests have theirs
    expect(rows).to_have_count(6, timeout=PICTURE_MS)
    expect(rows.first).to_contain_text("第二十八条第二款")
    page.get_by_label("按名称查找").fill("cam03")
    expect(rows).to_have_count(1)
    page.get_by_label("按名称查找").fill("no such camera")
    page.get_by_role("button", name="清除筛选").click()
    expect(rows).to_have_count(6)


def test_a_registrar_changes_the_class_of_a_camera_with_a_reason(start: Start) -> None:
    visit = start()
    page = visit.page
    visit.open("/storage/retention")
    row = page.locator("tr[data-camera]", has_text="cam05")
    row.get_by_role("button", name="修改类别").click()
    dialog = page.get_by_role("dialog")
    target = dialog.get_by_role("radio", name="反恐重点目标")
    target.check()
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_contain_text("请填写理由")
    expect(target).to_be_checked()
    dialog.get_by_label("理由").fill("车站列为反恐重点目标")
    expect(dialog).not_to_contain_text("请填写理由")  # its leaving moves the button
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("90 天", timeout=PICTURE_MS)


def test_a_key_marks_the_moment_and_the_timeline_shows_it(start: Start) -> None:
    visit = start()
    page = visit.page
    mark_now(visit, "cam01")
    expect(page.get_by_test_id("marks")).to_contain_text(re.compile("[1-9]"))
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id("timeline")).to_have_attribute("aria-valuetext", re.compile("已标记重要"))


def test_brackets_set_the_range_that_is_marked(start: Start) -> None:
    visit = start("en")
    page = visit.page
    camera = visit.camera("cam03")
    wall(visit, "cam03", layout=1)
    wait_until_grown(page, 1)
    wait_until_recorded(visit, camera, 25)
    page.get_by_test_id("tile").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press(" ")
    page.keyboard.press("ArrowLeft")
    shown = [moment_ms(page)]  # how long the machine takes between two keys is no matter
    page.keyboard.press("[")
    shown.append(moment_ms(page))
    page.keyboard.press("ArrowRight")
    shown.append(moment_ms(page))
    page.keyboard.press("]")
    expect(page.get_by_test_id("range")).to_be_visible()
    shown.append(moment_ms(page))
    page.keyboard.press("n")
    page.get_by_label("Note (optional)").fill("two persons at the gate")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("mark-toast")).to_have_attribute("data-kind", "done", timeout=PICTURE_MS)
    expect(page.get_by_test_id("range")).to_have_count(0)
    marks = page.request.get(f"{visit.demo.url}/api/v1/marks", params={"camera": camera}).json()["items"]
    mine = next(mark for mark in marks if mark["reason"] == "two persons at the gate")
    start_ms, end_ms = (page.evaluate("(text) => Date.parse(text)", mine[end]) for end in ("start", "end"))
    assert shown[0] - TICK_MS < start_ms < shown[1] + TICK_MS
    assert shown[2] - TICK_MS < end_ms < shown[3] + TICK_MS
    assert end_ms - start_ms > 8_000


def test_a_release_takes_a_second_person(start: Start) -> None:
    """Whoever asked is refused as the second, with the article; the mark stays in force."""
    visit = start()
    page = visit.page
    mark_now(visit, "cam04")
    page.get_by_test_id("mark-toast").get_by_role("button", name="申请撤销（双人）").click()
    expect(page.get_by_test_id("mark-toast")).to_have_attribute("data-kind", "asked", timeout=PICTURE_MS)
    visit.open(f"/storage/retention?view=marks&camera={visit.camera('cam04')}")
    row = page.locator("tr[data-state='release_asked']")
    expect(row).to_contain_text("operator")
    row.get_by_role("button", name="确认撤销").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("已核对")
    dialog.get_by_role("button", name="确认撤销").click()
    expect(dialog.get_by_role("alert")).to_contain_text("依据：第二十")
    page.keyboard.press("Escape")
    expect(row).to_have_count(1)


def test_the_findings_say_how_far_the_audit_has_come(start: Start) -> None:
    visit = start()
    page = visit.page
    visit.open("/storage/findings")
    expect(page.get_by_test_id("audit")).to_contain_text("全部重读一遍", timeout=PICTURE_MS)
    expect(page.get_by_role("heading", name=re.compile("没有发现异常"))).to_be_visible()


def test_the_completeness_of_today_stands_below_the_timeline(start: Start) -> None:
    visit = start()
    wall(visit, "cam01", layout=1)
    expect(visit.page.get_by_test_id("completeness")).to_contain_text(
        re.compile(r"今日 (100|\d\d?\.\d\d) %"), timeout=PICTURE_MS
    )


@FACES
def test_axe_finds_nothing(start: Start, language: str, theme: str) -> None:
    """WCAG 2.2 A and AA, on every storage page in each language and theme, a dialog and the mark panel."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm --prefix web ci")
    visit = start(language, theme)
    page = visit.page
    found = {}
    for address in ("volumes", "retention", "retention?view=marks", "retention?view=holds", "findings"):
        visit.open(f"/storage/{address}")
        expect(page.get_by_test_id("storage-page")).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=PICTURE_MS)
        found[address] = axe(page)
    visit.open("/storage/retention")
    page.locator("tr[data-camera] button").last.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found["class"] = axe(page)
    wall(visit, "cam01", layout=1)
    expect(page.get_by_test_id("tile")).to_have_count(1)
    page.keyboard.press("n")
    expect(page.get_by_test_id("mark-panel")).to_be_visible()
    found["mark panel"] = axe(page)
    assert {where: faults for where, faults in found.items() if faults} == {}
