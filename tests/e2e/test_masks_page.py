"""Privacy masks in the browser: drawn by keys, then in the pixels of whoever looks, also after a crash."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Start
from tests.e2e.test_first_picture import axe, wait_until, wait_until_grown, wall

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

    os.kill(imaging_of(visit.demo.pid), signal.SIGKILL)
    expect(watcher.page.get_by_test_id("tile-state")).not_to_have_text("Live")
    wait_until_grown(watcher.page, 1)  # it is back, and masks again
    wait_until(watcher.page, FLAT)

    page.get_by_role("button", name="End: windows of the house behind").click()
    page.get_by_role("tooltip").get_by_role("button", name="End").click()
    expect(page.get_by_test_id("mask")).to_have_count(0)
