"""Sign-in by the city's identity provider over HTTP, with a certified one that nobody here wrote."""

import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import httpx
import pytest
import pytest_asyncio

from bingjian.access.decisions import Role
from bingjian.access.lockout import NETWORK_FAILURES
from bingjian.access.provider import ALGORITHMS, Provider, ProviderWish
from bingjian.access.provider_sign_in import LIFE, ProviderSignIn
from bingjian.access.second_factor import Factors
from bingjian.access.service import People
from bingjian.access.sessions import Sessions
from bingjian.api.platform import Platform
from bingjian.api.routes.provider import UNDER_WAY_COOKIE
from bingjian.db.session import Database
from bingjian.inventory.vault import Vault
from bingjian.journal.append import Journal
from tests.backend import KEY, StillClock
from tests.identity_provider import CLIENT, RETURN, SECRET, Change, City, Meddler, claims_of, endless, running
from tests.unit.api.conftest import HOST, ORIGIN, PASSWORD, Enter, served
from tests.unit.api.test_account import code_of, enrol

pytestmark = pytest.mark.interop
SESSION, PROVIDER, PEOPLE = "/api/v1/session", "/api/v1/session/provider", "/api/v1/people"
DOORS: dict[str, dict[str, str] | None] = {
    PROVIDER: None,
    f"{PROVIDER}/answer": {"state": "x"},
    f"{PROVIDER}/code": {"code": "1"},
}
DESCRIPTION = "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    with running() as provider:
        yield provider


@dataclass
class Desk:
    """A platform that takes sign-ins from the city's provider, and what stands between the two."""

    platform: Platform
    city: City
    between: Meddler
    clock: StillClock
    journal: Journal

    async def browser(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(served(self.platform), client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})

    async def bind(self, name: str, *roles: Role, subject: str = "wang-1") -> None:
        await self.platform.people.add_person(name, PASSWORD, frozenset(roles), subject=subject)

    async def begin(self, browser: httpx.AsyncClient) -> str:
        answer = await browser.post(PROVIDER)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["address"])

    async def sign_in(
        self, browser: httpx.AsyncClient, subject: str = "wang-1", **more: str
    ) -> httpx.Response:
        back = await self.city.walk(await self.begin(browser), subject, **more)
        return await self.answer(browser, back)

    async def answer(self, browser: httpx.AsyncClient, back: dict[str, str]) -> httpx.Response:
        return await browser.post(f"{PROVIDER}/answer", json={"state": "", **taken(back)})

    async def entries(self, kind: str) -> list[dict[str, Any]]:
        return [dict(one.entry) for one in await self.journal.read(1000) if one.kind == kind]

    async def failures(self) -> list[tuple[str, str]]:
        """Every entry of a sign-in that was refused: its kind and why."""
        fields = {"session.sign_in_failed": ("why",), "intrusion.suspected": ("sign", "detail")}
        read = await self.journal.read(1000)
        return [
            (one.kind, " ".join(str(one.entry[field]) for field in fields[one.kind]).strip())
            for one in read
            if one.kind in fields
        ]


def taken(back: dict[str, str]) -> dict[str, str]:
    """As the page sends it on."""
    return {name: value for name, value in back.items() if name in ("state", "code", "error", "iss")}


Open = Callable[..., Awaitable[Desk]]


@pytest_asyncio.fixture
async def open_desk(
    platform: Platform, city: City, database: Database, journal: Journal, clock: StillClock
) -> AsyncIterator[Open]:
    """`await open_desk(takes_factor=True, mode="required")`: a platform that is set so."""
    clock.now_ns = time.time_ns()  # the provider lives now
    opened = list[Provider]()

    async def come(mode: Literal["off", "optional", "required"] = "optional", **wish: Any) -> Desk:
        between, old = Meddler(), platform.sessions
        factors = Factors(database, journal, Vault(KEY), clock, mode)
        sessions = Sessions(database, journal, old._hasher, clock, factors, old.guard)
        provider = Provider(ProviderWish(city.issuer, CLIENT, SECRET, **wish), clock, between)
        opened.append(provider)
        changed = replace(
            platform,
            sessions=sessions,
            factors=factors,
            people=People(database, journal, old._hasher, clock, city.issuer),
            origins=(ORIGIN,),
            provider=ProviderSignIn(provider, database, journal, sessions, clock, KEY),
        )
        return Desk(changed, city, between, clock, journal)

    yield come
    for provider in opened:
        await provider.close()


