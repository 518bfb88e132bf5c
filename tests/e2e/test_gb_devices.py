"""A device of GB/T 28181 as a registrar meets it: it knocks, is accepted, becomes a camera, turns; and what
was said with it can be read. In each language and theme with a device of its own.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as NeverThere

from bingjian.protocols.gb28181 import ids
from bingjian.simulate.gb28181.spec import make_devices
from tests.e2e.conftest import FACES, SIP_ID, STOP_SECONDS, Demo, Start, Visit
from tests.e2e.test_first_picture import PICTURE_MS, axe, wait_until_grown
from tests.e2e.test_procedures_pages import post

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PASSWORD = "set-by-the-installer"
DEVICES = make_devices(SIP_ID[: ids.DOMAIN_LENGTH], 2, 1, PASSWORD)
OF_FACE = {"zh-CN": DEVICES[0], "en": DEVICES[1]}
WORDS = {
    "zh-CN": {
        "accept": "接入",
        "name": "名称",
        "password": "注册密码",
        "match": "对应档案",
        "take": "对应",
        "stored": "可以存储",
        "online": "在线",
        "steer": "控制云台",
        "held": "由您控制",
        "again": "重新取得控制",
        "right": "右",
        "draw": "拉框放大",
        "home": "回到登记画面",
        "keep_preset": "存为预置位",
        "keep": "保存",
        "extras": "巡航、扫描、开关",
        "set_cruise": "设置巡航",
        "cruise_name": "巡航名称",
        "cruise_presets": "预置位（按巡航顺序选择）",
        "start": "开始或停止巡航“巡”",
    },
    "en": {
        "accept": "Accept",
        "name": "Name",
        "password": "Password of its registration",
        "match": "Match",
        "take": "Match",
        "stored": "may be stored",
        "online": "online",
        "steer": "Turn the camera (PTZ)",
        "held": "You control it",
        "again": "Take control again",
        "right": "Right",
        "draw": "Draw: the rectangle fills the picture",
        "home": "Back to the registered view",
        "keep_preset": "Keep as a preset",
        "keep": "Keep",
        "extras": "Cruise, scan, switches",
        "set_cruise": "Set a cruise",
        "cruise_name": "Name of the cruise",
        "cruise_presets": "Presets, in the order of the round",
        "start": "Start or stop the cruise “巡”",
    },
}
TURNED = 5.0  # degrees to the right, at least
CLOSER = 1.4  # times, at least
PRESS_MS = 3000  # for one key to be there; then control is looked at again
PAN, ZOOM = (re.compile(rf"<{name}>(-?[\d.]+)</{name}>") for name in ("Pan", "Zoom"))


@dataclass(frozen=True)
class Installer:
    """Whoever stands at the devices."""

    control: Path

    def order(self, device: str, order: str) -> None:
        command = [sys.executable, "-m", "bingjian.cli", "simulate", "order", device, order]
        subprocess.run([*command, "--control", str(self.control)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def installer(demo: Demo, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installer]:
    """Two devices of the 2022 edition, set up for the demo's platform, which does not know them."""
    with installed(demo, browser, tmp_path_factory.mktemp("devices"), devices=2, channels=1) as installer:
        yield installer


