"""People as an administrator and they themselves meet them: added, enrolled, signed in with a code, ended."""

import base64
import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from bingjian.access.totp import STEP_S, code_at
from tests.e2e.conftest import Start, Visit
from tests.e2e.test_first_picture import axe

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def code_now(secret: str, *, steps: int = 0) -> str:
    plain = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return code_at(plain, int(time.time()) // STEP_S + steps)


def added(start: Start, name: str) -> str:
    """A person with a role of the office; the password that was made up for them."""
    admin = start("en", name="admin")
    answer = admin.page.request.post(
        f"{admin.demo.url}/api/v1/people",
        data={"name": name, "roles": ["archivist"], "language": "en"},
        headers={"Origin": admin.demo.url},
    )
    assert answer.ok, answer.text()
    return str(answer.json()["generated_password"])


def sign_in(visit: Visit, name: str, password: str) -> None:
    page = visit.page
    visit.open("/signin")
    page.get_by_label("Account name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def enrol(page: Page, password: str) -> tuple[str, list[str]]:
    """The secret and the recovery codes, by keyboard."""
    panel = page.get_by_test_id("second-factor")
    panel.get_by_role("button", name="Set up").focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_label("Enter your password once more")).to_be_focused()
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    expect(panel.get_by_role("img", name="QR code")).to_be_visible()
    secret = panel.get_by_test_id("secret").inner_text()
    assert axe(page) == []
    expect(panel.get_by_label("Code", exact=True)).to_be_focused()
    page.keyboard.type(code_now(secret))
    page.keyboard.press("Enter")
    codes = panel.get_by_test_id("recovery-codes").locator("li")
    expect(codes).to_have_count(10)
    assert axe(page) == []
    found = codes.all_inner_texts()
    page.keyboard.press("Enter")  # the button has the focus
    expect(panel).to_contain_text("10 recovery codes left")
    return secret, found


def test_a_person_enrols_and_signs_in_with_a_code_and_with_a_recovery_code(start: Start) -> None:
    password = added(start, "zhao")
    visit = start("en", signed_in=False)
    page = visit.page
    sign_in(visit, "zhao", password)
    expect(page).not_to_have_url(re.compile("/signin"))
    page.get_by_role("button", name="zhao").click()
    page.get_by_role("menuitem", name="My account").click()
    expect(page).to_have_url(re.compile("/account"))
    assert axe(page) == []
    secret, codes = enrol(page, password)

    other = start("en", signed_in=False)
    page = other.page
    sign_in(other, "zhao", password)
    code = page.get_by_label("Code", exact=True)
    expect(code).to_be_focused()
    assert axe(page) == []
    code.fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The code is wrong")
    code.fill(code_now(secret, steps=1))  # the one of now was the enrolment's
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("/signin"))

    third = start("en", signed_in=False)
    page = third.page
    sign_in(third, "zhao", password)
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("/signin"))
    third.open("/account")
    expect(page.get_by_test_id("second-factor")).to_contain_text("9 recovery codes left")


def test_a_person_ends_their_other_sessions(start: Start) -> None:
    password = added(start, "qian")
    visit, other = start("en", signed_in=False), start("en", signed_in=False)
    for one in (visit, other):
        sign_in(one, "qian", password)
        expect(one.page).not_to_have_url(re.compile("/signin"))
    visit.open("/account")
    rows = visit.page.locator("tr[data-session]")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="this one")).to_have_count(1)
    visit.page.get_by_role("button", name="End all others").click()
    expect(rows).to_have_count(1)
    other.open("/account")
    expect(other.page).to_have_url(re.compile("/signin"))


def test_a_person_changes_their_password(start: Start) -> None:
    password = added(start, "sun")
    visit = start("en", signed_in=False)
    page = visit.page
    sign_in(visit, "sun", password)
    expect(page).not_to_have_url(re.compile("/signin"))
    visit.open("/account")
    form = page.get_by_role("form", name="Change the password")
    for old, said in (("not it", "The password is wrong"), (password, "Password changed")):
        form.get_by_label("Present password").fill(old)
        form.get_by_label("New password").fill("another good one")
        form.get_by_role("button", name="Change the password").click()
        expect(page.get_by_text(said)).to_be_visible()


def form(page: Page) -> Locator:
    return page.get_by_role("dialog").get_by_role("form")


@pytest.mark.parametrize(("language", "theme"), [("zh-CN", "dark"), ("en", "light")])
def test_the_pages_of_people_are_clean_in_both_languages(start: Start, language: str, theme: str) -> None:
    visit = start(language, theme, name="admin")
    page = visit.page
    visit.open("/people")
    expect(page.locator("tr[data-person=admin]")).to_be_visible()
    assert axe(page) == []
    page.locator("tr[data-person=operator]").get_by_role("link").click()
    expect(page.get_by_test_id("person-page").get_by_role("heading", level=1)).to_have_text("operator")
    expect(page.locator("tr[data-session]").or_(page.locator(".panel .fine")).first).to_be_visible()
    assert axe(page) == []


def test_an_administrator_adds_a_person_changes_and_closes_the_account(start: Start) -> None:
    visit = start("en", name="admin")
    page = visit.page
    visit.open("/people")
    page.get_by_role("button", name="Add a person").click()
    form(page).get_by_label("Account name").fill("li")
    roles = form(page).get_by_label("Roles")
    roles.click()
    page.keyboard.type("archivist")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    form(page).get_by_label("Last day of the contract").fill("2099-12-31")
    assert axe(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    password = page.get_by_test_id("password")
    expect(password).to_have_text(re.compile(r"(?:[a-z0-9]{5}-){3}[a-z0-9]{5}"))
    page.get_by_role("button", name="Done").click()
    row = page.locator("tr[data-person=li]")
    expect(row).to_contain_text("until 2099-12-31 24:00")
    row.get_by_role("link").click()
    page.get_by_role("button", name="Change").click()
    form(page).get_by_role("radiogroup", name="Account open").get_by_text("No").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator(".page-head")).to_contain_text("Closed")


def test_nobody_is_offered_to_change_their_own_rights(start: Start) -> None:
    visit = start("en", name="admin")
    visit.open("/people")
    visit.page.locator("tr[data-person=admin]").get_by_role("link").click()
    expect(visit.page.get_by_text("Another administrator changes the rights")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Change")).to_have_count(0)
