"""Challenges that remember themselves, and answers that count once."""

import hashlib

import pytest

from bingjian.protocols import auth
from bingjian.protocols.sip.digest import (
    NONCE_LIFE_S,
    UNUSED,
    Account,
    Checked,
    Digest,
    Use,
    Verdict,
    answered,
    nobody,
)
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.reply import reply
from tests.unit.protocols.sip.wire import DEVICE, DOMAIN, request

ACCOUNT = Account("12345678", DEVICE)
KEY = b"k" * 32


def challenged(
    digest: Digest, version: str = "2.0", now: float = 100.0, account: Account = ACCOUNT
) -> Request:
    """A REGISTER with the answer to a challenge of ``now``."""
    first = request("REGISTER")
    response = reply(first, 401, *digest.challenges(DEVICE, version, now))
    second = answered(first, response, account)
    assert second is not None
    return second


def check(digest: Digest, message: Request, last: Use = UNUSED, now: float = 100.1) -> Checked:
    return digest.check(message, DEVICE, ACCOUNT, last, now)


@pytest.mark.parametrize("qop", [False, True])
@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_both_sides_agree(version: str, qop: bool) -> None:
    digest = Digest(DOMAIN, qop=qop)
    message = challenged(digest, version)
    assert check(digest, message).verdict is Verdict.RIGHT
    assert message.cseq.number == 21
    assert message.via.branch != request("REGISTER").via.branch
    assert ("qop=auth" in message.headers.get("Authorization")) == qop


@pytest.mark.parametrize("password", ["", "1234567", "12345678 "])
def test_a_wrong_password(password: str) -> None:
    digest = Digest(DOMAIN)
    assert check(digest, challenged(digest, account=Account(password, DEVICE))).verdict is Verdict.WRONG


def test_another_user_name_is_wrong() -> None:
    digest = Digest(DOMAIN)
    assert check(digest, challenged(digest, account=Account("12345678", "admin"))).verdict is Verdict.WRONG


def test_stronger_algorithms_are_offered_to_the_2022_edition_only() -> None:
    def names(version: str) -> list[str]:
        return [
            value.split("algorithm=")[1].split(",")[0]
            for _, value in Digest(DOMAIN).challenges("1", version, 0.0)
        ]

    assert names("2.0") == names("1.1") == ["MD5"]
    sm3 = ["SM3"] if "sm3" in hashlib.algorithms_available else []
    assert names("3.0") == [*sm3, "SHA-256", "MD5"]


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this OpenSSL has no SM3")
def test_sm3_of_gb_t_32905() -> None:
    """The standard's first example, and a digest worked out by hand from it."""
    assert hashlib.new("sm3", b"abc").hexdigest().startswith("66c7f0f462eeedd9")
    digest = Digest(DOMAIN)
    message = challenged(digest, "3.0")
    given = message.headers.get("Authorization")
    assert "algorithm=SM3" in given

    def sm3(text: str) -> str:
        return hashlib.new("sm3", text.encode()).hexdigest()

    secret, asked = sm3(f"{DEVICE}:{DOMAIN}:12345678"), sm3(f"REGISTER:{message.uri}")
    assert f'response="{sm3(f"{secret}:{auth.nonce_of(given)}:{asked}")}"' in given


def test_who_knows_only_md5_may_answer_the_last_offer() -> None:
    digest = Digest(DOMAIN)
    offers = digest.challenges(DEVICE, "3.0", 100.0)
    message = answered(request("REGISTER"), reply(request("REGISTER"), 401, offers[-1]), ACCOUNT)
    assert message is not None
    assert check(digest, message).verdict is Verdict.RIGHT


def test_a_nonce_is_good_once() -> None:
    digest = Digest(DOMAIN)
    older, message = challenged(digest, now=99.0), challenged(digest)
    checked = check(digest, message)
    assert check(digest, message, checked.use).verdict is Verdict.STALE
    assert check(digest, older, checked.use).verdict is Verdict.STALE
    newer = challenged(digest)  # of the same instant
    assert check(digest, newer, checked.use).verdict is Verdict.RIGHT


def test_with_qop_a_nonce_is_good_as_long_as_its_count_rises() -> None:
    digest = Digest(DOMAIN, qop=True)
    first = request("REGISTER")
    response, last = reply(first, 401, *digest.challenges(DEVICE, "2.0", 100.0)), UNUSED
    for count, verdict in [
        (1, "right"),
        (1, "stale"),
        (2, "right"),
        (9, "right"),
        (5, "stale"),
        (10, "right"),
    ]:
        message = answered(first, response, ACCOUNT, count=count)
        assert message is not None
        checked = check(digest, message, last)
        assert checked.verdict is Verdict(verdict)
        last = checked.use if checked.verdict is Verdict.RIGHT else last