@contextmanager
def installed(
    demo: Demo, browser: Any, folder: Path, *, devices: int, channels: int, first: int = 1
) -> Iterator[Installer]:
    """So many recorders with so many channels each, as ``make_devices`` numbers them."""
    (folder / "password").write_text(PASSWORD)
    platform = ["--platform", sip_address(demo, browser), "--platform-id", SIP_ID, "--edition", "2022"]
    many = ["--devices", str(devices), "--channels", str(channels), "--first", str(first)]
    many += ["--password-file", str(folder / "password")]
    many += ["--keep-alive", "5", "--footage", "drawn", "--control", str(folder / "control.sock")]
    process = subprocess.Popen(
        [*(sys.executable, "-m", "bingjian.cli", "simulate", "gb28181"), *platform, *many],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Installer(folder / "control.sock")
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def sip_address(demo: Demo, browser: Any) -> str:
    """As the page shows it to whoever sets devices up."""
    context = browser.new_context()
    wish = {"name": "operator", "password": demo.password}
    context.request.post(f"{demo.url}/api/v1/session", data=wish, headers={"Origin": demo.url})
    told = context.request.get(f"{demo.url}/api/v1/gb-devices/signal").json()
    context.close()
    return f"{told['sip_host']}:{told['sip_port']}"


def camera_file(visit: Visit, code: str) -> str:
    """Of a camera that turns, at a registered place, which no stream has yet."""
    where = {"longitude": 126.62, "latitude": 45.76, "crs": "wgs84"}  # without these its view is not known
    yard = {"name": f"广场 {code[-6:]}", "division": "230102", "kind": "school"}
    place = post(visit, "/places", yard)["id"]
    part = post(visit, f"/places/{place}/parts", {"name": "大厅", "kind": "lobby"})["id"]
    sweep = {"pan_from": 90, "pan_width": 180, "tilt_least": -45, "tilt_most": 45, "pan_zero": 180}
    view = {"azimuth": 180, "h_fov": 60, "max_view_distance": 30, "sweep": sweep}
    wish: dict[str, Any] = {"name": f"球机 {code[-6:]}", "division": "230102", "place": place, "part": part}
    return str(post(visit, "/camera-files", {**wish, **where, "view": view, "device_id": code})["id"])


def accept_who_knocks(page: Page, device: str, words: dict[str, str]) -> None:
    row = page.locator(f"tr[data-device='{device}']")
    row.get_by_role("button", name=words["accept"], exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_label(words["name"], exact=True).fill(f"NVR {device[-4:]}")
    form.get_by_label(words["password"]).fill(PASSWORD)
    form.get_by_role("button", name=words["accept"], exact=True).click()
    expect(row).to_have_count(0)


def match_by_code(page: Page, channel: str, words: dict[str, str]) -> None:
    row = page.locator(f"tr[data-channel='{channel}']")
    row.get_by_role("button", name=words["match"]).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile(f"^{words['take']} 球机")).click()
    expect(row).to_contain_text(words["stored"])


def take_the_pad(page: Page, words: dict[str, str]) -> None:
    page.get_by_test_id("tile").hover()  # its tools show
    page.get_by_role("button", name=words["steer"]).click()
    hold(page, words)


def hold(page: Page, words: dict[str, str]) -> None:
    """On a busy machine two beats in a row may come too late: then control is gone, and is taken again."""
    pad = page.get_by_test_id("ptz")
    held, again = pad.get_by_text(words["held"], exact=True), pad.get_by_role("button", name=words["again"])
    expect(held.or_(again)).to_be_visible()
    if again.is_visible():
        again.click()
    expect(held).to_be_visible()


def turn_right(page: Page, words: dict[str, str], seconds: float) -> None:
    button = page.get_by_test_id("ptz").get_by_role("button", name=words["right"], exact=True)
    button.hover()
    page.mouse.down()
    page.wait_for_timeout(seconds * 1000)
    page.mouse.up()


def wait_until_it_looks(visit: Visit, device: str, is_so: Callable[[float, float], bool]) -> None:
    """By what the device reports last: degrees to the right of where it stood at first, and zoom."""
    path, said = f"{visit.demo.url}/api/v1/gb-devices/{device}/log", list[tuple[float, float]]()
    for _ in range(PICTURE_MS // 500):
        messages = sorted(visit.page.request.get(path).json()["messages"], key=lambda one: one["at"])
        texts = [str(message["text"]) for message in messages]
        looks = [(PAN.search(text), ZOOM.search(text)) for text in texts]
        said = [(float(pan[1]), float(zoom[1])) for pan, zoom in looks if pan and zoom]
        if said and is_so(*said[-1]):
            return
        visit.page.wait_for_timeout(500)
    raise AssertionError(f"it never looked so: {said}")


def draw_on_the_picture(page: Page, words: dict[str, str]) -> None:
    """A quarter of it, in its lower left."""
    page.get_by_test_id("ptz").get_by_role("button", name=words["draw"]).click()
    area = page.get_by_test_id("frame-area").bounding_box()
    assert area is not None
    left, top, width, height = (area[side] for side in ("x", "y", "width", "height"))
    page.mouse.move(left + 0.1 * width, top + 0.45 * height)
    page.mouse.down()
    page.mouse.move(left + 0.4 * width, top + 0.6 * height)
    page.mouse.move(left + 0.6 * width, top + 0.9 * height)
    page.mouse.up()
    page.get_by_test_id("ptz").get_by_role("button", name=words["draw"]).click()


def keep_preset(page: Page, name: str, words: dict[str, str]) -> None:
    """Where it looks now: the camera itself says where that is."""
    hold(page, words)
    pad = page.get_by_test_id("ptz")
    pad.get_by_role("button", name=words["keep_preset"]).click()
    form = page.get_by_role("tooltip")
    form.get_by_label(words["name"], exact=True).fill(name)
    form.get_by_role("button", name=words["keep"], exact=True).click()
    expect(pad.get_by_role("list").first).to_contain_text(name)


def set_cruise(page: Page, presets: tuple[str, ...], words: dict[str, str]) -> None:
    hold(page, words)
    pad = page.get_by_test_id("ptz")
    pad.get_by_text(words["extras"]).click()
    pad.get_by_role("button", name=words["set_cruise"]).click()
    form = page.get_by_role("tooltip").filter(has=page.get_by_label(words["cruise_name"]))
    form.get_by_label(words["cruise_name"]).fill("巡")
    form.get_by_role("combobox", name=words["cruise_presets"]).click()
    for preset in presets:
        page.get_by_title(preset, exact=True).last.click()
    form.get_by_role("button", name=words["keep"], exact=True).click()
    expect(pad.get_by_role("button", name=words["start"])).to_be_visible()


def press_cruise(page: Page, words: dict[str, str], pressed: str) -> None:
    """Until the key is so, and control is held; control that was lost ended what went on."""
    key = page.get_by_test_id("ptz").get_by_role("button", name=words["start"])
    for _ in range(PICTURE_MS // PRESS_MS):
        hold(page, words)
        if key.get_attribute("aria-pressed") == pressed:
            return
        with suppress(NeverThere):  # control was lost just now: the key is off
            key.click(timeout=PRESS_MS)
    raise AssertionError(f"the key is never {pressed}")


def draw_and_cruise(visit: Visit, device: str, words: dict[str, str]) -> list[str]:
    """What the pad does beside turning; what axe finds in it."""
    page = visit.page
    draw_on_the_picture(page, words)
    wait_until_it_looks(visit, device, lambda pan, zoom: zoom > CLOSER)
    keep_preset(page, "甲", words)
    hold(page, words)
    page.get_by_test_id("ptz").get_by_role("button", name=words["home"]).click()
    wait_until_it_looks(visit, device, lambda pan, zoom: pan < TURNED and zoom < CLOSER)
    keep_preset(page, "乙", words)
    set_cruise(page, ("甲", "乙"), words)
    press_cruise(page, words, "true")
    wait_until_it_looks(visit, device, lambda pan, zoom: zoom > CLOSER)
    found = axe(page)  # it keeps the page from its beats, and may cost it control
    press_cruise(page, words, "false")
    return found


@FACES
def test_a_device_that_knocks_becomes_a_camera_that_turns_and_its_log_says_how(
    start: Start, installer: Installer, language: str, theme: str
) -> None:
    visit, words, device = start(language, theme), WORDS[language], OF_FACE[language]
    page, channel = visit.page, device.channels[0].id
    file = camera_file(visit, channel)
    visit.open("/devices?state=waiting")
    expect(page.locator(f"tr[data-device='{device.id}']")).to_be_visible()
    found = {"waiting": axe(page)}

    accept_who_knocks(page, device.id, words)
    installer.order(device.id, "register")
    visit.open("/devices?state=accepted")
    row = page.locator(f"tr[data-device='{device.id}']")
    expect(row).to_contain_text(words["online"])
    row.get_by_role("link").click()
    match_by_code(page, channel, words)
    found["channels"] = axe(page)
    id = page.url.split("?")[0].rsplit("/", 1)[1]

    visit.open(f"/video?layout=1&cameras={file}")
    wait_until_grown(page, 1)
    take_the_pad(page, words)
    turn_right(page, words, 1.5)
    found["pad"] = axe(page)
    wait_until_it_looks(visit, id, lambda pan, zoom: TURNED < pan < 180)

    visit.open(f"/devices/{id}?tab=log")
    read_the_log(visit)
    found["log"] = axe(page)

    visit.open(f"/video?layout=1&cameras={file}")  # after the log: a camera that says where it looks fills it
    wait_until_grown(page, 1)
    take_the_pad(page, words)
    found["beside turning"] = draw_and_cruise(visit, id, words)
    assert [fault for faults in found.values() for fault in faults] == []


def read_the_log(visit: Visit) -> None:
    """The ladder from registration to the call, a message as it was on the wire, all as a capture."""
    page = visit.page
    ladder = page.locator(".device-ladder ol button")
    expect(ladder.filter(has_text="INVITE").first).to_be_visible(timeout=PICTURE_MS)
    told = ladder.all_inner_texts()
    register, invite = (
        next(at for at, text in enumerate(told) if text.startswith(what)) for what in ("REGISTER", "INVITE")
    )
    assert register < invite
    ladder.filter(has_text=re.compile(r"^\s*INVITE")).first.click()
    raw = page.locator(".device-raw pre")
    expect(raw).to_contain_text("INVITE sip:")
    expect(raw).to_contain_text("m=video")
    with page.expect_download() as coming:
        page.get_by_role("link", name=re.compile("pcap")).click()
    assert coming.value.path().read_bytes()[:4] in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4")
