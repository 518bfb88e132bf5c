"""When a catalogue is complete, and when nothing more is expected."""

from datetime import datetime

import pytest

from bingjian.protocols.gb28181.manscdp import values
from bingjian.protocols.gb28181.manscdp.catalog import CatalogPage, Item
from bingjian.protocols.gb28181.manscdp.collector import (
    FIRST_PAGE_S,
    LONGEST_S,
    QUIET_S,
    CatalogCollector,
    RecordCollector,
)
from bingjian.protocols.gb28181.manscdp.responses import Recording, RecordPage

DEVICE = "99010100001180000007"


def camera(number: int) -> Item:
    return Item(device_id=f"9901010000131000{number:04d}")


def page(*numbers: int, total: int | None = 5, sn: int = 7) -> CatalogPage:
    return CatalogPage(sn=sn, device_id=DEVICE, total=total, items=tuple(map(camera, numbers)))


def ids(collector: CatalogCollector) -> list[int]:
    return [int(item.device_id[-4:]) for item in collector.result.items]


def test_complete_when_as_many_different_nodes_came_as_were_counted() -> None:
    collector = CatalogCollector(7, DEVICE, 0)
    for at, numbers in enumerate([(3, 1), (1, 3), (2,), (5,)]):  # in any order, one page twice
        assert collector.take(page(*numbers), at)
        assert collector.deadline is not None
    collector.take(page(4), 4)
    assert (collector.deadline, collector.is_over(4), collector.result.complete) == (None, True, True)
    assert ids(collector) == [3, 1, 2, 5, 4]


def test_nothing_counted_is_complete_at_once() -> None:
    collector = CatalogCollector(7, DEVICE, 0)
    collector.take(page(total=0), 1)
    assert (collector.is_over(1), collector.result.complete) == (True, True)
    assert [item.device_id for item in collector.channels] == [DEVICE]  # it is its own channel


@pytest.mark.parametrize(("after", "over"), [(FIRST_PAGE_S - 0.01, False), (FIRST_PAGE_S, True)])
def test_a_device_that_does_not_answer(after: float, over: bool) -> None:
    collector = CatalogCollector(7, DEVICE, 100)
    assert collector.is_over(100 + after) is over
    assert (collector.result.complete, collector.result.total, collector.channels) == (False, None, ())


@pytest.mark.parametrize(("after", "over"), [(QUIET_S - 0.01, False), (QUIET_S, True)])
def test_over_but_not_complete_when_no_page_comes(after: float, over: bool) -> None:
    collector = CatalogCollector(7, DEVICE, 0)
    collector.take(page(1, 2), 5)
    collector.take(page(3), 9)
    collector.take(page(3), 15)  # nothing new: does not prolong it
    assert collector.deadline == 9 + QUIET_S
    assert collector.is_over(9 + after) is over
    assert (collector.result.complete, ids(collector)) == (False, [1, 2, 3])


def test_pages_of_another_query_and_late_ones_replace_nothing() -> None:
    """Tiandy sends a catalogue of one node after the whole one, under an SN that nobody asked with."""
    collector = CatalogCollector(7, DEVICE, 0)
    assert not collector.take(page(9, total=1, sn=0), 1)
    collector.take(page(1, 2, total=2), 1)
    assert not collector.take(page(9, total=1), 2)
    assert ids(collector) == [1, 2]


def test_counts_that_disagree_or_are_missing() -> None:
    collector = CatalogCollector(7, DEVICE, 0)
    collector.take(page(1, total=1 + 2), 0)
    collector.take(page(2, total=2), 1)
    assert collector.take(page(3, total=None), 2)
    assert collector.result.complete
    uncounted = CatalogCollector(7, DEVICE, 0)
    uncounted.take(page(1, total=None), 0)
    assert not uncounted.result.complete


def test_it_ends_even_if_pages_never_do() -> None:
    collector, at = CatalogCollector(7, DEVICE, 0), 0.0
    while collector.take(page(int(at), total=10**6), at):
        at += QUIET_S / 2
    assert at == LONGEST_S


def test_nodes_without_an_id_count_for_nothing() -> None:
    collector = CatalogCollector(7, DEVICE, 0)
    collector.take(CatalogPage(sn=7, device_id=DEVICE, total=1, items=(Item(), Item(device_id="  "))), 0)
    assert not collector.is_over(1)


def test_channels_are_what_can_be_looked_at() -> None:
    collector = CatalogCollector(7, DEVICE, 0)
    nodes = [Item(device_id=id) for id in ("990101", "99010100002000000001", "99010100002150000001", DEVICE)]
    collector.take(CatalogPage(sn=7, device_id=DEVICE, total=5, items=(*nodes, camera(1))), 0)
    assert collector.channels == (camera(1),)
    empty = CatalogCollector(7, DEVICE, 0)
    empty.take(CatalogPage(sn=7, device_id=DEVICE, total=4, items=tuple(nodes)), 0)
    assert empty.channels == ()  # groups without cameras yet: no channel to make up
    alone = CatalogCollector(7, DEVICE, 0)
    alone.take(CatalogPage(sn=7, device_id=DEVICE, total=1, items=(Item(device_id=DEVICE, name="me"),)), 0)
    assert alone.channels == (Item(device_id=DEVICE, name="me"),)


def test_recordings_are_put_in_order() -> None:
    def hour(number: int) -> Recording:
        start = datetime(2026, 1, 31, number, tzinfo=values.BEIJING)
        return Recording(start_time=start, end_time=start.replace(minute=59), file_path=str(number))

    collector = RecordCollector(7, 0)
    collector.take(RecordPage(sn=7, device_id="1", total=3, items=(hour(2), hour(1))), 0)
    collector.take(RecordPage(sn=7, device_id="1", total=3, items=(hour(1), Recording(file_path="x"))), 1)
    assert collector.result.complete
    assert collector.spans == [hour(1), hour(2)]