def test_a_nonce_lives_for_minutes() -> None:
    digest = Digest(DOMAIN)
    message = challenged(digest)
    assert check(digest, message, now=100.0 + NONCE_LIFE_S - 0.001).verdict is Verdict.RIGHT
    assert check(digest, message, now=100.0 + NONCE_LIFE_S).verdict is Verdict.STALE


def test_a_nonce_of_before_our_start_or_of_another_device_is_stale() -> None:
    """So the device is asked again rather than refused."""
    digest = Digest(DOMAIN, KEY)
    message = challenged(digest)
    assert check(Digest(DOMAIN, KEY), message).verdict is Verdict.RIGHT
    assert check(Digest(DOMAIN), message).verdict is Verdict.STALE
    assert digest.check(message, "another", ACCOUNT, UNUSED, 100.1).verdict is Verdict.STALE


def test_the_realm_and_the_uri_count_as_they_were_sent() -> None:
    """Quirk 14: set up for another domain; and ``uri`` is often another than the request's."""
    set_up_wrongly = Digest("3402000000", KEY)
    checked = check(Digest(DOMAIN, KEY), challenged(set_up_wrongly))
    assert (checked.verdict, checked.realm) == (Verdict.RIGHT, "3402000000")
    message = challenged(Digest(DOMAIN, KEY))
    moved = Request("REGISTER", "sip:192.0.2.10:5060", message.headers)
    assert check(Digest(DOMAIN, KEY), moved).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("authorization", "verdict"),
    [
        ("", "missing"),
        ("Basic YTpi", "missing"),
        ("Digest " + "a" * 3000, "missing"),
        ("Digest", "stale"),
        ('Digest username="x"', "stale"),
        ('Digest nonce="00"', "stale"),
        ("Digest nonce=NONCE", "wrong"),
        ("Digest nonce=NONCE, algorithm=MD5-sess", "wrong"),
        ("Digest nonce=NONCE, algorithm=ROT13", "wrong"),
        ("Digest nonce=NONCE, qop=auth-int, nc=00000001", "wrong"),
    ],
)
def test_what_is_no_answer(authorization: str, verdict: str) -> None:
    digest = Digest(DOMAIN)
    nonce = auth.nonce_of(challenged(digest).headers.get("Authorization"))
    message = request("REGISTER", f"Authorization: {authorization.replace('NONCE', nonce)}")
    assert check(digest, message).verdict is Verdict(verdict)


def test_an_answer_to_a_stale_nonce_tells_nothing_about_the_password() -> None:
    digest = Digest(DOMAIN)
    for account in (ACCOUNT, Account("guess", DEVICE)):
        assert check(Digest(DOMAIN), challenged(digest, account=account)).verdict is Verdict.STALE


@pytest.mark.parametrize("nc", ["", "1", "0000000g", "-0000001", "0x000001"])
def test_an_unreadable_count_is_never_new(nc: str) -> None:
    digest = Digest(DOMAIN, KEY, qop=True)
    nonce = auth.nonce_of(challenged(digest).headers.get("Authorization"))
    secret = hashlib.md5(f"{DEVICE}:{DOMAIN}:12345678".encode()).hexdigest()
    asked = hashlib.md5(b"REGISTER:x").hexdigest()
    response = hashlib.md5(f"{secret}:{nonce}:{nc}:c:auth:{asked}".encode()).hexdigest()
    value = f'Digest username="{DEVICE}",realm="{DOMAIN}",nonce="{nonce}",uri="x",qop=auth,nc={nc},cnonce="c"'
    message = request("REGISTER", f'Authorization: {value},response="{response}"')
    for last in (UNUSED, Use(100_000_000, 0)):
        assert check(digest, message, last).verdict is Verdict.STALE


def test_nobody_never_answers_rightly() -> None:
    digest = Digest(DOMAIN)
    message = challenged(digest)
    stranger = nobody(message)
    assert stranger.username == DEVICE
    assert digest.check(message, DEVICE, stranger, UNUSED, 100.1).verdict is Verdict.WRONG
    assert nobody(request("REGISTER")).username == ""


def test_passwords_are_not_shown() -> None:
    assert "12345678" not in repr(ACCOUNT)


def test_the_client_answers_a_proxy_and_never_in_clear() -> None:
    offer = auth.Challenge(realm="r").header()
    message = answered(
        request("INVITE"), reply(request("INVITE"), 407, ("Proxy-Authenticate", offer)), ACCOUNT
    )
    assert message is not None
    assert "Proxy-Authorization" in message.headers
    for value in ("Basic realm=x", "", "Digest algorithm=ROT13"):
        assert (
            answered(request("INVITE"), reply(request("INVITE"), 401, ("WWW-Authenticate", value)), ACCOUNT)
            is None
        )
