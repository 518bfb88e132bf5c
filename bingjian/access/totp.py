"""One-time codes by time (RFC 6238): six digits of HMAC-SHA-1, a step of 30 s, one of grace either way."""

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S = 30
DIGITS = 6
GRACE = 1  # steps that a telephone's clock may be off (RFC 6238 §5.2)
SECRET_BYTES = 20  # RFC 4226 §4 R6: 160 bits are recommended
ISSUER = "Bingjian"


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    # SHA-1 is what authenticators support; HMAC does not need its collision resistance.
    return TOTP(secret, DIGITS, SHA1(), STEP_S).generate(step * STEP_S).decode()  # noqa: S303


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP_S


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The step whose code it is, if that is now or one to either side. Every step takes the same time."""
    given, here = code.encode("utf-8", "surrogatepass"), step_of(now)
    steps = range(max(0, here - GRACE), here + GRACE + 1)
    fitting = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), given)]
    return fitting[-1] if fitting else None


def base32(secret: bytes) -> str:
    """As a person types it into an authenticator."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri_of(secret: bytes, account: str) -> str:
    """What the picture says: ``otpauth://totp/…``, as authenticators read it."""
    wish = {"secret": base32(secret), "issuer": ISSUER, "digits": DIGITS, "period": STEP_S}
    return f"otpauth://totp/{quote(f'{ISSUER}:{account}')}?{urlencode(wish)}"