async def refused(desk: Desk, browser: httpx.AsyncClient, answer: httpx.Response, code: str) -> None:
    """With one sentence, and nobody is signed in."""
    assert (answer.status_code, answer.json()["code"]) == (401, code), answer.text
    assert answer.json()["detail"]
    assert (await browser.get(SESSION)).status_code == 401
    assert await desk.entries("session.signed_in") == []


# --- the way in


async def test_whoever_is_bound_gets_a_session_as_any_other(open_desk: Open) -> None:
    desk = await open_desk(label="市统一身份认证")
    await desk.bind("wang", Role.WATCHER)
    browser = await desk.browser()
    assert (await browser.get(PROVIDER)).json() == {"is_set": True, "label": "市统一身份认证"}
    answer = await desk.sign_in(browser)
    assert answer.status_code == 201, answer.text
    assert answer.json()["session"]["person"]["name"] == "wang"
    cookies = [cookie.lower() for cookie in answer.headers.get_list("set-cookie")]
    assert all("httponly" in one and "samesite=strict" in one for one in cookies)
    assert (await browser.get("/api/v1/cameras")).status_code == 200
    [entry] = await desk.entries("session.signed_in")
    assert (entry["by"], entry["factor"], entry["device"]) == ("provider", "", "command_line")


async def test_signing_out_ends_ours_and_says_where_the_providers_ends(open_desk: Open) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    browser = await desk.browser()
    await desk.sign_in(browser)
    place = (await browser.get(SESSION)).json()["sign_out_at"]
    assert place.startswith(f"{desk.city.issuer}/session/end?client_id={CLIENT}")
    async with httpx.AsyncClient() as there:
        assert (await there.get(place)).status_code == 200
    assert (await browser.delete(SESSION)).status_code == 204
    assert (await browser.get(SESSION)).status_code == 401
    await browser.post(SESSION, json={"name": "wang", "password": PASSWORD})
    assert (await browser.get(SESSION)).json()["sign_out_at"] is None  # nothing to end there


async def test_a_session_that_was_there_ends_and_a_planted_one_is_not_taken_over(open_desk: Open) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    browser, thief = await desk.browser(), await desk.browser()
    await browser.post(SESSION, json={"name": "wang", "password": PASSWORD})
    old = browser.cookies["bingjian_session"]
    await desk.sign_in(browser)
    assert browser.cookies["bingjian_session"] != old
    thief.cookies.set("bingjian_session", old)
    assert (await thief.get(SESSION)).status_code == 401


async def test_a_stolen_token_counts_on_its_class_of_device_only(open_desk: Open) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    browser = await desk.browser()
    await desk.sign_in(browser)
    browser.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 15) Mobile"
    assert (await browser.get(SESSION)).status_code == 401
    assert ("intrusion.suspected", "other_device") in await desk.failures()


async def test_where_none_is_set_there_is_none(enter: Enter) -> None:
    browser = await enter()
    assert (await browser.get(PROVIDER)).json() == {"is_set": False, "label": None}
    for path, body in DOORS.items():
        answer = await browser.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "no_provider")


# --- whose it is


async def test_nobody_gets_an_account_by_it(open_desk: Open) -> None:
    desk = await open_desk()
    browser = await desk.browser()
    await refused(desk, browser, await desk.sign_in(browser, "a stranger"), "provider_unbound")
    assert await desk.failures() == [("session.sign_in_failed", "unbound")]
    assert await desk.platform.people.is_empty()


async def test_a_closed_account_stays_closed(open_desk: Open) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    await desk.platform.people.change((await desk.platform.people.named("wang")).id, enabled=False)
    browser = await desk.browser()
    await refused(desk, browser, await desk.sign_in(browser), "provider_unbound")
    assert await desk.failures() == [("session.sign_in_failed", "closed")]


