"""Basic and Digest authentication for RTSP and SIP, both sides (RFC 7616, 7617; RFC 2069 without ``qop``).

Strongest first: Digest SM3 (GB/T 32905, where OpenSSL has it), SHA-256, MD5, then Basic. Pure: nonces are
handed in or drawn from ``secrets``.
"""

import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

CHALLENGE_LIMIT = 8  # challenges looked at in one answer; further ones are ignored


def _sm3(data: bytes) -> Any:
    return hashlib.new("sm3", data)


_HASHES: dict[str, Any] = {
    **({"SM3": _sm3} if "sm3" in hashlib.algorithms_available else {}),
    "SHA-256": hashlib.sha256,
    "MD5": hashlib.md5,
}
ALGORITHMS = tuple(_HASHES)  # strongest first
_KNOWN = tuple(name + session for name in ALGORITHMS for session in ("", "-SESS"))
_SCHEME = re.compile(r"(?:^|,)\s*(Digest|Basic)(?=\s|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'(?<![\w-])([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client says in a Digest ``Authorization``. Nothing of it is proven."""

    username: str
    realm: str
    nonce: str
    algorithm: str  # in capitals; "MD5" if not named
    qop: str  # in lower case; "": as RFC 2069
    count: str  # ``nc``, 8 hexadecimal digits


@dataclass(frozen=True, slots=True)
class Challenge:
    """One ``WWW-Authenticate`` offer. A server makes one and keeps it; a client reads it."""

    scheme: str = "Digest"  # or "Basic"
    realm: str = "bingjian"
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))
    algorithm: str = "MD5"  # or another of ``ALGORITHMS``, each also with "-sess"
    qop_auth: bool = True  # offer qop="auth" (RFC 7616); False: as RFC 2069
    stale: bool = False  # the password was right, only the nonce is old: answer again
    opaque: str = ""
    names_algorithm: bool = True  # RFC 2069 peers leave it out, and some do not accept it back

    def header(self) -> str:
        """The value of ``WWW-Authenticate``."""
        if self.scheme == "Basic":
            return f"Basic realm={_quoted(self.realm)}"
        parts = [f"realm={_quoted(self.realm)}", f"nonce={_quoted(self.nonce)}"]
        parts += [f"algorithm={self.algorithm}"] if self.names_algorithm else []
        parts += ['qop="auth"'] if self.qop_auth else []
        parts += [f"opaque={_quoted(self.opaque)}"] if self.opaque else []
        parts += ["stale=true"] if self.stale else []
        return "Digest " + ", ".join(parts)


def best_challenge(values: Sequence[str]) -> Challenge | None:
    """The strongest offer among ``WWW-Authenticate`` values that we can answer."""
    offers = [offer for value in values for offer in _offers(value)][:CHALLENGE_LIMIT]
    return min(offers, key=_weakness, default=None)


def answer(
    challenges: Sequence[str],
    method: str,
    uri: str,
    user: str,
    password: str,
    *,
    count: int = 1,
    cnonce: str = "",
) -> str | None:
    """The value of ``Authorization`` for one request; None if no offer is understood.

    Args:
        challenges: all ``WWW-Authenticate`` values of the 401.
        uri: exactly as in the request line.
        count: how many requests were answered with this nonce, this one included (``nc``).
        cnonce: client nonce; drawn if empty.
    """
    challenge = best_challenge(challenges)
    if challenge is None:
        return None
    if challenge.scheme == "Basic":
        return "Basic " + b64encode(_bytes(f"{user}:{password}")).decode()
    cnonce = cnonce or secrets.token_hex(8)
    nc = f"{count & 0xFFFFFFFF:08x}"
    parts = [
        f"username={_quoted(user)}",
        f"realm={_quoted(challenge.realm)}",
        f"nonce={_quoted(challenge.nonce)}",
        f"uri={_quoted(uri)}",
        f'response="{_digest(challenge, method, uri, user, password, nc, cnonce)}"',
    ]
    parts += [f"algorithm={challenge.algorithm}"] if challenge.names_algorithm else []
    if challenge.qop_auth:
        parts += ["qop=auth", f"nc={nc}"]
    if challenge.qop_auth or _is_session(challenge):
        parts += [f"cnonce={_quoted(cnonce)}"]
    parts += [f"opaque={_quoted(challenge.opaque)}"] if challenge.opaque else []
    return "Digest " + ", ".join(parts)


