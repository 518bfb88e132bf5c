"""Basic and Digest: the RFCs' own examples, both sides against each other, and what cameras offer."""

import pytest

from bingjian.protocols.auth import (
    ALGORITHMS,
    Challenge,
    Credentials,
    answer,
    best_challenge,
    nonce_of,
    read_credentials,
    verify,
)

RFC_7616_NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
RFC_7616_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_rfc_7616_example(algorithm: str, response: str) -> None:
    """§3.9.1."""
    offer = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        f'nonce="{RFC_7616_NONCE}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    given = answer([offer], "GET", "/dir/index.html", "Mufasa", "Circle of Life", cnonce=RFC_7616_CNONCE)
    assert given is not None
    assert f'response="{response}"' in given
    assert "nc=00000001" in given


def test_rfc_2069_example() -> None:
    """§2.4, with the erratum's response."""
    offer = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    given = answer([offer], "GET", "/dir/index.html", "Mufasa", "CircleOfLife")
    assert given is not None
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in given
    assert "algorithm" not in given
    assert "qop" not in given


@pytest.mark.parametrize(
    "challenge",
    [
        Challenge(),
        Challenge(algorithm="SHA-256"),
        Challenge(algorithm="MD5-sess", opaque="o"),
        *(Challenge(algorithm=name) for name in ALGORITHMS),
        Challenge(qop_auth=False, names_algorithm=False),
        Challenge(realm='a "quoted", Basic realm\\'),
        Challenge(realm="摄像机"),
        Challenge("Basic", nonce=""),
    ],
)
@pytest.mark.parametrize("password", ["secret", "pass:word", "密码", 'q"uote\\', ""])
def test_both_sides_agree(challenge: Challenge, password: str) -> None:
    given = answer([challenge.header()], "SETUP", "rtsp://h/1", "admin", password)
    assert given is not None
    assert verify(challenge, given, "SETUP", "admin", password)
    assert not verify(challenge, given, "SETUP", "admin", password + "x")
    assert not verify(challenge, given, "SETUP", "other", password)
    if challenge.scheme == "Digest":
        assert nonce_of(given) == challenge.nonce
        assert not verify(challenge, given, "PLAY", "admin", password)
        assert not verify(Challenge(realm=challenge.realm), given, "SETUP", "admin", password)
        assert password == "" or password not in given


def test_the_strongest_offer_is_taken_also_from_one_line() -> None:
    md5, sha, basic = Challenge(), Challenge(algorithm="SHA-256"), Challenge("Basic")
    assert best_challenge([basic.header(), md5.header()]).algorithm == "MD5"
    assert best_challenge([f"{basic.header()}, {md5.header()}, {sha.header()}"]).algorithm == "SHA-256"
    assert best_challenge([basic.header()]).scheme == "Basic"


def test_a_realm_that_looks_like_another_offer_is_only_a_realm() -> None:
    assert best_challenge(['Digest realm="x, Basic realm=y", nonce="n"']).realm == "x, Basic realm=y"


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "Negotiate abc",
        "Digest",
        'Digest algorithm=SHA-512, nonce="x"',
        'Digest qop="auth-int", nonce="x"',
    ],
)
def test_offers_we_cannot_answer_are_not_answered(offer: str) -> None:
    given = answer([offer], "PLAY", "*", "a", "b")
    assert given is None or offer == "Digest"


@pytest.mark.parametrize(
    "given", ["", "Basic", "Basic !!", "Digest", "Digest username=", 'Digest nonce="', "Basic äö"]
)
def test_garbage_is_not_let_in(given: str) -> None:
    assert not verify(Challenge(), given, "PLAY", "a", "b")
    assert not verify(Challenge("Basic"), given, "PLAY", "a", "b")


def test_stale_is_told() -> None:
    assert best_challenge([Challenge(stale=True).header()]).stale


def test_credentials_are_read_and_nothing_else_is() -> None:
    given = answer([Challenge(realm="r", nonce="n").header()], "REGISTER", "sip:x", "user", "p")
    assert given is not None
    assert read_credentials(given) == Credentials("user", "r", "n", "MD5", "auth", "00000001")
    assert read_credentials("Digest x") == Credentials("", "", "", "MD5", "", "")
    assert read_credentials("Basic YTpi") is None
    assert read_credentials("") is None


def test_the_first_algorithm_is_preferred() -> None:
    offers = [Challenge(algorithm=name).header() for name in reversed(ALGORITHMS)]
    offer = best_challenge(offers)
    assert offer is not None
    assert offer.algorithm == ALGORITHMS[0]
