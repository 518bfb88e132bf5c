"""What is wrong with a certificate is said before anybody connects: what to do, and nothing of the key."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bingjian.signalling.certificate import CertificateError, load
from tests.unit.signalling.certificates import Files, made

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def test_a_good_one_is_taken_with_its_end(tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)  # a certificate has whole seconds
    files = made(tmp_path, ends=31 * DAY)
    loaded = load(files.certificate, files.key, before)
    assert before + 31 * DAY <= loaded.ends <= datetime.now(UTC) + 31 * DAY
    assert [loaded.ends_soon(before), loaded.ends_soon(before + 2 * DAY)] == [False, True]


def test_those_that_signed_it_may_stand_behind_it(tmp_path: Path) -> None:
    files, other = made(tmp_path / "own"), made(tmp_path / "other", ends=-DAY / 2)
    files.certificate.write_bytes(files.certificate.read_bytes() + other.certificate.read_bytes())
    assert load(files.certificate, files.key, NOW).ends > NOW


def missing(folder: Path) -> Files:
    made(folder).certificate.unlink()
    return Files(folder / "certificate.pem", folder / "key.pem")


def without_key(folder: Path) -> Files:
    files = made(folder)
    files.key.unlink()
    return files


def a_directory(folder: Path) -> Files:
    files = without_key(folder)
    files.key.mkdir()
    return files


def of_another(folder: Path) -> Files:
    return Files(made(folder / "one").certificate, made(folder / "other").key)


def swapped(folder: Path) -> Files:
    files = made(folder)
    return Files(files.key, files.certificate)


def key_is_none(folder: Path) -> Files:
    files = made(folder)
    files.key.write_text("-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n-----END PRIVATE KEY-----\n")
    return files


WRONG: dict[str, tuple[Callable[[Path], Files], str]] = {
    "no certificate": (missing, r"certificate .*certificate\.pem cannot be read \(No such file"),
    "no key": (without_key, r"key .*key\.pem cannot be read \(No such file"),
    "a directory": (a_directory, r"key .*key\.pem cannot be read \(Is a directory"),
    "ended": (lambda folder: made(folder, begins=-9 * DAY, ends=-DAY), "ended on .*put a new one there"),
    "begins": (lambda folder: made(folder, begins=DAY), "begins on .*set this clock right"),
    "another's key": (of_another, "is not that of the certificate .*go together"),
    "swapped": (swapped, r"key\.pem holds no certificate in PEM"),
    "no PEM": (key_is_none, r"key\.pem holds no key in PEM"),
    "password": (lambda folder: made(folder, password=b"hunter2"), "has a password: store it without"),
    "weak": (lambda folder: made(folder, key=rsa.generate_private_key(65537, 1024)), "too weak: make one"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_what_to_do(name: str, tmp_path: Path) -> None:
    make, sentence = WRONG[name]
    files = make(tmp_path)
    with pytest.raises(CertificateError, match=sentence) as raised:
        load(files.certificate, files.key, NOW)
    assert "\n" not in str(raised.value)
    if files.key.is_file():
        secrets = [line for line in files.key.read_text().splitlines() if "--" not in line]
        assert not any(secret in str(raised.value) for secret in secrets)
