"""Digest authentication of SIP requests, both sides (RFC 3261 §22, RFC 8760; GB/T 28181-2022 §9.1).

Our nonces remember themselves: the time they were made and a seal over it and over who was asked, and where.
So a flood of requests leaves nothing behind, and what has to be kept to refuse a repeated answer is the last
nonce accepted from each device (``Use``). A new key at each start makes all older nonces stale. An answer to
a stale nonce is not even looked at: whoever guesses must be reachable where he says he is, and is counted
there.
"""

import hmac
import re
import secrets
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

from bingjian.protocols import auth
from bingjian.protocols.sip.compose import new_branch
from bingjian.protocols.sip.message import Request, Response

NONCE_LIFE_S = 300.0  # a device answers within a second; some keep the last nonce for their next refresh
AUTHORIZATION_LIMIT = 2048  # characters; longer is no answer
EDITION_2022 = "3.0"  # from here on stronger algorithms than MD5 are offered

_COUNT = re.compile(r"[0-9a-fA-F]{8}")
_TIME_BYTES, _SEAL_BYTES = 7, 9  # together 32 hexadecimal digits, as long as devices expect


class Use(NamedTuple):
    """The newest nonce a device answered rightly, and the last ``nc`` with it (0 without qop)."""

    issued_us: int
    nc: int


UNUSED = Use(-1, 0)


@dataclass(frozen=True, slots=True)
class Account:
    """What a device has to know."""

    password: str = field(repr=False)
    username: str  # its id, if nothing else was agreed


class Verdict(Enum):
    RIGHT = "right"
    STALE = "stale"  # the nonce is old, used, another's or of before our start: ask again
    WRONG = "wrong"  # the nonce is good, the password is not
    MISSING = "missing"  # no Digest in the request


@dataclass(frozen=True, slots=True)
class Checked:
    verdict: Verdict
    use: Use = UNUSED  # to be kept with the device if the verdict is RIGHT
    realm: str = ""  # as the device hashes it; another than ours says that it is set up wrongly


class Digest:
    """The server's side. ``now``: monotonic seconds."""

    def __init__(self, realm: str, key: bytes | None = None, *, qop: bool = False) -> None:
        """
        Args:
            key: seals the nonces; drawn if None.
            qop: offer ``qop="auth"``; most devices ignore it, some fail. Answered either way, it is verified.
        """
        self.realm, self._qop = realm, qop
        self._key = key or secrets.token_bytes(32)
        self._issued_us = 0  # no two nonces are alike, however fast they are asked for

    def challenges(
        self, subject: str, version: str, now: float, *, stale: bool = False
    ) -> list[tuple[str, str]]:
        """``WWW-Authenticate`` headers for a 401. ``subject``: who has to answer, and from where."""
        names = auth.ALGORITHMS if version >= EDITION_2022 else ("MD5",)
        offer = auth.Challenge(
            realm=self.realm, nonce=self._nonce(subject, now), qop_auth=self._qop, stale=stale
        )
        return [("WWW-Authenticate", replace(offer, algorithm=name).header()) for name in names]

    def check(self, request: Request, subject: str, account: Account, last: Use, now: float) -> Checked:
        """Does the request answer a nonce of ours, for the first time?

        Realm and ``uri`` are taken as sent: devices hash with the realm they were set to, and whoever knows
        the password is let in. Compared in constant time.
        """
        authorization = request.headers.get("Authorization")
        given = auth.read_credentials(authorization) if len(authorization) <= AUTHORIZATION_LIMIT else None
        if given is None:
            return Checked(Verdict.MISSING)
        use = Use(self._time_of(given.nonce, subject), _count(given))
        if min(use) < 0 or use <= last or now - use.issued_us / 1e6 >= NONCE_LIFE_S:
            return Checked(Verdict.STALE, realm=given.realm)
        if not _is_right(request, given, authorization, account):
            return Checked(Verdict.WRONG, realm=given.realm)
        return Checked(Verdict.RIGHT, use, given.realm)

    def issued_us(self, request: Request, subject: str) -> int:
        """When the nonce that the request answers was made for ``subject``; -1: it was not."""
        given = auth.read_credentials(request.headers.get("Authorization")[:AUTHORIZATION_LIMIT])
        return -1 if given is None else self._time_of(given.nonce, subject)

    def _nonce(self, subject: str, now: float) -> str:
        self._issued_us = max(round(now * 1e6), self._issued_us + 1)
        made = self._issued_us.to_bytes(_TIME_BYTES)
        return (made + self._seal(made, subject)).hex()

    def _time_of(self, nonce: str, subject: str) -> int:
        """When it was made, in µs; -1: not ours, or another's."""
        try:
            whole = bytes.fromhex(nonce)
        except ValueError:
            return -1
        made, seal = whole[:_TIME_BYTES], whole[_TIME_BYTES:]
        return int.from_bytes(made) if hmac.compare_digest(seal, self._seal(made, subject)) else -1

    def _seal(self, made: bytes, subject: str) -> bytes:
        text = made + subject.encode("utf-8", "surrogateescape")
        return hmac.digest(self._key, text, "sha256")[:_SEAL_BYTES]


def nobody(request: Request) -> Account:
    """To check who is not known, so that the answer comes as late and is as wrong as with a bad password."""
    given = auth.read_credentials(request.headers.get("Authorization")[:AUTHORIZATION_LIMIT])
    return Account(secrets.token_hex(8), given.username if given else "")


def answered(request: Request, response: Response, account: Account, *, count: int = 1) -> Request | None:
    """The client's side: the request once more, with an answer to this 401 or 407; None if we know none.

    Args:
        count: how many requests were answered with this nonce, this one included.
    """
    proxy = response.status == 407
    challenges = response.headers.get_all("Proxy-Authenticate" if proxy else "WWW-Authenticate")
    user, password = account.username, account.password
    value = auth.answer(challenges, request.method, request.uri, user, password, count=count)
    if value is None or value.startswith("Basic"):  # a password in clear: RFC 3261 §22 forbids it
        return None
    via = replace(request.via, params={**request.via.params, "branch": new_branch()})
    headers = request.headers.replacing("Via", str(via))
    headers = headers.replacing("CSeq", f"{request.cseq.number + 1} {request.method}")
    name = "Proxy-Authorization" if proxy else "Authorization"
    return replace(request, headers=headers.replacing(name, value))


def _is_right(request: Request, given: auth.Credentials, authorization: str, account: Account) -> bool:
    if given.qop not in ("", "auth") or given.algorithm not in auth.ALGORITHMS:
        return False
    asked = auth.Challenge(
        realm=given.realm, nonce=given.nonce, algorithm=given.algorithm, qop_auth=bool(given.qop)
    )
    return auth.verify(asked, authorization, request.method, account.username, account.password)


def _count(given: auth.Credentials) -> int:
    """``nc``; -1 if unreadable."""
    if not given.qop:
        return 0
    return int(given.count, 16) if _COUNT.fullmatch(given.count) else -1
