"""Where cameras go, and what becomes of them when a worker comes or goes."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.inventory.workers import placed

names = st.lists(st.text("abcdef", min_size=1, max_size=4), min_size=1, max_size=8, unique=True)


@given(st.uuids(), names)
def test_the_order_of_workers_does_not_matter(camera: UUID, workers: list[str]) -> None:
    assert placed(camera, None, workers) == placed(camera, None, workers[::-1])


@given(st.uuids(), names, st.data())
def test_a_camera_stays_while_its_worker_is_there(
    camera: UUID, workers: list[str], data: st.DataObject
) -> None:
    own = data.draw(st.sampled_from(workers))
    assert placed(camera, own, workers) == own


@given(st.uuids(), names)
def test_a_worker_that_leaves_takes_only_its_own_cameras(camera: UUID, workers: list[str]) -> None:
    chosen = placed(camera, None, workers)
    for gone in set(workers) - {chosen}:
        assert placed(camera, None, [name for name in workers if name != gone]) == chosen


def test_shares_are_even() -> None:
    workers = [f"media-{number}" for number in range(4)]
    counts = dict.fromkeys(workers, 0)
    for number in range(4000):
        counts[placed(UUID(int=number), None, workers)] += 1
    assert all(count == pytest.approx(1000, rel=0.15) for count in counts.values())
