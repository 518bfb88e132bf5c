"""The cookie of a browser that has signed in before: it names the accounts that it has signed in to.

``<id>.<mac>.<mac>…``: the browser's random id, and of each account a code (HMAC-SHA-256) that only we can
make. It signs nobody in. It only says that failures elsewhere are no reason to slow this browser down.
"""

import hashlib
import hmac
import secrets

ID_BYTES = 12
ACCOUNTS_MAX = 8  # of one browser; the oldest goes
COOKIE_MAX = 1024  # characters; what is longer is none of ours


class KnownDevices:
    """Makes and reads the cookie."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def id_of(self, cookie: str | None, account: bytes) -> str | None:
        """The browser's id, if it has signed in to this account before."""
        identity, codes = parts_of(cookie)
        mine = self._code(identity, account)
        known = [code for code in codes if hmac.compare_digest(code.encode(), mine.encode())]
        return identity if identity and known else None

    def remember(self, cookie: str | None, account: bytes) -> str:
        """The cookie, with this account in it."""
        identity, codes = parts_of(cookie)
        identity = identity or secrets.token_urlsafe(ID_BYTES)
        mine = self._code(identity, account)
        kept = [code for code in codes if code != mine][-(ACCOUNTS_MAX - 1) :]
        return ".".join([identity, *kept, mine])

    def _code(self, identity: str, account: bytes) -> str:
        text = identity.encode("utf-8", "surrogatepass") + b"\0" + account
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:32]  # 128 bits


def parts_of(cookie: str | None) -> tuple[str, list[str]]:
    """Id and codes; an empty id if it is no cookie of ours."""
    if not cookie or len(cookie) > COOKIE_MAX or not cookie.isascii():
        return "", []
    identity, *codes = cookie.split(".")
    if len(identity) != len(secrets.token_urlsafe(ID_BYTES)) or len(codes) > ACCOUNTS_MAX:
        return "", []
    return identity, codes
