"""What the catalogue answers about a camera's time."""

from uuid import UUID, uuid4

import pytest

from bingjian.recording.catalogue import Catalogue, SegmentRow, Stretches, stretches_between
from tests.unit.recording.footage import CAMERA, seconds

JOINED_90K = 45_000  # half a second
BEGIN, END = seconds(0), seconds(3600)


@pytest.fixture
def catalogue(tmp_path):
    one = Catalogue(tmp_path / "catalogue.sqlite3", uuid4())
    yield one
    one.close()


def row(start_s: float, end_s: float, state: str = "closed", id: UUID | None = None) -> SegmentRow:
    return SegmentRow(
        *(id or uuid4(), CAMERA, seconds(start_s), seconds(end_s), state),
        *(100, 2, bytes(32), "video/mp4", bytes(32), "test", 1),
    )


def stretches(catalogue: Catalogue, *rows: SegmentRow) -> Stretches:
    with catalogue.transaction():
        catalogue.add_closed(rows)
    return stretches_between(catalogue._connection, CAMERA, BEGIN, END, JOINED_90K)


def test_what_follows_closely_is_one_stretch(catalogue):
    found = stretches(catalogue, row(0, 300), row(300.4, 600), row(600.6, 900), row(900, 1200))
    assert found.closed == [(seconds(0), seconds(600)), (seconds(600.6), seconds(1200))]


def test_a_segment_inside_another_shortens_nothing(catalogue):
    found = stretches(catalogue, row(0, 300), row(10, 20), row(250, 400), row(401, 402))
    assert found.closed == [(seconds(0), seconds(400)), (seconds(401), seconds(402))]


def test_an_open_segment_is_named_and_a_lost_one_left_out(catalogue):
    growing = uuid4()
    found = stretches(catalogue, row(0, 300), row(300, 600, "lost"), row(600, 600, "open", growing))
    assert found == Stretches([(seconds(0), seconds(300))], [(seconds(600), growing)])


def test_nothing_is_no_stretch(catalogue):
    assert stretches(catalogue) == Stretches([], [])
    assert stretches(catalogue, row(5000, 5300)) == Stretches([], [])
