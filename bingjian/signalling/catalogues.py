"""Catalogues: one run at a time a device, told when it is over; changes in between are told after it.

A run that is not complete says so, and nothing that is missing in it is gone. Pages of no run are changes of
their items (gb28181.md, quirks 6, 7, 10).
"""

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

from bingjian.protocols.gb28181 import ids
from bingjian.protocols.gb28181.manscdp.catalog import CatalogChange, CatalogPage, CatalogQuery, Item
from bingjian.protocols.gb28181.manscdp.collector import CatalogCollector
from bingjian.protocols.sip.message import Request
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.events import Book
from bingjian.signalling.messages import Messages
from bingjian.signalling.problems import Problem
from bingjian.signalling.queries import Queries

EVENT_ITEMS = 500  # of one event
HELD_BACK_LIMIT = 10_000  # changed items kept until a run is over; then the run is asked for again anyway


class Catalogues:
    """Belongs to the event loop."""

    def __init__(self, endpoint: Endpoint, messages: Messages, book: Book) -> None:
        self._endpoint, self._book = endpoint, book
        self._queries: Queries
        self._runs: dict[str, asyncio.Task[bool]] = {}  # by device
        self._held_back: dict[str, list[dict[str, Any]]] = {}
        self._numbers = count(1)
        messages.add(CatalogChange, self._changed)

    def use(self, queries: Queries) -> None:
        """The two know each other."""
        self._queries = queries

    def is_running(self, device: str) -> bool:
        return device in self._runs

    def run(self, device: str) -> "asyncio.Task[bool]":
        """Ask, or wait for what is being asked; the result says whether it is complete. Raises Problem."""
        running = self._runs.get(device)
        if running is None:
            self._queries.require_online(device)
            running = self._runs[device] = asyncio.create_task(self._run(device))
            running.add_done_callback(lambda _: self._over(device))
        return running

    async def close(self) -> None:
        running = list(self._runs.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, device: str) -> bool:
        query = CatalogQuery(sn=self._queries.next_sn(), device_id=device)
        try:
            collector = await self._queries.catalogue(device, query)
        except Problem:
            return False
        self._tell(device, collector)
        return collector.result.complete

    def _tell(self, device: str, collector: CatalogCollector) -> None:
        result, own = collector.result, self._endpoint.identity.id
        found = {ids.cleaned(item.device_id): item for item in (*result.items, *collector.channels)}
        items = [described(item, own) for item in found.values()]
        parts = list(_parts(items)) or [[]]
        number = next(self._numbers)
        for index, part in enumerate(parts):
            self._book.write(
                "catalog",
                device,
                run=number,
                items=part,
                total=result.total,
                last=index == len(parts) - 1,
                complete=result.complete,
            )

    def _over(self, device: str) -> None:
        del self._runs[device]
        self._tell_changes(device, self._held_back.pop(device, []))

    # --- changes -----------------------------------------------------------------------------------------

    def orphan(self, device: str, page: CatalogPage) -> None:
        """A page that belongs to no run."""
        own = self._endpoint.identity.id
        self._change(device, [{**described(item, own), "change": "UPDATE"} for item in _named(page.items)])

    def _changed(self, device: str, message: CatalogChange, request: Request, notify: bool) -> None:
        own = self._endpoint.identity.id
        named = _named(message.items)
        self._change(device, [{**described(item, own), "change": item.change} for item in named])

    def _change(self, device: str, items: list[dict[str, Any]]) -> None:
        if device not in self._runs:
            self._tell_changes(device, items)
            return
        held = self._held_back.setdefault(device, [])
        held += items[: HELD_BACK_LIMIT - len(held)]

    def _tell_changes(self, device: str, items: list[dict[str, Any]]) -> None:
        for part in _parts(items):
            self._book.write("catalog_change", device, items=part)


def described(item: Item, platform: str) -> dict[str, Any]:
    """A node as the web process reads it."""
    info = item.info
    return {
        "id": ids.cleaned(item.device_id),
        "name": item.name,
        "kind": item.kind.name.lower(),
        "parents": item.parents(platform),
        "manufacturer": item.manufacturer,
        "model": item.model,
        "civil_code": item.division,
        "address": item.address,
        "status": "on" if item.is_online else "off",
        "longitude": item.longitude,
        "latitude": item.latitude,
        "ptz_type": info.ptz_type if info is not None else "",
        "business_group": item.business_group_id,
        "secrecy": item.secrecy,
        "parental": item.parental,
    }


def _parts(items: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    return (items[at : at + EVENT_ITEMS] for at in range(0, len(items), EVENT_ITEMS))


def _named(items: tuple[Item, ...]) -> list[Item]:
    return [item for item in items if ids.cleaned(item.device_id)]
