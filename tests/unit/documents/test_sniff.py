"""What is kept and what is refused, by bytes alone."""

import tempfile

import pytest

from bingjian.documents import errors
from bingjian.documents.sniff import SUFFIXES, media_type_of, recognised
from tests.unit.documents.files import GOOD, HOSTILE, jpeg, png, tiff


@pytest.mark.parametrize("name", GOOD)
def test_what_is_kept(name: str) -> None:
    content, media_type = GOOD[name]
    assert recognised(content) == media_type
    assert media_type in SUFFIXES


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_refused_with_a_sentence(name: str) -> None:
    content, kind = HOSTILE[name]
    with tempfile.TemporaryFile() as file:
        file.write(content)
        with pytest.raises(errors.FileNotAccepted) as refused:
            media_type_of(file)
    assert (type(refused.value).__name__, len(str(refused.value)) > 15) == (kind, True)


def test_from_a_file_as_from_bytes() -> None:
    for content, media_type in GOOD.values():
        with tempfile.TemporaryFile() as file:
            file.write(content)
            assert media_type_of(file) == media_type


@pytest.mark.parametrize("make", [png, jpeg, tiff])
def test_a_picture_up_to_its_bound(make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.documents.sniff_picture.PIXELS_MAX", 100)
    assert callable(make)
    assert recognised(make(10, 10))
    assert recognised(make(99, 1))
    with pytest.raises(errors.SwollenFile):
        recognised(make(101, 1))
    with pytest.raises(errors.BrokenFile):
        recognised(make(0, 1))
