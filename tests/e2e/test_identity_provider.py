"""Sign-in by the city's identity provider in a real browser: there and back, and out again on both sides."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.test_command_line import serving
from tests.e2e.test_first_picture import axe
from tests.identity_provider import CLIENT, SECRET, City, running

pytestmark = [pytest.mark.browser, pytest.mark.interop, pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Town:
    """A platform, and the provider that it takes sign-ins from."""

    url: str
    city: City
    folder: Path


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def town(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder, port = tmp_path_factory.mktemp("town"), free_port()
    url = f"http://127.0.0.1:{port}"
    (folder / "secret").write_text(f"{SECRET}\n")
    with running(f"{url}/signin") as city:
        settings = {
            "BINGJIAN_PORT": str(port),
            "BINGJIAN_OIDC_ISSUER": city.issuer,
            "BINGJIAN_OIDC_CLIENT_ID": CLIENT,
            "BINGJIAN_OIDC_CLIENT_SECRET_FILE": str(folder / "secret"),
            "BINGJIAN_OIDC_LABEL": "City ID",
        }
        with serving(folder, **settings):
            bind(folder, "wang", "wang-1")
            yield Town(url, city, folder)


def bind(folder: Path, name: str, subject: str) -> None:
    """As an administrator does it on the people page."""
    console = json.loads((folder / "state/run/console.json").read_text())
    headers = {"Authorization": f"Bearer {console['token']}"}
    wish = {"name": name, "roles": ["archivist"], "language": "en", "subject": subject}
    answer = httpx.post(f"{console['url']}/api/v1/people", json=wish, headers=headers)
    assert answer.status_code == 201, answer.text


def test_there_and_back_to_the_page_that_was_wanted(town: Town, browser: Browser) -> None:
    context = browser.new_context(locale="en")
    page = context.new_page()
    page.goto(f"{town.url}/account")
    button = page.get_by_role("button", name="City ID")
    expect(button).to_be_visible()
    assert axe(page) == []
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("wang-1")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("account-page")).to_be_visible()
    assert page.url == f"{town.url}/account"  # neither code nor state stays in the address
    page.get_by_role("button", name="wang").click()
    page.get_by_text("Sign out").click()
    page.wait_for_url(f"{town.city.issuer}/session/end**")
    page.goto(f"{town.url}/account")
    expect(button).to_be_visible()
    context.close()


def test_a_stranger_is_told_whom_to_ask(town: Town, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{town.url}/signin")
    page.get_by_role("button", name="City ID").click()
    page.get_by_label("Name", exact=True).fill("nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("没有开放的账号与你的统一身份绑定")
    assert page.url == f"{town.url}/signin"
    assert SECRET not in (town.folder / "log").read_text()
    context.close()
