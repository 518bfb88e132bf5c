"""Pages of one query put together: catalogue and recordings.

Complete when as many different items came as the device counts, or when it counts none. Over without that
when no page came for a while. Devices count wrongly, repeat pages and lose them, so what came is kept either
way, but only a complete run says that what is not in it is gone.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bingjian.protocols.gb28181 import ids
from bingjian.protocols.gb28181.manscdp.catalog import CatalogPage, Item
from bingjian.protocols.gb28181.manscdp.message import Response
from bingjian.protocols.gb28181.manscdp.responses import Recording, RecordPage

FIRST_PAGE_S = 10.0  # for a device to begin answering
QUIET_S = 20.0  # without a new item, after which no more is expected
LONGEST_S = 1800.0  # of one run: thousands of channels over UDP take minutes
ITEM_LIMIT = 100_000  # of one run; further ones are ignored, and it is not complete

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Collected(Generic[T]):
    items: tuple[T, ...]  # in the order of their first coming; of two with one key the later
    complete: bool
    total: int | None  # as the device counts; None: it never answered


class Collector(Generic[T]):
    """One query's pages. Instants are of any steady clock, in seconds."""

    def __init__(
        self,
        sn: int,
        now: float,
        key: Callable[[T], Hashable],
        *,
        first_page_s: float = FIRST_PAGE_S,
        quiet_s: float = QUIET_S,
    ) -> None:
        self._sn, self._key, self._quiet_s = sn, key, quiet_s
        self._until = now + LONGEST_S
        self._deadline = now + first_page_s
        self._items: dict[Hashable, T] = {}
        self._total: int | None = None
        self._full = self._over = False

    def take_items(self, page: Response, total: int | None, items: tuple[T, ...], now: float) -> bool:
        """False: the page is not of this query, or comes too late; it must not replace anything."""
        if page.sn != self._sn or self.is_over(now):
            return False
        before = len(self._items)
        for item in items:
            key = self._key(item)
            if key in self._items or len(self._items) < ITEM_LIMIT:
                self._items[key] = item
            else:
                self._full = True
        self._note_total(total)
        if self._is_complete():
            self._over = True
        elif len(self._items) > before or not before:
            self._deadline = min(now + self._quiet_s, self._until)
        return True

    @property
    def deadline(self) -> float | None:
        """When to look again with ``is_over``; None once it is over."""
        return None if self._over else self._deadline

    def is_over(self, now: float) -> bool:
        """Complete, or nothing more is expected."""
        if now >= self._deadline:
            self._over = True
        return self._over

    @property
    def result(self) -> Collected[T]:
        """What came so far."""
        return Collected(tuple(self._items.values()), self._is_complete(), self._total)

    def _note_total(self, total: int | None) -> None:
        """Where pages disagree, the largest count is waited for."""
        if total is not None and total >= 0:
            self._total = max(total, self._total or 0)

    def _is_complete(self) -> bool:
        return self._total is not None and len(self._items) >= self._total and not self._full


class CatalogCollector(Collector[Item]):
    """A catalogue, keyed by the ids of its nodes."""

    def __init__(
        self,
        sn: int,
        device_id: str,
        now: float,
        *,
        first_page_s: float = FIRST_PAGE_S,
        quiet_s: float = QUIET_S,
    ) -> None:
        super().__init__(sn, now, _node_id, first_page_s=first_page_s, quiet_s=quiet_s)
        self._device_id = device_id

    def take(self, page: CatalogPage, now: float) -> bool:
        named = tuple(item for item in page.items if _node_id(item))
        return self.take_items(page, page.total, named, now)

    @property
    def channels(self) -> tuple[Item, ...]:
        """What can be looked at. A device that names none, or only itself, is its own single channel."""
        own = [item for item in self.result.items if item.kind is ids.Kind.CHANNEL]
        if own or not self.result.complete:
            return tuple(own)
        itself = [item for item in self.result.items if _node_id(item) == self._device_id]
        nodes = [item for item in self.result.items if item not in itself]
        return () if nodes else tuple(itself) or (Item(device_id=self._device_id),)


class RecordCollector(Collector[Recording]):
    """The recordings of a channel in a window."""

    def __init__(
        self, sn: int, now: float, *, first_page_s: float = FIRST_PAGE_S, quiet_s: float = QUIET_S
    ) -> None:
        super().__init__(sn, now, _recording, first_page_s=first_page_s, quiet_s=quiet_s)

    def take(self, page: RecordPage, now: float) -> bool:
        return self.take_items(page, page.total, page.items, now)

    @property
    def spans(self) -> list[Recording]:
        """Those with both times, by their start; pages come in any order."""
        whole = (item for item in self.result.items if item.start_time and item.end_time)
        return sorted(whole, key=lambda item: (item.start_time, item.end_time))


def _node_id(item: Item) -> str:
    return ids.cleaned(item.device_id)


def _recording(item: Recording) -> Hashable:
    return item.start_time, item.end_time, item.file_path, item.name, item.type, item.stream_number
