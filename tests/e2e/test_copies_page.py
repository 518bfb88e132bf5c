"""Taking an interval away from the video page: a range set by keys, its files saved, and who may not."""

import json
import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, expect

from bingjian.clock import instant_of
from bingjian.formats.mp4_movie import START
from bingjian.recording.extract import Origin, local_text
from tests.e2e.conftest import AXE, FACES, Start, Visit, rfc3339
from tests.e2e.granting import granted_copies
from tests.e2e.test_first_picture import (
    PICTURE_MS,
    axe,
    moment_ms,
    wait_until_grown,
    wait_until_recorded,
    wall,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KEY_FRAMES_S = 4.0  # the simulated cameras send one at least so often
PICTURE_S = 0.2  # two and a half pictures of the slowest
ORIGIN_BYTES = 48


def test_a_range_set_by_keys_is_copied_and_saved(start: Start, tmp_path: Path) -> None:
    """Keys only, from the first edge to the file; then the same interval as it is stored."""
    visit = start("en", name="custodian")
    page = visit.page
    camera = visit.camera("cam01")
    granted_copies(start, camera, 2)
    began_ms, ended_ms = range_by_keys(visit, "cam01")
    page.keyboard.press("e")
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("radio", name=re.compile("investigating a crime")).first).to_be_focused()
    page.keyboard.press("Enter")
    plain = tmp_path / "plain.mp4"
    name = save(panel, plain)
    origin = origin_of(plain)
    assert origin.camera == UUID(camera)
    start_ms = origin.start_90k / 90
    assert began_ms <= start_ms <= began_ms + KEY_FRAMES_S * 1000  # a grant is cut, to the picture
    assert name.endswith(f" {named(origin.start_90k)}.mp4")
    said = probe(plain)
    assert [one["codec_name"] for one in said["streams"] if one["codec_type"] == "video"] == ["h264"]
    assert abs(float(said["format"]["duration"]) - (ended_ms - start_ms) / 1000) < PICTURE_S

    panel.get_by_role("radio", name=re.compile("Plain MP4")).focus()
    page.keyboard.press("ArrowDown")
    expect(panel.get_by_test_id("copy-files")).to_have_count(0)
    page.keyboard.press("Enter")
    stored = tmp_path / "stored.mp4"
    save(panel, stored)
    assert b"moof" in stored.read_bytes()
    assert b"moof" not in plain.read_bytes()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page.get_by_test_id("tile")).to_be_focused()


def range_by_keys(visit: Visit, camera: str) -> tuple[float, float]:
    """Ten seconds of what is recorded, as `[` and `]` set them; the times of both edges."""
    page = visit.page
    wall(visit, camera, layout=1)
    wait_until_grown(page, 1)
    wait_until_recorded(visit, visit.camera(camera), 25)
    page.get_by_test_id("tile").focus()
    for key in ("ArrowLeft", " ", "ArrowLeft", "["):
        page.keyboard.press(key)
    began_ms = moment_ms(page)
    for key in ("ArrowRight", "]"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("range")).to_be_visible()
    return began_ms, moment_ms(page)


def save(panel: Locator, where: Path) -> str:
    """Follow the link that has the focus by its key; the name the browser would save it under."""
    link = panel.get_by_role("link", name=re.compile("^Download "))
    expect(link).to_be_focused(timeout=PICTURE_MS)
    with panel.page.expect_download() as download:
        panel.page.keyboard.press("Enter")
    download.value.save_as(where)
    name = download.value.suggested_filename
    assert name in panel.get_by_test_id("copy-files").inner_text()
    return name


def origin_of(file: Path) -> Origin:
    """What its `uuid` box says (docs/recording.md, "Copies")."""
    data = file.read_bytes()
    at = data.index(START) + len(START)
    origin = Origin.unpack(data[at : at + ORIGIN_BYTES])
    assert origin is not None
    return origin


def named(start_90k: int) -> str:
    """As the end of a file's name says its start, in civil time and UTC."""
    local = local_text(start_90k)
    day, clock = local[:10], local[11:19].replace(":", ".")
    return f"{day} {clock}+0800 ({instant_of(start_90k):%H%M%S}Z)"


def probe(file: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(file)]
    said: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return said


def test_without_a_range_it_asks_for_one_and_names_what_is_missing(start: Start) -> None:
    visit = start("en", name="custodian")
    page = visit.page
    wall(visit, "cam02", layout=1)
    wait_until_grown(page, 1)
    page.get_by_test_id("copy").click()
    panel = page.get_by_role("dialog")
    first = panel.get_by_label("Start (+08:00)")
    expect(first).to_be_focused()
    expect(panel).to_contain_text("Length 1m00s")
    first.fill("2026-11-26 25:00")
    expect(panel.get_by_role("alert")).to_contain_text("Write it like")
    first.fill(day_before(panel.get_by_label("End (+08:00)").input_value()))
    expect(panel.get_by_role("alert")).to_contain_text("Longer than this form allows")
    panel.get_by_role("radio", name=re.compile("As stored")).check()
    expect(panel.get_by_role("alert")).to_have_count(0)
    expect(panel.get_by_test_id("copy-gaps")).to_contain_text("Missing in this interval")
    expect(panel.get_by_role("button", name="Make the copy")).to_be_disabled()
    expect(panel.get_by_test_id("copy-no-grant")).to_contain_text("two officers apply")


def day_before(text: str) -> str:
    """The same time a day earlier: as long as a copy may be."""
    moment = datetime.fromisoformat(text) - timedelta(days=1)
    return moment.isoformat(" ", "milliseconds")


def test_R27_1_who_may_not_copy_is_told_why(start: Start) -> None:
    visit = start("en")
    page = visit.page
    wall(visit, "cam01", layout=1)
    expect(page.get_by_test_id("copy")).to_have_attribute("aria-disabled", "true")
    page.get_by_test_id("tile").focus()
    page.keyboard.press("e")
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("Only the role “Custodian” does")
    expect(panel.get_by_role("link")).to_have_attribute("href", "/regulation/27#R27.1")
    expect(panel.get_by_test_id("copy-form")).to_have_count(0)
    now_ms = visit.now_ms()
    wish = {"start": rfc3339(now_ms - 9000), "end": rfc3339(now_ms - 5000), "purpose": "none"}
    path = f"{visit.demo.url}/api/v1/cameras/{visit.camera('cam01')}/clip"
    answer = page.request.post(path, data=wish, headers={"Origin": visit.demo.url})
    assert (answer.status, answer.json()["code"]) == (403, "R27.1")


@FACES
def test_axe_finds_nothing(start: Start, language: str, theme: str) -> None:
    """WCAG 2.2 A and AA, in each language and theme: the question, its files, and the refusal."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm --prefix web ci")
    visit = start(language, theme, name="custodian")
    page = visit.page
    granted_copies(start, visit.camera("cam01"), 1)
    range_by_keys(visit, "cam01")
    page.keyboard.press("e")
    expect(page.get_by_test_id("copy-form").get_by_role("radio").first).to_be_visible()
    found = {"question": axe(page)}
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("copy-files")).to_be_visible(timeout=PICTURE_MS)
    found["files"] = axe(page)
    refused = start(language, theme)
    wall(refused, "cam01", layout=1)
    expect(refused.page.get_by_test_id("tile")).to_have_count(1)
    refused.page.keyboard.press("e")
    expect(refused.page.get_by_test_id("copy-not-allowed")).to_be_visible()
    found["refusal"] = axe(refused.page)
    assert {where: faults for where, faults in found.items() if faults} == {}
