"""The signal process as the web process sees it: its control interface on real HTTP."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bingjian.streaming.http import HttpProblem, Request, Response, json_response
from bingjian.streaming.http_server import HttpServer

CREDENTIAL = "signal-credential-of-the-test"


@dataclass
class SpokenSignal:
    """Answers as `processes.signal` does, from values that the test sets."""

    run: str = "first"
    assignments: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    lost: bool = False
    bindings: dict[str, dict[str, Any]] = field(default_factory=dict)
    queries: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    controls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer: tuple[int, dict[str, Any]] = (200, {})  # to the next query or control
    on_control: Callable[[], Awaitable[None]] | None = None  # before a control is answered
    messages: list[dict[str, Any]] = field(default_factory=list)
    older_epoch: bool = False  # it was told something newer
    polls: list[tuple[int, int]] = field(default_factory=list)  # after, wait_s

    async def start(self) -> None:
        self._server = HttpServer(self.handle)
        await self._server.start("127.0.0.1", 0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    async def stop(self) -> None:
        await self._server.stop(0)

    def tell(self, kind: str, device: str, **more: Any) -> None:
        seq = self.events[-1]["seq"] + 1 if self.events else 1
        self.events.append(
            {"seq": seq, "at": "2026-01-01T04:00:00.000Z", "kind": kind, "device": device, **more}
        )

    @property
    def assigned(self) -> dict[str, dict[str, Any]]:
        """By code the devices of the last assignment."""
        return {one["id"]: one for one in self.assignments[-1]["devices"]} if self.assignments else {}

    async def handle(self, request: Request) -> Response:
        assert request.bearer() == CREDENTIAL
        parts = request.path.strip("/").split("/")
        if request.path == "/control/assignment":
            if self.older_epoch:
                raise HttpProblem(409, "older_epoch", "I was told something newer")
            self.assignments.append(json.loads(request.body))
            return Response(204)
        if request.path == "/control/state":
            return json_response({"registered": 1, "online": 1, "calls": 0, "messages_per_s": 2.5})
        if request.path == "/control/events":
            return self._events(int(request.query["after"]), int(request.query["wait_s"]))
        if parts[-1] == "query":
            return self._told(self.queries, parts[2], request)
        if parts[-1] == "control":
            if self.on_control is not None:
                await self.on_control()
            return self._told(self.controls, parts[2], request)
        if parts[-1] == "log":
            if request.query.get("form") == "pcap":
                return Response(200, bytes.fromhex("d4c3b2a1"), "application/vnd.tcpdump.pcap")
            return json_response({"messages": self.messages})
        assert request.path == "/control/bindings"
        asked = json.loads(request.body)["devices"]
        return json_response({"bindings": {one: self.bindings[one] for one in asked if one in self.bindings}})

    def _events(self, after: int, wait_s: int) -> Response:
        self.polls.append((after, wait_s))
        events = [one for one in self.events if one["seq"] > after]
        return json_response({"run": self.run, "events": events, "lost": self.lost})

    def _told(self, told_: list[tuple[str, dict[str, Any]]], device: str, request: Request) -> Response:
        told_.append((device, json.loads(request.body)))
        status, told = self.answer
        if status != 200:
            raise HttpProblem(status, str(told.get("code", "")), str(told.get("detail", "")))
        return json_response(told)
