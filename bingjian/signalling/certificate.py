"""The certificate that devices are shown over TLS: looked at before anybody is shown it.

Devices are asked for none: they prove
themselves by digest, as over UDP and TCP.
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

SOON = timedelta(days=30)  # before its end; from then on a start says so


class CertificateError(Exception):
    """Nobody could be served over TLS; carries one plain sentence: what to do, and nothing of the key."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Ours, ready for use."""

    context: ssl.SSLContext
    ends: datetime

    def ends_soon(self, now: datetime) -> bool:
        return self.ends - now < SOON


def load(certificate: Path, key: Path, now: datetime) -> Certificate:
    """From two PEM files; behind the certificate may stand those that signed it. Raises CertificateError."""
    ends = _valid(certificate, _read(certificate, "certificate"), now)
    _read(key, "key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # costs us much more than who asks for it
    _use(context, certificate, key)
    return Certificate(context, ends)


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        sentence = (
            f"the TLS {what} {path} cannot be read ({error.strerror}): name another file, or make it readable"
        )
        raise CertificateError(sentence) from error


def _valid(path: Path, text: bytes, now: datetime) -> datetime:
    """Its end."""
    try:
        first = x509.load_pem_x509_certificates(text)[0]
    except ValueError as error:
        raise CertificateError(f"{path} holds no certificate in PEM: give one, begun by its own") from error
    if now >= first.not_valid_after_utc:
        ended = f"{first.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        raise CertificateError(f"the TLS certificate {path} ended on {ended}: put a new one there")
    if now < first.not_valid_before_utc:
        begins = f"{first.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        raise CertificateError(
            f"the TLS certificate {path} begins on {begins}: wait, or set this clock right"
        )
    return first.not_valid_after_utc.astimezone(UTC)


def _use(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Never asks at the terminal for a key's password."""
    asked: list[bool] = []

    def password() -> str:
        asked.append(True)
        return ""

    try:
        context.load_cert_chain(certificate, key, password)
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", "") or ""
        raise CertificateError(_sentence(reason, bool(asked), certificate, key)) from None  # names no bytes


def _sentence(reason: str, asked: bool, certificate: Path, key: Path) -> str:
    if asked:
        return f"the TLS key {key} has a password: store it without one, readable for this user alone"
    if reason == "KEY_VALUES_MISMATCH":
        return f"the TLS key {key} is not that of the certificate {certificate}: give those that go together"
    if reason.endswith(("KEY_TOO_SMALL", "MD_TOO_WEAK")):
        return f"the TLS certificate {certificate} is too weak: make one with P-256 or RSA 2048, and SHA-256"
    return f"{key} holds no key in PEM that can be used: give the one of the certificate {certificate}"
