"""What a field engineer does on a device's page, and the sweep of a camera that turns.

In each language and theme with a recorder of its own, and once by keyboard alone.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bingjian.protocols.gb28181 import ids
from bingjian.simulate.gb28181.spec import make_devices
from tests.e2e.conftest import FACES, SIP_ID, Demo, Start, Visit
from tests.e2e.test_first_picture import PICTURE_MS, axe
from tests.e2e.test_gb_devices import PASSWORD, Installer, camera_file, installed
from tests.e2e.test_procedures_pages import post

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FIRST = 11  # the platform knows others from ``test_gb_devices``
DEVICES = make_devices(SIP_ID[: ids.DOMAIN_LENGTH], 3, 2, PASSWORD, first=FIRST)
OF_FACE, BY_KEYS = {"zh-CN": DEVICES[0], "en": DEVICES[1]}, DEVICES[2]
TURNING = {"zh-CN": "23010000001320009001", "en": "23010000001320009002"}  # cameras, by their codes
TURNED_BY_KEYS = "23010000001320009003"
WORDS = {
    "zh-CN": {
        "channel": "操作对象（通道）",
        "key_frame": "强制关键帧",
        "guard": "布防",
        "restart": "重启设备",
        "done": re.compile("设备已确认|设备已收到"),
        "ask": "重启期间该设备的所有通道都不录像",
        "cancel": "取消",
        "status": "状态",
        "online": "在线",
        "cards": "存储卡",
        "configuration": "配置",
        "firmware": "固件版本",
        "url": "下载地址（http 或 https）",
        "upgrade": "升级固件",
        "wrong": "请填写以 http:// 或 https:// 开头的地址",
        "change": "修改：云台范围",
        "from": "水平起（度）",
        "to": "水平止，顺时针（度）",
        "least": "俯仰最低（度，向下为负；空：不限）",
        "zoom": "最大变倍（空：不限）",
        "save": "保存",
        "swept": "350° 顺时针至 20°",
    },
    "en": {
        "channel": "For the channel",
        "key_frame": "Key picture",
        "guard": "Guard",
        "restart": "Restart the device",
        "done": re.compile("The device confirmed it|The device took it"),
        "ask": "No channel of the device is recorded while it restarts",
        "cancel": "Cancel",
        "status": "State",
        "online": "online",
        "cards": "Storage cards",
        "configuration": "Configuration",
        "firmware": "Version of the firmware",
        "url": "Where it is fetched from (http or https)",
        "upgrade": "Upgrade firmware",
        "wrong": "An address that begins with http:// or https://",
        "change": "Change: sweep",
        "from": "Pan from (degrees)",
        "to": "Pan to, clockwise (degrees)",
        "least": "Lowest tilt (degrees, down is negative; empty: as far as it can)",
        "zoom": "Closest zoom, times (empty: as far as it can)",
        "save": "Save",
        "swept": "From 350° clockwise to 20°",
    },
}
TABS_MOST = 60  # presses of Tab until what is wanted has the focus


@pytest.fixture(scope="module")
def recorders(demo: Demo, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installer]:
    folder = tmp_path_factory.mktemp("recorders")
    with installed(demo, browser, folder, devices=len(DEVICES), channels=2, first=FIRST) as installer:
        yield installer


def accepted(visit: Visit, recorders: Installer, code: str) -> str:
    """The id of a recorder that is online and has told its catalogue."""
    wish = {"name": f"NVR {code[-4:]}", "division": "", "code": code, "password": PASSWORD}
    device = str(post(visit, "/gb-devices", wish)["id"])
    recorders.order(code, "register")
    for _ in range(PICTURE_MS // 500):
        answer = visit.page.request.get(f"{visit.demo.url}/api/v1/gb-devices/{device}/channels")
        if len(answer.json()["items"]) == 2:
            return device
        visit.page.wait_for_timeout(500)
    raise AssertionError("its catalogue never came")


def upkeep_of(visit: Visit, device: str) -> Locator:
    visit.open(f"/devices/{device}?tab=upkeep")
    panel = visit.page.get_by_test_id("device-upkeep")
    expect(panel).to_be_visible()
    return panel


def choose_channel(page: Page, name: str, label: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.keyboard.type(name)
    page.locator(".ant-select-item-option").filter(has_text=name).click()


def told(panel: Locator, button: str) -> Locator:
    """What the device answers."""
    panel.get_by_role("button", name=button, exact=True).click()
    return panel.locator(".device-answer")


@FACES
def test_a_field_engineer_orders_and_asks(
    start: Start, recorders: Installer, language: str, theme: str
) -> None:
    visit, words, spec = start(language, theme), WORDS[language], OF_FACE[language]
    page, device = visit.page, accepted(visit, recorders, spec.id)
    panel = upkeep_of(visit, device)
    found = {"panel": axe(page)}

    panel.get_by_role("button", name=words["guard"], exact=True).click()
    expect(page.locator(".ant-message")).to_contain_text(words["done"])
    expect(told(panel, words["cards"])).to_contain_text("MB")
    expect(told(panel, words["configuration"])).to_contain_text("heartbeat_interval")
    found["configuration"] = axe(page)

    choose_channel(page, spec.channels[1].name, words["channel"])
    expect(page.get_by_test_id("device-upkeep").locator(".ant-select")).to_contain_text(spec.channels[1].id)
    expect(told(panel, words["status"])).to_contain_text(words["online"])
    found["state"] = axe(page)

    panel.get_by_role("button", name=words["restart"]).click()
    asked = page.get_by_role("tooltip").filter(has_text=words["ask"])
    expect(asked).to_be_visible()
    found["restart"] = axe(page)
    asked.get_by_role("button", name=words["cancel"]).click()
    expect(asked).to_be_hidden()

    panel.get_by_label(words["url"]).fill("ftp://192.0.2.1/firmware")
    panel.get_by_label(words["firmware"]).fill("V2.1")
    panel.get_by_role("button", name=words["upgrade"]).click()
    page.get_by_role("tooltip").get_by_role("button", name=words["upgrade"]).click()
    expect(panel).to_contain_text(words["wrong"])
    found["upgrade"] = axe(page)
    assert [fault for faults in found.values() for fault in faults] == []


@FACES
def test_the_sweep_of_a_camera_is_registered(start: Start, language: str, theme: str) -> None:
    visit, words = start(language, theme), WORDS[language]
    page, file = visit.page, camera_file(visit, TURNING[language])
    visit.open(f"/cameras/{file}/fields")
    sweep = page.get_by_test_id("sweep")
    expect(sweep).to_contain_text("180")
    found = {"shown": axe(page)}
    sweep.get_by_role("button", name=words["change"]).click()
    form = page.get_by_role("form", name=words["change"])
    form.get_by_label(words["from"]).fill("350")
    form.get_by_label(words["to"]).fill("20")
    form.get_by_label(words["least"], exact=True).fill("-30")
    found["form"] = axe(page)
    form.get_by_label(words["to"]).fill("")
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(form.get_by_label(words["to"])).to_have_attribute("aria-invalid", "true")
    found["faults"] = axe(page)
    form.get_by_label(words["to"]).fill("20")
    form.get_by_label(words["zoom"], exact=True).fill("20")
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(form).to_have_count(0)
    expect(sweep).to_contain_text(words["swept"])
    expect(sweep).to_contain_text("-30")
    assert [fault for faults in found.values() for fault in faults] == []


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(TABS_MOST):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {wanted}")


def test_all_of_it_by_keyboard_alone(start: Start, recorders: Installer) -> None:
    visit, words = start("zh-CN", "light"), WORDS["zh-CN"]
    page, device = visit.page, accepted(visit, recorders, BY_KEYS.id)
    panel = upkeep_of(visit, device)
    tab_to(page, page.get_by_role("combobox", name=words["channel"]))
    page.keyboard.type(BY_KEYS.channels[0].name)
    expect(page.locator(".ant-select-item-option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(panel.locator(".ant-select")).to_contain_text(BY_KEYS.channels[0].id)
    tab_to(page, panel.get_by_role("button", name=words["status"], exact=True))
    page.keyboard.press("Enter")
    expect(panel.locator(".device-answer")).to_contain_text(words["online"])
    tab_to(page, panel.get_by_role("button", name=words["upgrade"]))

    visit.open(f"/cameras/{camera_file(visit, TURNED_BY_KEYS)}/fields")
    tab_to(page, page.get_by_test_id("sweep").get_by_role("button", name=words["change"]))
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name=words["change"])
    zoom = form.get_by_label(words["zoom"], exact=True)
    tab_to(page, zoom)
    page.keyboard.type("12")
    tab_to(page, page.get_by_role("button", name=words["save"], exact=True))
    page.keyboard.press("Enter")
    expect(form).to_have_count(0)
    expect(page.get_by_test_id("sweep")).to_contain_text("12")
