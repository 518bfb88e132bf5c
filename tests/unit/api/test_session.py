"""Sign-in over HTTP: the cookie, the origin, the problem details."""

import httpx

from bingjian.access.decisions import Role
from tests.unit.api.conftest import HOST, PASSWORD, Enter

SESSION = "/api/v1/session"


async def test_sign_in_who_am_i_sign_out(enter: Enter) -> None:
    client = await enter(Role.WATCHER)
    me = (await client.get(SESSION)).json()
    assert me["person"] | {"id": None} == {
        "id": None,
        "name": "watcher",
        "roles": ["watcher"],
        "language": "zh",
        "organisation": None,
        "areas": ["2301"],
    }
    assert (await client.delete(SESSION)).status_code == 204
    assert (await client.get(SESSION)).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(enter: Enter) -> None:
    await enter(Role.WATCHER)
    client = await enter()
    answer = await client.post(SESSION, json={"name": "watcher", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert PASSWORD not in answer.text


async def test_a_new_sign_in_ends_the_old_session(enter: Enter) -> None:
    client = await enter(Role.WATCHER)
    old = client.cookies["bingjian_session"]
    await client.post(SESSION, json={"name": "watcher", "password": PASSWORD})
    assert client.cookies["bingjian_session"] != old
    stranger = await enter()
    stranger.cookies.set("bingjian_session", old)
    assert (await stranger.get(SESSION)).status_code == 401


async def test_another_sites_page_can_write_nothing(enter: Enter) -> None:
    client = await enter(Role.REGISTRAR)
    for origin in ("http://evil.example", "null", f"http://{HOST}.evil.example", None):
        headers = {} if origin is None else {"Origin": origin}
        if origin is None:
            del client.headers["Origin"]
        answer = await client.request("DELETE", SESSION, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    answer = await client.post(
        SESSION, json={"name": "x", "password": "y"}, headers={"Origin": "http://evil.example"}
    )
    assert answer.json()["code"] == "foreign_origin"


async def test_guessing_is_answered_with_when_to_come_back(enter: Enter) -> None:
    client = await enter()
    answers = [await client.post(SESSION, json={"name": "a", "password": "b"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "5"


async def test_nonsense_is_refused_without_repeating_it(enter: Enter) -> None:
    client = await enter()
    for body in (
        b"",
        b"[]",
        b'{"name":"a"}',
        b'{"name":"a","password":{"hush":1}}',
        b"\xff\xfe",
        b"[" * 60_000,
    ):
        answer = await client.post(SESSION, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), body[:40]
        assert answer.headers["content-type"] == "application/problem+json"
        assert "hush" not in answer.text


async def test_lone_surrogates_and_long_names_are_no_bug(enter: Enter) -> None:
    client = await enter()
    for name in ("\\ud800", "\\u0000", "x" * 201):
        body = f'{{"name":"{name}","password":"\\udfff"}}'.encode()
        answer = await client.post(SESSION, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 401, 422), (name, answer.text)


async def test_the_console_needs_its_token(enter: Enter) -> None:
    right, wrong = await enter(bearer="console-token"), await enter(bearer="console-tokem")
    assert (await right.get("/api/v1/people")).status_code == 200
    assert (await wrong.get("/api/v1/people")).status_code == 401
    assert isinstance(right, httpx.AsyncClient)


async def test_the_console_is_answered_in_its_language(enter: Enter) -> None:
    console = await enter(bearer="console-token")
    for language, told in (("zh-CN", "zh"), ("en", "en"), ("", "en")):
        answer = await console.get(SESSION, headers={"Accept-Language": language})
        assert answer.json()["person"]["language"] == told


async def test_sentences_come_in_the_language_chosen_on_the_page(enter: Enter) -> None:
    """The account's own is Chinese; a browser's list of languages is no choice."""
    watcher = await enter(Role.WATCHER)
    said = {}
    for language in ("en", "zh-CN", "en-US,en;q=0.9", "xx"):
        answer = await watcher.get(SESSION, headers={"Accept-Language": language})
        said[language] = answer.json()["person"]["language"]
    assert said == {"en": "en", "zh-CN": "zh", "en-US,en;q=0.9": "zh", "xx": "zh"}
