"""The viewer's mark over live pictures and recordings, also in full screen; without it there is none."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Start
from tests.e2e.test_first_picture import wait_until_grown, wait_until_recorded, wall

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WHO = re.compile(r"^operator · (.+ · )?\d{4}-\d{2}-\d{2} \d{2}:\d{2} ")
COVERED = """() => {
  const [mark, tile] = ["watermark", "tile"].map(id =>
    document.querySelector(`[data-testid=${id}]`).getBoundingClientRect());
  return mark.left <= tile.left + 2 && mark.right >= tile.right - 2 && mark.height >= tile.height / 2;
}"""
BY_STYLE = "document.styleSheets[0].insertRule('.watermark { opacity: 0.01 !important }')"


def test_R31_5_live_recorded_and_full_screen_are_marked_and_stop_without_the_mark(
    start: Start, tmp_path: Path
) -> None:
    visit = start("en")
    page = visit.page
    camera = visit.camera("cam01")
    wall(visit, "cam01", layout=1)
    wait_until_grown(page, 1)
    mark = page.get_by_test_id("watermark")
    expect(mark).to_have_text(WHO)
    assert page.evaluate(COVERED)
    page.keyboard.press("f")
    expect(mark).to_be_visible()
    assert page.evaluate(COVERED)
    page.screenshot(path=tmp_path / "mark.png")
    page.keyboard.press("f")
    page.get_by_role("button", name="Full screen").focus()  # the timeline's and the tile's own controls work

    mark.evaluate("it => it.remove()")
    expect(page.get_by_test_id("mark-gone")).to_be_visible()
    expect(page.get_by_test_id("live-video")).to_have_count(0)
    page.get_by_role("button", name="Show it again").click()
    wait_until_grown(page, 1)
    page.evaluate(BY_STYLE)
    expect(page.get_by_test_id("live-video")).to_have_count(0)

    wait_until_recorded(visit, camera, 10)
    wall(visit, "cam01", layout=1, at_ms=visit.now_ms() - 8000)
    expect(page.get_by_test_id("playback-video")).to_be_visible()
    expect(mark).to_have_text(WHO)
    mark.evaluate("it => { it.textContent = '' }")
    expect(page.get_by_test_id("playback-video")).to_have_count(0)
