"""Privacy masks in the browser: drawn by keys, then in the pixels of whoever looks, also after a crash; a
masked copy leads back to whoever got it.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, expect

from tests.e2e.conftest import Start, Visit, rfc3339
from tests.e2e.granting import granted_copies
from tests.e2e.test_first_picture import axe, wait_until, wait_until_grown, wait_until_recorded, wall
from tests.e2e.test_procedures_pages import post

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CAMERA = "cam05"
IMAGING = b"bingjian.processes.imaging"
# The middle of the mask that four corners from the button make, as the viewer's video shows it.
FLAT = """() => {
  const video = document.querySelector("[data-testid=live-video]");
  if (video === null || video.videoWidth === 0 || video.readyState < 2) return false;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [100, 100];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 100, 100);
  const greens = (x, y, w, h) => context.getImageData(x, y, w, h).data.filter((_, n) => n % 4 === 1);
  const spread = (values) => Math.max(...values) - Math.min(...values);
  return spread(greens(43, 43, 14, 14)) < 16 && spread(greens(0, 0, 100, 100)) > 40;
}"""


def imaging_of(supervised: int) -> int:
    """The imaging process among the children of this one's children."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if IMAGING in (folder / "cmdline").read_bytes() and parent == supervised:
                return int(folder.name)
        except OSError:
            continue
    raise AssertionError("there is no imaging process")


def draw(page: Page) -> None:
    page.get_by_role("button", name="Draw another").click()
    page.get_by_label("What it hides").fill("windows of the house behind")
    expect(page.get_by_role("img", name="Picture of the camera")).to_be_visible()
    for _ in range(4):
        page.get_by_role("button", name="Add a corner").press("Enter")
    first = page.get_by_role("button", name="Corner 1: 40 % across, 40 % down")
    first.press("ArrowLeft")
    page.get_by_role("button", name="Corner 1: 39 % across, 40 % down").press("ArrowRight")
    expect(first).to_be_visible()


def test_R6_2_a_mask_drawn_by_keys_is_in_the_pixels_of_whoever_looks(start: Start) -> None:
    visit = start("en")
    page, camera = visit.page, visit.camera(CAMERA)
    visit.open(f"/cameras/{camera}/masks")
    draw(page)
    assert axe(page, "[data-testid=file-masks]") == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("mask")).to_contain_text("windows of the house behind")

    watcher = start("en")
    wall(watcher, CAMERA, layout=1)
    wait_until_grown(watcher.page, 1)
    wait_until(watcher.page, FLAT)
    expect(watcher.page.get_by_test_id("masked-badge")).to_have_text("masked")

    os.kill(imaging_of(visit.demo.pid), signal.SIGKILL)
    expect(watcher.page.get_by_test_id("tile-state")).not_to_have_text("Live")
    wait_until_grown(watcher.page, 1)  # it is back, and masks again
    wait_until(watcher.page, FLAT)

    page.get_by_role("button", name="End: windows of the house behind").click()
    page.get_by_role("tooltip").get_by_role("button", name="End").click()
    expect(page.get_by_test_id("mask")).to_have_count(0)


def test_R31_5_a_masked_copy_leads_back_to_its_officers(start: Start, tmp_path: Path) -> None:
    visit, custodian = start("en"), start("en", name="custodian")
    camera = visit.camera("cam01")
    wait_until_recorded(visit, camera, 30)
    corners = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]]
    mask = post(visit, f"/cameras/{camera}/masks", {"hides": "a window", "polygon": corners})
    granted_copies(start, camera, 1)
    (file := tmp_path / "found.mp4").write_bytes(masked_copy(custodian, camera))
    found = traced(visit, file)
    (one,) = found["items"]
    assert (found["by"], one["file"]) == ("sha256", 1)
    assert [each["name"] for each in one["recipients"]] == ["officer", "officer2"]
    assert one["registered"]["person"]["name"] == "custodian"

    file.write_bytes(file.read_bytes()[:-1])
    assert traced(visit, file)["by"] == "mark"
    path = f"{visit.demo.url}/api/v1/cameras/{camera}/masks/{mask['id']}"
    assert visit.page.request.delete(path, headers={"Origin": visit.demo.url}).ok


def masked_copy(custodian: Visit, camera: str) -> bytes:
    """Twenty seconds, by the grant that names the camera."""
    request, now_ms = custodian.page.request, custodian.now_ms()
    (grant,) = request.get(f"{custodian.demo.url}/api/v1/cameras/{camera}/grants").json()["items"]
    wish = {"start": rfc3339(now_ms - 28_000), "end": rfc3339(now_ms - 8_000), "grant": grant["id"]}
    ticket = post(
        custodian, f"/cameras/{camera}/clip", wish | {"purpose": "criminal_case", "form": "download"}
    )
    assert ticket["masked"]
    while not made(request.get(ticket["files_url"])):
        time.sleep(0.5)
    return request.get(ticket["url"]).body()


def made(answer: APIResponse) -> bool:
    assert answer.ok, answer.text()
    return bool(answer.json()["ready"])


def traced(visit: Visit, file: Path) -> dict[str, Any]:
    """As the command says it to programs, at the console of the machine."""
    environment = {**os.environ, "BINGJIAN_STATE_DIR": str(visit.demo.control.parent / "state")}
    command = [sys.executable, "-m", "bingjian.cli", "trace", str(file), "--json"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found
