"""From the catalogue to the picture: the data authority publishes, a department asks, the police share, the
department looks live until the share is revoked, and the register says so; a copy's package stands in it."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from bingjian.inventory.organisations import body_id
from tests.e2e.conftest import Start, Visit
from tests.e2e.test_first_picture import axe
from tests.e2e.test_procedures_pages import post

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ENTRIES, REQUESTS = "/share-entries", "/share-requests"


def published(authority: Visit, camera: str) -> None:
    """On its own page, by the data authority."""
    now = datetime.now(UTC).replace(microsecond=0)
    wish: dict[str, Any] = {
        "title": "Bridge cameras",
        "keeper": str(body_id("public_security")),
        "cameras": [camera],
        "kinds": ["live"],
        "conditions": "public safety",
        "begin": (now - timedelta(hours=1)).isoformat(),
        "until": (now + timedelta(days=30)).isoformat(),
    }
    entry = post(authority, ENTRIES, wish)["id"]
    authority.open(f"/procedures{ENTRIES}/{entry}")
    authority.page.get_by_role("button", name="Publish", exact=True).click()
    authority.page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
    expect(authority.page.get_by_test_id("life-cycle").locator("[aria-current=step]")).to_have_attribute(
        "data-state", "published"
    )


def asked(department: Visit) -> str:
    """By the catalogue's button; the id of the request."""
    page, now = department.page, datetime.now(UTC) + timedelta(hours=8)
    department.open("/catalogue")
    axe(page)
    page.get_by_role("link", name="Ask to share").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label(re.compile("^Name")).fill("Accident on the bridge")
    drawer.get_by_label(re.compile("^Purpose")).fill("handling a traffic accident")
    page.keyboard.press("Enter")
    drawer.get_by_label(re.compile("^Used from")).fill(f"{now - timedelta(minutes=2):%Y-%m-%dT%H:%M}")
    drawer.get_by_label(re.compile("^Used until")).fill(f"{now + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    axe(page)
    drawer.get_by_role("button", name="New", exact=True).click()
    expect(page.get_by_test_id("life-cycle").locator("[aria-current=step]")).to_have_attribute(
        "data-state", "asked"
    )
    return page.url.rsplit("/", 1)[1]


def step_on_its_page(visit: Visit, record: str, button: str, state: str, reason: str = "") -> None:
    page = visit.page
    visit.open(f"/procedures{REQUESTS}/{record}")
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    if reason:
        dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_test_id("life-cycle").locator("[aria-current=step]")).to_have_attribute(
        "data-state", state
    )


def test_a_department_looks_by_a_share_until_it_is_revoked(start: Start) -> None:
    authority, department = start("en", name="authority"), start("en", name="department")
    custodian, auditor = start("en", name="custodian"), start("en", name="auditor")
    published(authority, custodian.camera("cam01"))
    record = asked(department)
    step_on_its_page(custodian, record, "Grant", "granted")

    page = department.page
    department.open("/grants")
    axe(page)
    page.get_by_role("link", name="Live").click()
    state = page.get_by_test_id("grant-state")
    expect(state).to_have_attribute("data-state", "playing")
    expect(page.get_by_test_id("watermark")).to_contain_text("department")

    auditor.open("/register")
    row = auditor.page.get_by_test_id("register").locator("tbody tr", has_text="department").first
    expect(row).to_contain_text("handling a traffic accident")
    expect(row).to_contain_text("GX-")

    step_on_its_page(custodian, record, "Revoke", "ended", "the accident is cleared")
    expect(state).to_have_attribute("data-state", "refused")
    department.open("/catalogue")
    expect(page.get_by_test_id("catalogue").locator("tbody tr", has_text="Bridge")).to_contain_text(
        "+08:001Ask"
    )


def test_R25_12_the_package_of_a_copy_stands_in_the_register(start: Start) -> None:
    custodian, auditor = start("en", name="custodian"), start("en", name="auditor")
    camera = custodian.camera("cam01")
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=6)
    wish = {
        "start": (end - timedelta(seconds=5)).isoformat(),
        "end": end.isoformat(),
        "purpose": "criminal_case",
        "destination": "Daoli police, file 7",
    }
    url = post(custodian, f"/cameras/{camera}/clip", wish)["url"]
    copy = custodian.page.request.get(url)
    assert copy.ok, copy.text()
    sha256 = hashlib.sha256(copy.body()).hexdigest()
    auditor.open(f"/register?sha256={sha256}")
    found = auditor.page.get_by_test_id("register")
    for _ in range(20):  # volumes are asked every five seconds what they owe
        if found.locator("tbody tr", has_text=sha256[:12]).count():
            break
        auditor.page.wait_for_timeout(1000)
        auditor.page.reload()
        auditor.page.wait_for_load_state("networkidle")
    expect(found.locator("tbody tr", has_text=sha256[:12])).to_contain_text("Daoli police, file 7")
