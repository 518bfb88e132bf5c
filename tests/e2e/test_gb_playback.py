"""A duty operator plays what a recorder has stored itself, with the same keys as our own recordings."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bingjian.protocols.gb28181 import ids
from bingjian.simulate.gb28181.spec import make_devices
from tests.e2e.conftest import SIP_ID, Demo, Start, Visit
from tests.e2e.test_first_picture import PICTURE_MS, axe, moment_ms, type_moment, wait_until, wait_until_grown
from tests.e2e.test_gb_devices import PASSWORD, Installer, camera_file, installed
from tests.e2e.test_gb_upkeep import accepted

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FIRST = 31  # the platform knows others from the tests of devices beside this one
(RECORDER,) = make_devices(SIP_ID[: ids.DOMAIN_LENGTH], 1, 2, PASSWORD, first=FIRST)
AGO_S = 120  # the recorder has hours
FOUND_S = 5  # how far from the moment asked for it may begin: a key picture, and a device's whole seconds
PLAYS = """() => {
  const video = document.querySelector("[data-testid=device-video]");
  return video !== null && !video.paused && video.videoWidth > 0;
}"""
PICTURES = """() => [...document.querySelectorAll("video")].map((video) =>
  [video.dataset.testid, video.paused, video.currentTime, video.videoWidth])"""
SHOWN = "Number(document.querySelector('[data-testid=moment]').dataset.ms)"


@pytest.fixture(scope="module")
def recorders(demo: Demo, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installer]:
    folder = tmp_path_factory.mktemp("recorders")
    with installed(demo, browser, folder, devices=1, channels=2, first=FIRST) as installer:
        yield installer


def matched(visit: Visit, device: str, channel: str) -> str:
    """The file of a camera that is this channel."""
    file = camera_file(visit, channel)
    path = f"{visit.demo.url}/api/v1/gb-devices/{device}/channels/{channel}/match"
    answer = visit.page.request.put(path, data={"file": file}, headers={"Origin": visit.demo.url})
    assert answer.ok, answer.text()
    return file


def wait_until_told(visit: Visit, device: str, *words: str) -> None:
    """The device was told so, by MANSRTSP (GB/T 28181 annex B)."""
    path = f"{visit.demo.url}/api/v1/gb-devices/{device}/log"
    for _ in range(PICTURE_MS // 500):
        texts = [str(one["text"]) for one in visit.page.request.get(path).json()["messages"]]
        if any(all(word in text for word in words) for text in texts):
            return
        visit.page.wait_for_timeout(500)
    firsts = [text.partition("\r\n")[0] for text in texts[-20:]]
    raise AssertionError(f"nothing with {words} was said: {firsts}")


def wait_until_the_device_plays(page: Page) -> None:
    try:
        wait_until(page, PLAYS)
    except AssertionError as error:
        told = page.get_by_test_id("tile").inner_text(), moment_ms(page), page.evaluate(PICTURES)
        raise AssertionError(f"the device does not play: {told}") from error


def wait_until_passed(page: Page, ms: float) -> None:
    wait_until(page, f"(ms) => {SHOWN} > ms", ms)


def wait_until_it_stands(page: Page) -> float:
    """What is on its way when the device pauses is still shown; the moment where it stands then."""
    for _ in range(PICTURE_MS // 2000):
        before = moment_ms(page)
        page.wait_for_timeout(2000)
        if moment_ms(page) == before:
            return before
    raise AssertionError(f"it plays on: {before}")


def test_R3_1_d_plays_from_the_device_pauses_hastens_and_jumps(start: Start, recorders: Installer) -> None:
    visit = start("en", "dark")
    page, device = visit.page, accepted(visit, recorders, RECORDER.id)
    camera = matched(visit, device, RECORDER.channels[0].id)
    visit.open(f"/video?layout=1&cameras={camera}")
    wait_until_grown(page, 1)
    page.get_by_test_id("tile").focus()

    type_moment(page, f"-{AGO_S}s")  # long before we recorded this camera
    asked = moment_ms(page)
    expect(page.get_by_test_id("device-storage")).to_have_text("In the device")
    page.get_by_test_id("tile").focus()
    page.keyboard.press("d")
    expect(page.get_by_test_id("from-device")).to_have_attribute("aria-pressed", "true")
    wait_until_the_device_plays(page)
    wait_until_passed(page, asked)
    assert moment_ms(page) < asked + AGO_S * 1000 / 2
    found = axe(page)

    page.keyboard.press("Space")
    wait_until_told(visit, device, "PAUSE RTSP/1.0")
    stood = wait_until_it_stands(page)
    page.keyboard.press("Space")
    wait_until_passed(page, stood + 1000)

    page.keyboard.press(".")
    expect(page.get_by_test_id("rate")).to_have_text("×2")
    wait_until_told(visit, device, "PLAY RTSP/1.0", "Scale: 2")
    wait_until_passed(page, moment_ms(page) + 3000)

    before = moment_ms(page)
    page.keyboard.press("Shift+ArrowLeft")
    wait_until(page, f"(ms) => {SHOWN} < ms", before - FOUND_S * 1000)
    wait_until_told(visit, device, "PLAY RTSP/1.0", "Range: npt=")
    wait_until_the_device_plays(page)

    page.keyboard.press("d")
    expect(page.get_by_test_id("from-device")).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_test_id("device-video")).to_have_count(0)
    wait_until_told(visit, device, "BYE sip:")
    assert found == []
