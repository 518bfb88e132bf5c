"""What is sealed opens with its key for its camera only."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.inventory.vault import KeyUnusable, Vault
from bingjian.streaming.sources.base import SourceAddress
from tests.backend import KEY

MAIN = SourceAddress("rtsp://192.0.2.1/main", "admin", "s3cret", "tcp", False)
SUB = SourceAddress("rtsp://192.0.2.1/sub")


def test_round_trip() -> None:
    camera = uuid4()
    assert Vault(KEY).open(camera, Vault(KEY).seal(camera, MAIN, SUB)) == (MAIN, SUB)
    assert Vault(KEY).open(camera, Vault(KEY).seal(camera, MAIN, None)) == (MAIN, None)


def test_nothing_of_it_shows() -> None:
    sealed = Vault(KEY).seal(uuid4(), MAIN, SUB)
    assert b"s3cret" not in sealed
    assert b"admin" not in sealed
    assert sealed != Vault(KEY).seal(uuid4(), MAIN, SUB)


def test_another_key_or_camera_does_not_open_it() -> None:
    camera = uuid4()
    sealed = Vault(KEY).seal(camera, MAIN, SUB)
    with pytest.raises(KeyUnusable):
        Vault(KEY[::-1]).open(camera, sealed)
    with pytest.raises(KeyUnusable):
        Vault(KEY).open(uuid4(), sealed)
    with pytest.raises(KeyUnusable, match="32 bytes"):
        Vault(b"short")


@given(st.binary(max_size=100))
def test_garbage_raises_its_own_error_only(sealed: bytes) -> None:
    with pytest.raises(KeyUnusable):
        Vault(KEY).open(uuid4(), sealed)


@given(st.text(st.characters(codec="utf-8") | st.just("\udcff"), max_size=30))
def test_any_password_survives(password: str) -> None:
    camera, address = uuid4(), SourceAddress("rtsp://h/", "u", password)
    assert Vault(KEY).open(camera, Vault(KEY).seal(camera, address, None))[0].password == password
