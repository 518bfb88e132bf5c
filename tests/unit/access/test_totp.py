"""One-time codes against the vectors of RFC 6238, appendix B (their last six digits, SHA-1)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bingjian.access.totp import STEP_S, base32, code_at, matching_step, step_of, uri_of

SECRET = b"12345678901234567890"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    assert code_at(SECRET, seconds // STEP_S) == code
    assert matching_step(SECRET, code, datetime.fromtimestamp(seconds, UTC)) == seconds // STEP_S


@pytest.mark.parametrize(("seconds", "fits"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)])
def test_one_step_of_grace_either_way(seconds: int, fits: bool) -> None:
    begins = datetime.fromtimestamp(1111111110, UTC)  # of a step
    step = step_of(begins)
    found = matching_step(SECRET, code_at(SECRET, step), begins + timedelta(seconds=seconds))
    assert found == (step if fits else None)


@pytest.mark.parametrize("code", ["", "28708", "2870822", "２８７０８２", "\udfff", "28708\0"])
def test_nonsense_fits_nothing(code: str) -> None:
    assert matching_step(SECRET, code, datetime.fromtimestamp(59, UTC)) is None


def test_what_the_picture_says() -> None:
    parts = urlsplit(uri_of(SECRET, "王 芳/x"))
    wish = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/Bingjian%3A%E7%8E%8B%20%E8%8A%B3/x"
    assert wish["secret"] == [base32(SECRET)] == ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]
