"""Camera files in the browser: the list by keyboard, an import with faults, the map with its list."""

import csv
import io
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import AXE, FACES, Start, Visit
from tests.e2e.test_first_picture import axe

NEAR = {"division": "230102", "latitude": 45.765, "crs": "wgs84"}
SHEET = (
    ("设备名称", "行政区域", "经度", "纬度", "坐标系", "设备状态"),
    ("导入一号", "230102", "126.601", "45.765", "wgs84", "1"),
    ("导入二号", "230102", "126.602", "45.765", "wgs84", "1"),
    ("导入三号", "230102", "45.765", "126.603", "wgs84", "1"),  # longitude and latitude exchanged
)


def file_camera(visit: Visit, name: str, longitude: float) -> dict[str, Any]:
    url, headers = visit.demo.url, {"Origin": visit.demo.url}
    wish = NEAR | {"name": name, "longitude": longitude}
    answer = visit.page.request.post(f"{url}/api/v1/camera-files", data=wish, headers=headers)
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def sheet() -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(SHEET)
    return text.getvalue().encode("utf-8-sig")


def test_the_list_is_searched_ticked_and_changed_by_keyboard(start: Start) -> None:
    visit = start("en")
    page = visit.page
    for n in range(3):
        file_camera(visit, f"键盘 {n}", 126.6 + n / 1000)
    visit.open("/cameras")
    expect(page.locator("tr[data-file]").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("jianpan")  # its pinyin
    expect(page.locator("tr[data-file]")).to_have_count(3)
    expect(page.get_by_test_id("total")).to_contain_text("3 cameras")
    page.keyboard.press("Tab")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_test_id("selection")).to_contain_text("2 selected")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("file-page")).to_contain_text("键盘 1")
    page.go_back()
    page.get_by_role("checkbox", name="Select this page").press("Space")
    page.get_by_role("button", name="Change all").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill("manufacturer")
    page.keyboard.press("Enter")
    dialog.get_by_label("New value").fill("Acme")
    dialog.get_by_role("button", name="Preview").press("Enter")
    dialog.get_by_role("button", name="Change 3").press("Enter")
    expect(page.get_by_text("3 changed")).to_be_visible()


def test_a_file_is_changed_and_its_history_tells_both_values(start: Start) -> None:
    visit = start("en")
    page = visit.page
    file = file_camera(visit, "改名前", 126.61)
    visit.open(f"/cameras/{file['id']}/fields")
    page.get_by_role("button", name="Change: Identity").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("name", exact=False).first.wait_for()
    drawer.locator("input[id$='-name']").fill("改名后")
    drawer.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("改名后")
    page.get_by_role("link", name="History").click()
    changes = page.locator("[data-version='2']")
    expect(changes).to_contain_text("改名前")
    expect(changes).to_contain_text("改名后")


def test_a_sheet_with_faults_is_imported_but_for_them(start: Start) -> None:
    visit = start("en")
    page = visit.page
    visit.open("/import")
    page.get_by_test_id("sheet-file").set_input_files(
        {"name": "cameras.csv", "mimeType": "text/csv", "buffer": sheet()}
    )
    expect(page.get_by_role("button", name="Judge all rows")).to_be_visible()
    page.get_by_role("button", name="Judge all rows").click()
    expect(page.get_by_test_id("findings")).to_contain_text("3 rows, 1 of them faulty")
    page.reload()  # goes on where it was
    expect(page.locator("tr[data-row='4']")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the faulty rows").click()
    assert download.value.suggested_filename == "faults.xlsx"
    page.get_by_test_id("import-confirm").click()
    expect(page.get_by_text("2 cameras imported")).to_be_visible()
    visit.open("/cameras?q=导入")
    expect(page.locator("tr[data-file]")).to_have_count(2)


def test_the_map_and_its_list_show_the_same(start: Start) -> None:
    visit = start("en")
    page = visit.page
    file_camera(visit, "图上一号", 126.62)
    visit.open("/map?q=图上")
    expect(page.get_by_test_id("in-view")).to_have_text("1 with a position in this view")
    expect(page.locator(".map-list li[data-file]")).to_have_count(1)
    page.get_by_role("button", name="Show the view of 图上一号").press("Enter")
    expect(page.get_by_test_id("chosen-camera")).to_contain_text("Looks to")
    assert "camera=" in page.url  # can be passed on
    page.get_by_text("Choose by coordinates").click()
    for side, degrees in (("West", "126.5"), ("South", "45.7"), ("East", "126.7"), ("North", "45.8")):
        page.get_by_label(side, exact=False).fill(degrees)
    page.get_by_role("button", name="Choose this area").press("Enter")
    expect(page.get_by_role("region", name="Chosen area")).to_contain_text("1 cameras in it")
    page.locator(".map-list").get_by_role("link", name="图上一号").press("Enter")
    expect(page.get_by_test_id("file-page")).to_contain_text("图上一号")


@FACES
def test_axe_finds_nothing_on_the_pages_of_the_inventory(start: Start, language: str, theme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm --prefix web ci")
    visit = start(language, theme)
    page = visit.page
    file = file_camera(visit, "无障碍", 126.605)
    found = {path: shown(visit, page, path, at) for path, at in pages_of(str(file["id"]))}
    assert {path: faults for path, faults in found.items() if faults} == {}


def pages_of(file: str) -> list[tuple[str, str]]:
    """Addresses with what is there once a page has come."""
    one = f"/cameras/{file}"
    return [
        ("/cameras?fill_below_bp=10000", "tr[data-file]"),
        (one, "[data-testid=quality]"),
        (f"{one}/fields", "[data-group=identity]"),
        (f"{one}/changes", "[data-version='1']"),
        ("/map", ".map-list li[data-file]"),
        ("/places", "[data-testid=places-page]"),
        ("/places/gaps", "[data-testid=gaps-page]"),
        ("/import", "[data-testid=imports-page]"),
    ]


def shown(visit: Visit, page: Page, path: str, at: str) -> Any:
    visit.open(path)
    expect(page.locator(at).first).to_be_visible()
    return axe(page)
