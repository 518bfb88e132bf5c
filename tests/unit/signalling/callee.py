"""The side of a device in calls: INVITEs that it is asked, answered as a test wants."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bingjian.protocols.gb28181 import sdp
from bingjian.protocols.sip.compose import compose, new_call_id, new_tag
from bingjian.protocols.sip.events import Acknowledged, Asked, Cancelled
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.reply import reply
from bingjian.signalling.stream_offers import Answer
from bingjian.signalling.streams import Cause
from tests.unit.signalling.scripted import DEVICE, ScriptedDevice, until


@dataclass
class Heard:
    """The owner of a stream."""

    answers: list[Answer] = field(default_factory=list)
    taken_up: list[str] = field(default_factory=list)
    controls: list[tuple[int, float | None]] = field(default_factory=list)
    ends: list[tuple[Cause, int, str]] = field(default_factory=list)

    def on_accepted(self, answer: Answer) -> None:
        self.answers.append(answer)

    def on_taken_up(self, dialog: str) -> None:
        self.taken_up.append(dialog)

    def on_controlled(self, status: int, range_s: float | None) -> None:
        self.controls.append((status, range_s))

    def on_ended(self, cause: Cause, status: int, detail: str) -> None:
        assert not self.ends, "once"
        assert detail
        self.ends.append((cause, status, detail))

    async def answer(self) -> Answer:
        await until(lambda: self.answers or self.ends, "an answer to the call")
        assert self.answers, self.ends
        return self.answers[0]

    async def end(self) -> Cause:
        await until(lambda: self.ends, "the end of the call")
        return self.ends[0][0]


@dataclass
class Invited:
    """One INVITE at the device."""

    device: ScriptedDevice
    asked: Asked
    tag: str = field(default_factory=new_tag)

    @property
    def offer(self) -> sdp.Session:
        return sdp.parse(self.asked.request.body)

    @property
    def call_id(self) -> str:
        return self.asked.request.call_id

    @property
    def subject(self) -> str:
        return self.asked.request.headers.get("Subject")

    def respond(self, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
        request, device = self.asked.request, self.device
        answer = reply(
            request,
            status,
            *headers,
            seen_from=self.asked.peer,
            tag=self.tag if status > 100 else "",
            body=body,
        )
        device.transactions.respond(self.asked.key, answer, device.now())
        device.flush()

    def accept(self, **changes: Any) -> None:
        """200, with an answer as the standard has it."""
        given: dict[str, Any] = {"owner": self.device.id, "address": "127.0.0.1", "port": 40_000, **changes}
        body = sdp.build(sdp.answer_to(self.offer, **given))
        self.respond(200, body, ("Content-Type", "application/sdp"))

    async def send(self, method: str, body: bytes = b"", *, type: str = "") -> int:
        """A request within the dialog; the status it gets."""
        local = self.device.local
        headers = [("Content-Type", type)] if type else []
        sender = f"{self.asked.request.headers.get('To')};tag={self.tag}"
        request = compose(
            method,
            local.uri,
            local,
            self.device.peer,
            *headers,
            sender=sender,
            to=self.asked.request.headers.get("From"),
            call_id=self.call_id,
            number=len(self.device.answers) + 1,
            body=body,
        )
        return await self.device.send(request)

    def asked_of(self, method: str) -> list[Request]:
        """What the platform has asked within this dialog."""
        return [one for one in self.device.asked if one.method == method and one.call_id == self.call_id]

    async def until_asked(self, method: str) -> Request:
        await until(lambda: self.asked_of(method), f"{method} of the platform")
        return self.asked_of(method)[0]

    @property
    def acknowledged(self) -> bool:
        found = [event for event in self.device.events if isinstance(event, Acknowledged)]
        return any(event.request.call_id == self.call_id for event in found)

    @property
    def cancelled(self) -> bool:
        return any(
            isinstance(event, Cancelled) and event.key == self.asked.key for event in self.device.events
        )


class Callee:
    """Takes the INVITEs of a device; ``answers`` is asked what to do with each."""

    def __init__(self, device: ScriptedDevice, answers: Callable[[Invited], None] | None = None) -> None:
        self.device, self.answers = device, answers
        self.invited: list[Invited] = []
        device.handlers.append(self._take)

    @classmethod
    async def registered(
        cls,
        port: int,
        answers: Callable[[Invited], None] | None = None,
        *,
        id: str = DEVICE,
        tcp: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> "Callee":
        device = await ScriptedDevice(port, id=id, tcp=tcp, tls=tls).open()
        await device.register()
        return cls(device, answers)

    def _take(self, asked: Asked) -> bool:
        if asked.request.method != "INVITE":
            return False
        invited = Invited(self.device, asked)
        self.invited.append(invited)
        if self.answers is not None:
            self.answers(invited)
        return True

    async def call(self, number: int = 1) -> Invited:
        """The ``number``-th INVITE."""
        await until(lambda: len(self.invited) >= number, f"INVITE {number}")
        return self.invited[number - 1]

    async def say_bye_of_its_own(self) -> int:
        """With a Call-ID of its own and no tag of ours (quirk 38)."""
        local = self.device.local
        request = compose(
            "BYE",
            local.uri,
            local,
            self.device.peer,
            sender=f"<{local.uri}>;tag={new_tag()}",
            to=f"<{local.uri}>",
            call_id=new_call_id(),
            number=1,
        )
        return await self.device.send(request)