async def test_another_providers_persons_are_not_ours(open_desk: Open, database: Database) -> None:
    """A city that changes its provider binds its people anew: the same name there may be somebody else."""
    desk = await open_desk()
    people = desk.platform.people
    people.issuer = "https://former.example"
    await desk.bind("wang", Role.WATCHER)
    people.issuer = desk.city.issuer
    browser = await desk.browser()
    await refused(desk, browser, await desk.sign_in(browser), "provider_unbound")


async def test_R27_4_nobody_binds_their_own_account(open_desk: Open, enter: Enter) -> None:
    desk = await open_desk()
    admin = await enter(Role.SYSADMIN, over=desk.platform)
    added = await admin.post(PEOPLE, json={"name": "wang", "roles": ["watcher"], "subject": " wang-1 "})
    assert (added.status_code, added.json()["subject"]) == (201, "wang-1")
    again = await admin.post(PEOPLE, json={"name": "li", "roles": ["watcher"], "subject": "wang-1"})
    assert (again.status_code, again.json()["code"]) == (409, "subject_taken")
    li = (await admin.post(PEOPLE, json={"name": "li", "roles": ["watcher"]})).json()["id"]
    taken_ = await admin.patch(f"{PEOPLE}/{li}", json={"subject": "wang-1"})
    assert (taken_.status_code, taken_.json()["code"]) == (409, "subject_taken")
    me = (await admin.get(SESSION)).json()["person"]["id"]
    own = await admin.patch(f"{PEOPLE}/{me}", json={"subject": "me"})
    assert (own.status_code, own.json()["code"]) == (403, "R27.4")


async def test_taking_the_binding_away_ends_the_sessions(open_desk: Open) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    browser = await desk.browser()
    await desk.sign_in(browser)
    people = desk.platform.people
    await people.change((await people.named("wang")).id, subject="")
    assert (await browser.get(SESSION)).status_code == 401
    answer = await desk.sign_in(browser)
    assert answer.json()["code"] == "provider_unbound"