def verify(challenge: Challenge, authorization: str, method: str, user: str, password: str) -> bool:
    """Server side: does this ``Authorization`` answer ``challenge`` for that user?"""
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() != challenge.scheme.lower():
        return False
    if challenge.scheme == "Basic":
        return hmac.compare_digest(_basic_pair(rest), _bytes(f"{user}:{password}"))
    given = _parameters(rest)
    if given.get("username") != user or given.get("nonce") != challenge.nonce:
        return False
    if challenge.qop_auth and given.get("qop", "").lower() != "auth":
        return False
    uri, nc, cnonce = given.get("uri", ""), given.get("nc", ""), given.get("cnonce", "")
    expected = _digest(challenge, method, uri, user, password, nc, cnonce)
    return hmac.compare_digest(_bytes(expected), _bytes(given.get("response", "").lower()))


def read_credentials(authorization: str) -> Credentials | None:
    """None: no Digest."""
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    given = _parameters(rest)
    algorithm, qop = given.get("algorithm", "") or "MD5", given.get("qop", "").lower()
    user, realm, nonce = (given.get(name, "") for name in ("username", "realm", "nonce"))
    return Credentials(user, realm, nonce, algorithm.upper(), qop, given.get("nc", ""))


def nonce_of(authorization: str) -> str:
    """The nonce a client answered with, so that a server can say ``stale``; empty if none."""
    return _parameters(authorization).get("nonce", "")


def _offers(value: str) -> list[Challenge]:
    """One header value may hold several challenges, separated by commas like their parameters."""
    marks = list(_SCHEME.finditer(_without_quoted(value)))
    ends = [*(mark.start() for mark in marks[1:]), len(value)]
    offers = []
    for mark, end in zip(marks, ends, strict=False):  # without any mark there is nothing to read
        offer = _offer(mark.group(1).capitalize(), _parameters(value[mark.end() : end]))
        offers += [offer] if offer else []
    return offers


def _without_quoted(value: str) -> str:
    """Same length, quoted strings blanked: a realm saying ``, Basic`` is no challenge."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda match: '"' + "_" * (len(match.group()) - 2) + '"', value)


def _offer(scheme: str, given: dict[str, str]) -> Challenge | None:
    if scheme == "Basic":
        return Challenge("Basic", given.get("realm", ""), nonce="")
    algorithm = given.get("algorithm", "") or "MD5"
    qops = [qop.strip().lower() for qop in given.get("qop", "").split(",") if qop.strip()]
    if algorithm.upper() not in _KNOWN or (qops and "auth" not in qops):
        return None
    return Challenge(
        scheme,
        given.get("realm", ""),
        given.get("nonce", ""),
        algorithm,
        qop_auth=bool(qops),
        stale=given.get("stale", "").lower() == "true",
        opaque=given.get("opaque", ""),
        names_algorithm="algorithm" in given,
    )


def _weakness(offer: Challenge) -> int:
    return len(_KNOWN) if offer.scheme == "Basic" else _KNOWN.index(offer.algorithm.upper())


def _digest(
    challenge: Challenge, method: str, uri: str, user: str, password: str, nc: str, cnonce: str
) -> str:
    """RFC 7616 §3.4.1; without qop RFC 2069 §2.1.2."""
    new = _HASHES[challenge.algorithm.upper().removesuffix("-SESS")]

    def hashed(text: str) -> str:
        return str(new(_bytes(text)).hexdigest())

    secret = hashed(f"{user}:{challenge.realm}:{password}")
    if _is_session(challenge):
        secret = hashed(f"{secret}:{challenge.nonce}:{cnonce}")
    request = hashed(f"{method}:{uri}")
    if challenge.qop_auth:
        return hashed(f"{secret}:{challenge.nonce}:{nc}:{cnonce}:auth:{request}")
    return hashed(f"{secret}:{challenge.nonce}:{request}")


def _is_session(challenge: Challenge) -> bool:
    return challenge.algorithm.upper().endswith("-SESS")


def _parameters(text: str) -> dict[str, str]:
    """Names in lower case; the first of a repeated name counts."""
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(text):
        name, quoted, plain = match.groups()
        found.setdefault(name.lower(), plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
    return found


def _basic_pair(encoded: str) -> bytes:
    try:
        return b64decode(encoded.strip().encode("ascii", "replace"), validate=True)
    except (Base64Error, ValueError):
        return b""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
