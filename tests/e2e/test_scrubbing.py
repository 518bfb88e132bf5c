"""Small pictures of the past: under the pointer on the timeline, and faster or backward in the tile."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import AXE, Start
from tests.e2e.test_first_picture import (
    PICTURE_MS,
    axe,
    moment_ms,
    type_moment,
    wait_until,
    wait_until_grown,
    wait_until_recorded,
    wall,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

STORED = 60  # seconds of footage to move in
ZOOMS = 11  # from an hour to 309 s
NOW_SHARE = 0.85  # of the timeline's width lies before now, after a jump close to it
PREVIEW = "[data-testid=preview] canvas"
TILE = "[data-testid=tile] canvas"

# Whether the picture in the first such canvas has dark and bright places, as no empty one has.
DRAWN = """(selector) => {
  const canvas = document.querySelector(selector);
  if (canvas === null || canvas.width === 0) return false;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const greens = data.filter((_, n) => n % 4 === 1);
  return Math.max(...greens) - Math.min(...greens) > 40;
}"""
MOMENT = "document.querySelector('[data-testid=moment]').dataset.ms"
NOTE_MOMENTS = """() => {
  const moment = document.querySelector("[data-testid=moment]");
  window.moments = [];
  window.noting = setInterval(() => window.moments.push(Number(moment.dataset.ms)), 30);
}"""
NOTED = "() => { clearInterval(window.noting); return window.moments; }"


def press(page: Page, key: str, times: int) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def hover_before_now(page: Page, seconds: float) -> None:
    box = page.get_by_test_id("timeline").bounding_box()
    assert box is not None
    share = NOW_SHARE - seconds / (3600 / 1.25**ZOOMS)
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + 32)


def test_small_pictures_under_the_pointer_and_at_64_times_both_ways(start: Start) -> None:
    visit = start()
    page = visit.page
    wall(visit, "cam01", layout=1)
    wait_until_grown(page, 1)
    wait_until_recorded(visit, visit.camera("cam01"), STORED)
    page.get_by_test_id("tile").focus()
    press(page, "+", ZOOMS)
    type_moment(page, "-20s")
    wait_until_grown(page, 1)

    hover_before_now(page, 30)
    wait_until(page, DRAWN, PREVIEW)
    expect(page.get_by_test_id("preview")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d \+08:00"))
    mark = page.get_by_test_id("preview").get_by_test_id("watermark")
    expect(mark).to_have_text(re.compile(r"^operator · "))

    page.mouse.move(5, 5)
    expect(page.get_by_test_id("preview")).to_have_count(0)
    page.get_by_test_id("timeline").focus()
    page.keyboard.press("ArrowLeft")
    wait_until(page, DRAWN, PREVIEW)

    page.get_by_test_id("tile").focus()
    expect(page.get_by_test_id("preview")).to_have_count(0)
    before = moment_ms(page)
    page.keyboard.press("j")
    expect(page.get_by_test_id("rate")).to_have_text("×−1")
    wait_until(page, DRAWN, TILE)
    if AXE.exists():
        assert axe(page) == []
    page.evaluate(NOTE_MOMENTS)
    press(page, "j", 6)
    wait_until(page, f"() => Number({MOMENT}) < {before - 15_000}")
    backward = page.evaluate(NOTED)
    assert backward == sorted(backward, reverse=True)

    type_moment(page, f"-{STORED - 5}s")
    page.get_by_test_id("tile").focus()
    page.keyboard.press("k")
    expect(page.get_by_test_id("rate")).to_have_text("×1")
    wait_until_grown(page, 1)  # the element plays on from there
    assert moment_ms(page) < visit.now_ms() - 20_000
    page.evaluate(NOTE_MOMENTS)
    press(page, ".", 6)
    expect(page.get_by_test_id("video-page")).to_have_attribute("data-mode", "live", timeout=PICTURE_MS)
    forward = page.evaluate(NOTED)
    assert forward == sorted(forward)
    assert forward[-1] - forward[0] > 30 * len(forward) * 2, "faster than time"
