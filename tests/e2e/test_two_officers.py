"""Two officers, a custodian and an auditor, each in a window of their own: from the request to the second at
which the picture stops, and the entry of the register that says so."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Start, Visit
from tests.e2e.granting import REQUESTS, drafted, rules_in_force, seen
from tests.e2e.test_first_picture import wait_until_recorded

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SECONDS = 9  # of footage that is granted
PICTURE_MS = 200  # two and a half pictures of the slowest camera


def submitted_on_its_page(officer: Visit, record: str) -> None:
    page = officer.page
    officer.open(f"/procedures{REQUESTS}/{record}")
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_test_id("life-cycle").locator("[aria-current=step]")).to_have_attribute(
        "data-state", "submitted"
    )


def granted_on_its_page(custodian: Visit, record: str) -> None:
    """The certificates are seen; the custodian chooses when the grant ends."""
    page = custodian.page
    seen(custodian, record)
    custodian.open(f"/procedures{REQUESTS}/{record}")
    page.get_by_role("button", name="Grant", exact=True).click()
    dialog = page.get_by_role("dialog")
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    dialog.get_by_label("The grant ends at").fill(f"{tomorrow:%Y-%m-%dT%H:%M}")
    dialog.get_by_role("button", name="Grant", exact=True).click()
    expect(page.get_by_test_id("life-cycle").locator("[aria-current=step]")).to_have_attribute(
        "data-state", "granted"
    )


def test_two_officers_look_to_the_granted_second_and_the_register_says_so(start: Start) -> None:
    custodian = start("en", name="custodian")
    officer, other = start("en", name="officer"), start("en", name="officer2")
    camera = officer.camera("cam01")
    wait_until_recorded(officer, camera, SECONDS + 12)
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=6)
    begin = end - timedelta(seconds=SECONDS)
    rules_in_force(custodian)
    record = drafted(officer, other, camera, begin, end)
    submitted_on_its_page(officer, record)
    granted_on_its_page(custodian, record)

    page = other.page
    other.open("/grants")
    granted = other.page.request.get(f"{other.demo.url}/api/v1{REQUESTS}/{record}").json()["data"]["grant"]
    page.locator(f"a[href='/grants/{granted}/{camera}']").click()
    expect(page.get_by_test_id("watermark")).to_contain_text("officer2")
    expect(page.get_by_test_id("grant-state")).to_have_attribute("data-state", "ended")
    stopped_ms = float(page.get_by_test_id("grant-moment").get_attribute("data-ms") or 0)
    end_ms = end.timestamp() * 1000
    assert end_ms - 1500 < stopped_ms < end_ms + PICTURE_MS  # the last picture before it stands its own time

    auditor = start("en", name="auditor")
    auditor.open("/register")
    row = auditor.page.get_by_test_id("register").locator("tbody tr", has_text="officer2").first
    expect(row).to_contain_text("道里分局案件查阅室")
    expect(row).to_contain_text("investigating a crime")
    local = timedelta(hours=8)
    expect(row).to_contain_text(f"{begin + local:%H:%M:%S} – {end + local:%H:%M:%S}")
