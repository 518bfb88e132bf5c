"""The catalogue's own promises: a transaction that fails leaves nothing, not even in memory."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bingjian.recording.catalogue import Catalogue, SegmentRow, segment_at
from tests.unit.recording.footage import CAMERA, START_90K

VOLUME = UUID(int=5)


def row(number: int, mime: str = "video/mp4", state: str = "open") -> SegmentRow:
    start_90k = START_90K + number
    return SegmentRow(
        *(uuid4(), CAMERA, start_90k, start_90k, state, 0, 0, None),  # type: ignore[arg-type]
        *(mime, sha256(mime.encode()).digest(), "w", 1),
    )


@pytest.fixture
def catalogue(tmp_path: Path):
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3", VOLUME)
    yield catalogue
    catalogue.close()


def found(catalogue: Catalogue, one: SegmentRow) -> SegmentRow | None:
    return segment_at(catalogue._connection, one.address)


def add_and_fail(catalogue: Catalogue, one: SegmentRow) -> None:
    with catalogue.transaction():
        catalogue.add_open(one)
        raise OSError("disk")


def test_a_format_of_a_failed_transaction_is_not_taken_for_known(catalogue):
    first, other = row(1, "first"), row(2, "other")
    with pytest.raises(OSError, match="disk"):
        add_and_fail(catalogue, first)
    with catalogue.transaction():
        catalogue.add_open(other)
        catalogue.add_open(first)
    assert found(catalogue, first) == first
    assert found(catalogue, other) == other


def test_who_holds_the_file_has_the_last_word_over_a_repair_that_called_it_lost(catalogue):
    one = row(1)
    torn = replace(one, mime="", init_sha=sha256().digest(), worker="", epoch=0)
    with catalogue.transaction():
        catalogue.add_open(torn)
        catalogue.lose_segment(torn)
    with catalogue.transaction():
        catalogue.add_open(one)
    assert found(catalogue, one) == one


def test_what_is_closed_stays_closed(catalogue):
    one = row(1)
    with catalogue.transaction():
        catalogue.add_open(one)
        catalogue.close_segment(one, one.start_90k + 5, 10, 2, bytes(32))
        catalogue.add_open(one)
    closed = found(catalogue, one)
    assert closed is not None
    assert closed.state == "closed"