async def test_binding_without_a_provider_is_refused(enter: Enter) -> None:
    admin = await enter(Role.SYSADMIN)
    answer = await admin.post(PEOPLE, json={"name": "wang", "roles": ["watcher"], "subject": "wang-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_provider")


# --- the second factor


async def with_factor(desk: Desk) -> str:
    """Our own second factor of the bound person; its secret."""
    await desk.bind("wang", Role.CUSTODIAN)
    browser = await desk.browser()
    await browser.post(SESSION, json={"name": "wang", "password": PASSWORD})
    secret, _ = await enrol(browser, desk.clock)
    return secret


@pytest.mark.parametrize(("takes", "amr"), [(False, "pwd mfa"), (True, "pwd"), (True, "")])
async def test_ours_is_asked_unless_theirs_is_told_and_taken(open_desk: Open, takes: bool, amr: str) -> None:
    desk = await open_desk(takes_factor=takes)
    secret, browser = await with_factor(desk), await desk.browser()
    answer = await desk.sign_in(browser, amr=amr)
    assert (answer.status_code, answer.json()["session"]) == (201, None)
    assert (await browser.get(SESSION)).status_code == 401
    wrong = await browser.post(f"{PROVIDER}/code", json={"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_code")
    right = await browser.post(f"{PROVIDER}/code", json={"code": code_of(secret, desk.clock)})
    assert (right.status_code, right.json()["person"]["name"]) == (201, "wang")
    assert (await desk.entries("session.signed_in"))[0]["factor"] == "totp"


@pytest.mark.parametrize("told", [{"amr": "pwd otp mfa"}, {"acr": "urn:city:two"}])
async def test_theirs_is_enough_where_the_setting_says_so(open_desk: Open, told: dict[str, str]) -> None:
    desk = await open_desk(takes_factor=True, acr="urn:city:two")
    await with_factor(desk)
    browser = await desk.browser()
    answer = await desk.sign_in(browser, **told)
    assert answer.json()["session"]["person"]["name"] == "wang"
    assert (await desk.entries("session.signed_in"))[0]["factor"] == "provider"


@pytest.mark.parametrize(("amr", "must"), [("pwd mfa", False), ("pwd", True)])
async def test_R31_4_where_one_is_required_theirs_opens_the_roles(
    open_desk: Open, amr: str, must: bool
) -> None:
    desk = await open_desk(mode="required", takes_factor=True)
    await desk.bind("wang", Role.CUSTODIAN)
    browser = await desk.browser()
    session = (await desk.sign_in(browser, amr=amr)).json()["session"]
    assert session["must_enrol"] is must
    assert (await browser.get("/api/v1/cameras")).status_code == (403 if must else 200)


async def test_a_sign_in_that_waits_for_its_code_counts_once_and_for_ten_minutes(open_desk: Open) -> None:
    desk = await open_desk()
    secret, browser = await with_factor(desk), await desk.browser()
    await desk.sign_in(browser)
    sealed = browser.cookies[UNDER_WAY_COOKIE]
    assert (
        await browser.post(f"{PROVIDER}/code", json={"code": code_of(secret, desk.clock)})
    ).status_code == 201
    desk.clock.wait(30)
    again = await desk.browser()
    again.cookies.set(UNDER_WAY_COOKIE, sealed)
    answer = await again.post(f"{PROVIDER}/code", json={"code": code_of(secret, desk.clock)})
    assert answer.json()["code"] == "provider_lost"
    assert ("intrusion.suspected", "provider_answer replayed") in await desk.failures()
    late = await desk.browser()
    await desk.sign_in(late)
    desk.clock.wait(LIFE.total_seconds() + 1)
    answer = await late.post(f"{PROVIDER}/code", json={"code": code_of(secret, desk.clock)})
    assert answer.json()["code"] == "provider_lost"


# --- what comes back is not an answer to what was asked


async def test_an_answer_counts_in_the_browser_that_began(open_desk: Open) -> None:
    """Sign-in forgery: an attacker's own answer, sent to somebody else's browser, signs nobody in."""
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    mine, other = await desk.browser(), await desk.browser()
    back = await desk.city.walk(await desk.begin(mine), "wang-1")
    await refused(desk, other, await desk.answer(other, back), "provider_lost")
    await desk.begin(other)
    await refused(desk, other, await desk.answer(other, back), "provider_lost")
    assert await desk.failures() == [("session.sign_in_failed", "state"), ("session.sign_in_failed", "lost")]


async def test_a_code_of_another_sign_in_is_worth_nothing(open_desk: Open) -> None:
    """Code injection: the provider wants the verifier (RFC 7636) of the sign-in that the code belongs to."""
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    victim, thief = await desk.browser(), await desk.browser()
    stolen = await desk.city.walk(await desk.begin(victim), "wang-1")
    mine = await desk.city.walk(await desk.begin(thief), "thief")
    answer = await desk.answer(thief, {**mine, "code": stolen["code"]})
    await refused(desk, thief, answer, "provider_not_genuine")
    assert await desk.failures() == [("intrusion.suspected", "provider_answer code")]


async def test_an_answer_counts_once(open_desk: Open) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    browser, again = await desk.browser(), await desk.browser()
    address = await desk.begin(browser)
    again.cookies.set(UNDER_WAY_COOKIE, browser.cookies[UNDER_WAY_COOKIE])
    back = await desk.city.walk(address, "wang-1")
    assert (await desk.answer(browser, back)).status_code == 201
    answer = await desk.answer(again, back)
    assert (answer.status_code, answer.json()["code"]) == (401, "provider_lost")
    assert await desk.failures() == [("intrusion.suspected", "provider_answer replayed")]


@pytest.mark.parametrize(("late", "taken_"), [(-1, True), (1, False)])
async def test_an_answer_counts_for_ten_minutes(open_desk: Open, late: int, taken_: bool) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    browser = await desk.browser()
    address = await desk.begin(browser)
    desk.clock.wait(LIFE.total_seconds() + late)
    back = await desk.city.walk(address, "wang-1")
    desk.between.changes["/token"] = retold(desk.city, lambda claims: claims.update(exp=claims["exp"] + 3600))
    answer = await desk.answer(browser, back)
    assert answer.status_code == (201 if taken_ else 401), answer.text
    assert taken_ or answer.json()["code"] == "provider_lost"


async def test_a_provider_that_says_no(open_desk: Open) -> None:
    desk = await open_desk()
    browser = await desk.browser()
    answer = await desk.sign_in(browser, error="access_denied")
    await refused(desk, browser, answer, "provider_denied")
    assert await desk.failures() == [("session.sign_in_failed", "access_denied")]


async def test_what_an_error_says_is_not_repeated(open_desk: Open) -> None:
    desk = await open_desk()
    browser = await desk.browser()
    back = await desk.city.walk(await desk.begin(browser), "wang-1", error="access_denied")
    answer = await desk.answer(browser, {**back, "error": "<script>\r\nSet-Cookie: x=y"})
    assert "script" not in answer.text + str(await desk.failures())


# --- what comes is not the provider's


def retold(city: City, change: Callable[[dict[str, Any]], object], **header: Any) -> Change:
    """The token with other claims, truly signed by the provider's key."""

    def work(body: dict[str, Any]) -> None:
        claims = claims_of(body["id_token"])
        change(claims)
        body["id_token"] = city.signed(claims, header)

    return work


def with_none(body: dict[str, Any]) -> None:
    """RFC 7519 §6: unsigned."""
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body["id_token"] = f"{header}.{body['id_token'].split('.')[1]}."


def with_public_key_as_secret(city: City) -> Change:
    """RFC 8725 §2.1: signed with what everybody has."""

    def work(body: dict[str, Any]) -> None:
        import hashlib
        import hmac

        head = json.dumps({"alg": "HS256", "kid": city.key.kid}).encode()
        text = f"{base64.urlsafe_b64encode(head).rstrip(b'=').decode()}.{body['id_token'].split('.')[1]}"
        mac = hmac.new(city.key.as_pem(private=False), text.encode(), hashlib.sha256).digest()
        body["id_token"] = f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    return work


def flipped(body: dict[str, Any]) -> None:
    """One letter of the signature."""
    head, claims, signature = body["id_token"].split(".")
    other = "A" if signature[10] != "A" else "B"
    body["id_token"] = f"{head}.{claims}.{signature[:10]}{other}{signature[11:]}"


FORGERIES: dict[str, tuple[str, Callable[[City], Change]]] = {
    "wrong issuer": ("iss", lambda city: retold(city, lambda it: it.update(iss="https://evil.example"))),
    "no issuer": ("iss", lambda city: retold(city, lambda it: it.pop("iss"))),
    "wrong audience": ("aud", lambda city: retold(city, lambda it: it.update(aud="another"))),
    "several audiences": (
        "aud",
        lambda city: retold(city, lambda it: it.update(aud=[CLIENT, "another"], azp=CLIENT)),
    ),
    "expired": ("exp", lambda city: retold(city, lambda it: it.update(exp=it["iat"] - 61))),
    "from the future": ("iat", lambda city: retold(city, lambda it: it.update(iat=it["iat"] + 3600))),
    "for ever": ("exp", lambda city: retold(city, lambda it: it.pop("exp"))),
    "wrong nonce": ("nonce", lambda city: retold(city, lambda it: it.update(nonce="another"))),
    "no nonce": ("nonce", lambda city: retold(city, lambda it: it.pop("nonce"))),
    "no subject": ("sub", lambda city: retold(city, lambda it: it.pop("sub"))),
    "empty subject": ("sub", lambda city: retold(city, lambda it: it.update(sub=""))),
    "subject of another type": ("sub", lambda city: retold(city, lambda it: it.update(sub=["wang-1"]))),
    "alg none": ("signature", lambda city: with_none),
    "alg HS256": ("signature", with_public_key_as_secret),
    "changed": ("signature", lambda city: flipped),
    "unknown key": ("signature", lambda city: retold(city, lambda it: None, kid="another")),
    "no token": ("signature", lambda city: lambda body: body.pop("id_token")),
    "nonsense": ("signature", lambda city: lambda body: body.update(id_token="a.b.c")),
    "no text": ("signature", lambda city: lambda body: body.update(id_token={"a": 1})),
    "of another access token": (
        "at_hash",
        lambda city: retold(city, lambda it: it.update(at_hash="another")),
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_signs_nobody_in(open_desk: Open, forgery: str) -> None:
    why, change = FORGERIES[forgery]
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    desk.between.changes["/token"] = change(desk.city)
    browser = await desk.browser()
    await refused(desk, browser, await desk.sign_in(browser), "provider_not_genuine")
    assert await desk.failures() == [("intrusion.suspected", f"provider_answer {why}")]


def test_no_algorithm_without_a_private_key_is_taken() -> None:
    assert not [one for one in ALGORITHMS if one == "none" or one.startswith("HS")]


@pytest.mark.parametrize("iss", ["https://evil.example", None, ""])
async def test_an_answer_of_another_provider_is_refused(open_desk: Open, iss: str | None) -> None:
    """Mix-up (RFC 9207): who answers must be who was asked, and this provider always says so."""
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    browser = await desk.browser()
    back = await desk.city.walk(await desk.begin(browser), "wang-1")
    del back["iss"]
    answer = await desk.answer(browser, {**back, **({} if iss is None else {"iss": iss})})
    await refused(desk, browser, answer, "provider_not_genuine")
    assert "/token" not in desk.between.asked  # the code goes nowhere
    assert await desk.failures() == [("intrusion.suspected", "provider_answer issuer")]


async def test_a_description_of_another_issuer_is_refused(open_desk: Open) -> None:
    desk = await open_desk()
    desk.between.changes[DESCRIPTION] = lambda body: body.update(issuer="https://evil.example")
    browser = await desk.browser()
    answer = await browser.post(PROVIDER)
    await refused(desk, browser, answer, "provider_not_genuine")
    assert await desk.failures() == [("intrusion.suspected", "provider_answer issuer")]


async def test_new_keys_are_fetched_once(open_desk: Open) -> None:
    """The provider has changed its key since we read its description."""
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    desk.between.changes["/jwks"] = lambda body: body["keys"][0].update(kid="the former")
    browser = await desk.browser()
    address = await desk.begin(browser)
    del desk.between.changes["/jwks"]
    answer = await desk.answer(browser, await desk.city.walk(address, "wang-1"))
    assert answer.status_code == 201, answer.text
    assert desk.between.asked.count("/jwks") == 2


# --- it is away, or no provider at all


def answers(status: int, **more: Any) -> Change:
    return lambda body: httpx.Response(status, **more)


BROKEN: dict[str, Change] = {
    "an error": answers(500),
    "a redirect": answers(302, headers={"Location": "http://127.0.0.1/"}),
    "no JSON": answers(200, content=b"<html>"),
    "a list": answers(200, json=[]),
    "without end": lambda body: endless(),
    "no endpoints": lambda body: body.pop("token_endpoint"),
    "endpoints elsewhere": lambda body: body.update(authorization_endpoint="javascript:alert(1)"),
    "no keys": lambda body: body.update(jwks_uri=body["issuer"] + "/auth"),
}


NAMELESS = ("no JSON", "a list")  # they name no issuer


@pytest.mark.parametrize("how", BROKEN)
async def test_a_provider_that_answers_badly_is_away(open_desk: Open, how: str) -> None:
    desk = await open_desk()
    desk.between.changes[DESCRIPTION] = BROKEN[how]
    browser = await desk.browser()
    answer = await browser.post(PROVIDER)
    code = "provider_not_genuine" if how in NAMELESS else "provider_away"
    assert answer.json()["code"] == code
    assert len(await desk.failures()) == 1


async def test_a_provider_that_is_down_is_said_once_and_blames_nobody(
    open_desk: Open, clock: StillClock
) -> None:
    desk = await open_desk()

    def down(body: dict[str, Any]) -> object:
        raise httpx.ConnectError("refused")

    desk.between.changes[DESCRIPTION] = down
    browser = await desk.browser()
    for _ in range(NETWORK_FAILURES + 1):
        answer = await browser.post(PROVIDER)
        assert (answer.status_code, answer.json()["code"]) == (503, "provider_away")
    assert await desk.failures() == [("session.sign_in_failed", "away")]
    assert len(desk.between.asked) == 1  # and it is not beaten on through us
    desk.between.changes.clear()
    desk.clock.wait(5)
    assert (await browser.post(PROVIDER)).status_code == 201


async def test_a_provider_that_fails_at_the_token_leaves_nobody_signed_in(open_desk: Open) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    desk.between.changes["/token"] = answers(500)
    browser = await desk.browser()
    answer = await desk.sign_in(browser)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_away")
    assert await desk.failures() == [("session.sign_in_failed", "away")]


# --- where it leads, and who asks


async def test_it_leads_back_to_our_own_page_whatever_is_asked(open_desk: Open) -> None:
    """No open redirect: neither a parameter, nor a Host header, nor a foreign page changes where it leads."""
    desk = await open_desk()
    browser = await desk.browser()
    for path in (f"{PROVIDER}?redirect_uri=https://evil.example", f"{PROVIDER}?next=//evil.example"):
        address = httpx.URL((await browser.post(path)).json()["address"])
        assert str(address).startswith(f"{desk.city.issuer}/auth?")
        assert address.params["redirect_uri"] == RETURN
    evil = {"Host": "evil.example", "Origin": "http://evil.example"}
    answer = await browser.post(PROVIDER, headers=evil)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


async def test_another_sites_page_begins_and_ends_nothing(open_desk: Open) -> None:
    desk = await open_desk()
    browser = await desk.browser()
    for path, body in DOORS.items():
        answer = await browser.post(path, json=body, headers={"Origin": "http://evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), path
    assert HOST not in str(await desk.failures())


async def test_what_is_asked_proves_itself(open_desk: Open) -> None:
    desk = await open_desk(acr="urn:city:two")
    browser = await desk.browser()
    asked = [httpx.URL(await desk.begin(browser)).params for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name]) >= 43  # 256 bits
    assert asked[0]["code_challenge_method"] == "S256"
    assert (asked[0]["scope"], asked[0]["acr_values"]) == ("openid", "urn:city:two")


async def test_forging_answers_is_slowed_where_it_comes_from(open_desk: Open) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    forger, honest = await desk.browser("10.1.0.1"), await desk.browser("10.2.0.1")
    for _ in range(NETWORK_FAILURES + 1):
        assert (await desk.answer(forger, {"state": "x", "code": "y"})).json()["code"] == "provider_lost"
    answer = await desk.answer(forger, {"state": "x", "code": "y"})
    assert (answer.status_code, answer.json()["code"]) == (429, "sign_in_locked")
    assert (await desk.sign_in(honest)).status_code == 201


async def test_the_secret_is_told_to_nobody_but_the_provider(
    open_desk: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = await open_desk()
    await desk.bind("wang", Role.WATCHER)
    browser = await desk.browser()
    answers_ = [await desk.sign_in(browser)]
    desk.between.changes["/token"] = answers(500)
    answers_.append(await desk.sign_in(browser))
    assert desk.platform.provider is not None
    told = repr(desk.platform.provider.provider.wish) + repr(desk.platform)
    written = "".join(capsys.readouterr()) + str(await desk.journal.read(1000)) + told
    assert SECRET not in written + "".join(one.text for one in answers_)


async def test_nonsense_is_refused(open_desk: Open) -> None:
    desk = await open_desk()
    browser = await desk.browser()
    await desk.begin(browser)
    surrogates, unknown = b'{"state":"\\ud800","code":"\\udfff"}', b'{"state":"x","next":"/"}'
    for body in (b"", b"[]", b'{"state":1}', surrogates, unknown):
        headers = {"Content-Type": "application/json"}
        answer = await browser.post(f"{PROVIDER}/answer", content=body, headers=headers)
        assert answer.status_code in (401, 422), (body, answer.text)
    for sealed in ("x", "gAAAAA", "é", "a" * 4096):
        browser.cookies.clear()
        answer = await browser.post(
            f"{PROVIDER}/answer",
            json={"state": "x", "code": "y"},
            headers={"Cookie": f"{UNDER_WAY_COOKIE}={sealed}".encode()},
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "provider_lost"), sealed
