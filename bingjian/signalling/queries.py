"""What devices are asked: a query goes out with a number, the answer has to come with the same.

    ask ─► MESSAGE Query ─200─► … ─► MESSAGE Response, one or many pages ─► whole

Devices leave numbers out, answer block by block and page by page. A page of a number that nobody asked for
must not replace anything (gb28181.md, quirk 7): ``orphan`` says so.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from itertools import count
from math import inf
from typing import Any, Generic, Protocol, TypeVar

from bingjian.protocols.gb28181 import Edition, manscdp
from bingjian.protocols.gb28181.manscdp.catalog import CatalogPage, CatalogQuery
from bingjian.protocols.gb28181.manscdp.collector import CatalogCollector, RecordCollector
from bingjian.protocols.gb28181.manscdp.configuration import Configuration
from bingjian.protocols.gb28181.manscdp.message import MAX_SN, Message, Response
from bingjian.protocols.gb28181.manscdp.queries import ConfigDownloadQuery, RecordInfoQuery
from bingjian.protocols.gb28181.manscdp.responses import RecordPage
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.deadlines import Deadlines
from bingjian.protocols.sip.events import ClientKey
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.registrar_events import Gone
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.listener import Listener
from bingjian.signalling.messages import Messages
from bingjian.signalling.problems import Busy, DeviceError, NoAnswer, NoResult, NotRegistered, Offline

ANSWER_S = 10.0  # for the first answer
RECORDINGS_S = 25.0  # for all pages: somebody waits for the answer
MORE_BLOCKS_S = 2.0  # between the blocks of one configuration
OF_DEVICE_LIMIT = 16  # questions to one device at a time
LIMIT = 20_000  # questions at a time

Answer = TypeVar("Answer")
Key = tuple[str, int]  # device, SN


class Gathering(Protocol):
    """Answers of one query put together."""

    def take(self, answer: Any, now: float) -> bool:
        """Whether it is all."""

    def deadline(self) -> float | None:
        """When it is over with what came; None: it is over."""

    def over(self, now: float) -> Any:
        """The result when no more comes. Raises NoAnswer."""


class One:
    """The first answer is all."""

    def __init__(self, now: float, wait_s: float = ANSWER_S) -> None:
        self._until, self._answer = now + wait_s, None

    def take(self, answer: Any, now: float) -> bool:
        self._answer = answer
        return True

    def deadline(self) -> float | None:
        return self._until

    def over(self, now: float) -> Any:
        if self._answer is None:
            raise NoAnswer
        return self._answer


class Blocks:
    """A configuration; devices send its blocks together or one by one."""

    def __init__(self, now: float, wanted: int) -> None:
        self._until, self._wanted = now + ANSWER_S, wanted
        self._whole: Configuration | None = None

    def take(self, answer: Configuration, now: float) -> bool:
        self._whole = answer if self._whole is None else _merged(self._whole, answer)
        self._until = now + MORE_BLOCKS_S
        return _blocks(self._whole) >= self._wanted

    def deadline(self) -> float | None:
        return self._until

    def over(self, now: float) -> Configuration:
        if self._whole is None:
            raise NoAnswer
        return self._whole


@dataclass(slots=True)
class Pages:
    """A collector; itself is the result."""

    collector: CatalogCollector | RecordCollector
    until: float = inf

    def take(self, answer: Any, now: float) -> bool:
        self.collector.take(answer, now)
        return self.collector.is_over(now)

    def deadline(self) -> float | None:
        deadline = self.collector.deadline
        return None if deadline is None else min(deadline, self.until)

    def over(self, now: float) -> Any:
        self.collector.is_over(now)
        if self.collector.result.total is None and not self.collector.result.items:
            raise NoAnswer
        return self.collector


@dataclass(slots=True)
class _Question(Generic[Answer]):
    wanted: type[Response]
    gathering: Gathering
    done: asyncio.Future[Answer]
    taken: bool = False  # the device has answered 2xx


class Queries(Listener):
    """``orphan``: gets catalogue pages that belong to no query under way."""

    def __init__(
        self, endpoint: Endpoint, messages: Messages, orphan: Callable[[str, CatalogPage], None]
    ) -> None:
        self._endpoint, self._orphan = endpoint, orphan
        self._questions: dict[Key, _Question[Any]] = {}
        self._of_device: dict[str, int] = {}
        self._deadlines: Deadlines[Key] = Deadlines()
        self._numbers = count(1)
        messages.add(Response, self._answered)
        endpoint.add_timed(self)

    def __len__(self) -> int:
        return len(self._questions)

    def next_sn(self) -> int:
        return next(self._numbers) % MAX_SN + 1

    # --- asking ------------------------------------------------------------------------------------------

    async def ask(self, device: str, query: Message, wanted: type[Response], wait_s: float = ANSWER_S) -> Any:
        """Any query that has one answer. Raises Problem; NoResult if it was taken and not answered."""
        gathering: Gathering = One(self._endpoint.now(), wait_s)
        if isinstance(query, ConfigDownloadQuery):
            gathering = Blocks(self._endpoint.now(), len(query.config_type.split("/")))
        return await self._put(device, query, wanted, gathering)

    async def recordings(self, device: str, query: RecordInfoQuery) -> RecordCollector:
        """What the device has stored. Raises Problem."""
        now = self._endpoint.now()
        collector = RecordCollector(query.sn, now)
        pages = Pages(collector, now + RECORDINGS_S)
        found: RecordCollector = await self._put(device, query, RecordPage, pages)
        return found

    async def catalogue(self, device: str, query: CatalogQuery) -> CatalogCollector:
        """The device's tree, complete or not. One at a time is the caller's to see to. Raises Problem."""
        collector = CatalogCollector(query.sn, device, self._endpoint.now())
        found: CatalogCollector = await self._put(device, query, CatalogPage, Pages(collector))
        return found

    def tell(self, device: str, message: Message, taker: Callable[[int], None]) -> ClientKey:
        """Without an answer but the status. What is returned names the MESSAGE. Raises Problem."""
        self.require_online(device)
        body = self.written(device, message)
        try:
            key = self._endpoint.send_message(device, device, manscdp.CONTENT_TYPE, body, taker)
        except TooManyRequests as error:
            raise Busy from error
        if key is None:
            raise Offline
        self._endpoint.flush()
        return key

    def written(self, device: str, message: Message) -> bytes:
        """As this device can read it."""
        return manscdp.build(
            message, edition=self.edition(device), charset=self._endpoint.devices.charset(device)
        )

    def edition(self, device: str) -> Edition:
        binding = self._endpoint.registrar.binding(device)
        return self._endpoint.devices.edition(device, binding.version if binding is not None else "")

    def require_online(self, device: str) -> None:
        """Raises NotRegistered, Offline."""
        binding = self._endpoint.registrar.binding(device)
        if binding is None:
            raise NotRegistered
        if not binding.online:
            raise Offline

    async def _put(self, device: str, query: Message, wanted: type[Response], gathering: Gathering) -> Any:
        if len(self._questions) >= LIMIT or self._of_device.get(device, 0) >= OF_DEVICE_LIMIT:
            raise Busy
        key = (device, query.sn)
        question = _Question[Any](wanted, gathering, asyncio.get_running_loop().create_future())
        self._questions[key] = question
        self._of_device[device] = self._of_device.get(device, 0) + 1
        self._schedule(key, question)
        try:
            sent = self.tell(device, query, lambda status: self._taken(key, status))
            try:
                return await question.done
            finally:
                self._endpoint.transactions.repeat_no_more(sent)
        finally:
            self._forget(key)

    # --- answers -----------------------------------------------------------------------------------------

    def _taken(self, key: Key, status: int) -> None:
        question = self._questions.get(key)
        if question is None or question.done.done():
            return
        if status < 300:
            question.taken = True
            return
        if status == 408:
            question.done.set_exception(NoAnswer())
        else:
            question.done.set_exception(DeviceError(f"the device answered {status}"))

    def _answered(self, device: str, answer: Response, request: Request, notify: bool) -> None:
        key = self._key_of(device, answer)
        question = self._questions.get(key) if key is not None else None
        if key is None or question is None or question.done.done():
            if isinstance(answer, CatalogPage):
                self._orphan(device, answer)
            return
        if answer.is_error:
            question.done.set_exception(DeviceError(_said(answer)))
        elif question.gathering.take(_numbered(answer, key[1]), self._endpoint.now()):
            self._finish(question)
        else:
            self._schedule(key, question)

    def _key_of(self, device: str, answer: Response) -> Key | None:
        """By its number; without one it belongs to the only question of its kind."""
        if answer.sn:
            question = self._questions.get((device, answer.sn))
            return (device, answer.sn) if question and isinstance(answer, question.wanted) else None
        kin = [
            key
            for key, question in (self._questions.items() if self._of_device.get(device) else ())
            if key[0] == device and isinstance(answer, question.wanted)
        ]
        return kin[0] if len(kin) == 1 else None

    def _finish(self, question: _Question[Any], otherwise: type[Offline | NoAnswer] = NoAnswer) -> None:
        if question.done.done():
            return
        try:
            question.done.set_result(question.gathering.over(self._endpoint.now()))
        except NoAnswer:
            is_late = question.taken and otherwise is NoAnswer
            question.done.set_exception(NoResult() if is_late else otherwise())

    # --- time --------------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        return self._deadlines.next()

    def expire(self, now: float) -> None:
        for key in self._deadlines.due(now):
            self._finish(self._questions[key])

    def on_gone(self, device: str, gone: Gone) -> None:
        self.abandon(device)

    def on_removed(self, device: str) -> None:
        self.abandon(device)

    def on_dismissed(self, device: str) -> None:
        self.abandon(device)

    def abandon(self, device: str) -> None:
        """It is offline: whoever waits gets what came so far, or is told."""
        if not self._of_device.get(device):
            return
        for key, question in self._questions.items():
            if key[0] == device:
                self._finish(question, Offline)

    def _schedule(self, key: Key, question: _Question[Any]) -> None:
        deadline = question.gathering.deadline()
        if deadline is not None:
            self._deadlines.set(key, deadline)

    def _forget(self, key: Key) -> None:
        question = self._questions.pop(key)
        question.done.cancel()
        self._deadlines.clear(key)
        left = self._of_device[key[0]] - 1
        if left:
            self._of_device[key[0]] = left
        else:
            del self._of_device[key[0]]


def _numbered(answer: Response, sn: int) -> Response:
    return answer if answer.sn == sn else replace(answer, sn=sn)


def _said(answer: Response) -> str:
    reasons = [value for name, value in answer.others if name.lower() in ("reason", "errorreason", "info")]
    return f"the device says {answer.result}" + (f": {reasons[0]}" if reasons else "")


def _merged(one: Configuration, other: Configuration) -> Configuration:
    new = {each.name: getattr(other, each.name) for each in fields(other) if each.name not in _ENVELOPE}
    return replace(one, **{name: value for name, value in new.items() if value not in (None, "", ())})


def _blocks(one: Configuration) -> int:
    held = [getattr(one, each.name) for each in fields(one) if each.name not in _ENVELOPE]
    return sum(value not in (None, "", ()) for value in held)


_ENVELOPE = frozenset({"sn", "device_id", "others", "result"})
