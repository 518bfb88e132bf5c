"""A media worker as the web process sees it: its control interface on real HTTP, saying what tests want."""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from bingjian.streaming.http import HttpProblem, Request, Response, json_response
from bingjian.streaming.http_server import HttpServer

CREDENTIAL = "worker-credential-of-the-test"


@dataclass
class SpokenWorker:
    """Answers as `processes.media` does, from values that the test sets."""

    name: str = "media-0"
    assignments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)
    picture: bytes | None = None
    key_frames: str = "[]"  # of their header, as JSON
    picture_time: str = "2026-01-01T04:00:00.000Z"
    forgets: bool = False  # as after a restart
    volume: str = "00000000-0000-4000-8000-0000000000aa"
    room: dict[str, int] = field(default_factory=lambda: {"size_bytes": 1 << 43, "free_bytes": 1 << 43})
    sums: dict[str, Any] = field(default_factory=dict)  # completeness by camera
    questions: list[dict[str, str]] = field(default_factory=list)  # asked of it
    findings: list[dict[str, Any]] = field(default_factory=list)
    audit: dict[str, Any] = field(
        default_factory=lambda: {
            "period_days": 30.0,
            "covered_bytes": 25,
            "total_bytes": 100,
            "last_round_at": None,
        }
    )
    owed: list[dict[str, Any]] = field(default_factory=list)  # to the journal
    expired: Iterator[dict[str, Any]] | None = None  # segments, as long as it is asked for them
    report: dict[str, Any] = field(default_factory=dict)  # of looks, beside what it always says
    told: list[dict[str, Any]] = field(default_factory=list)  # what of it is durable
    removing: Callable[[], Awaitable[None]] | None = None  # what it does before it says they are removed

    async def start(self) -> None:
        self._server = HttpServer(self.handle)
        await self._server.start("127.0.0.1", 0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    async def stop(self) -> None:
        await self._server.stop(0)

    async def handle(self, request: Request) -> Response:
        assert request.bearer() == CREDENTIAL
        self.asked.append(request.path)
        if request.path == "/control/assignment":
            self.assignments.append(json.loads(request.body))
            self.forgets = False
            return Response(204)
        if request.path == "/control/state":
            return json_response(self.state())
        if request.path.endswith("/timeline"):
            return json_response({"spans": self.spans})
        if request.path == "/control/completeness":
            self.questions.append(dict(request.query))
            return json_response({"cameras": self.sums})
        if request.path.startswith("/control/findings/"):
            return json_response({"findings": self.findings, "audit": self.audit})
        if request.path == "/control/reports":
            return self._report(request)
        if request.path.startswith("/control/spool/"):
            return self._spool(request)
        if request.path == "/control/footage" and self.expired is not None:
            return json_response({"segments": list(islice(self.expired, int(request.query["limit"])))})
        if request.path == "/control/removals" and self.removing is not None:
            await self.removing()
            asked = [one["segment"] for one in json.loads(request.body)["receipts"]]
            return json_response({"removed": asked, "refused": []})
        if self.picture is None:
            raise HttpProblem(404, "no_footage", "nothing there")
        if request.path.endswith("/key-frames"):
            return Response(200, self.picture, "video/mp4", (("X-Key-Frames", self.key_frames),))
        return Response(200, self.picture, "video/mp4", (("X-Picture-Time", self.picture_time),))

    def _report(self, request: Request) -> Response:
        if request.method == "POST":
            self.told.append(json.loads(request.body))
            return Response(204)
        nothing: dict[str, Any] = {"open": [], "due": [], "ended": [], "notes": []}
        return json_response({"run": "r", "since": "2026-01-01T00:00:00Z", **nothing, **self.report})

    def _spool(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.owed = [one for one in self.owed if one["seq"] > int(request.query["up_to"])]
            return Response(204)
        return json_response({"items": self.owed[:2]})

    def state(self) -> dict[str, Any]:
        known = self.assignments[-1]["cameras"] if self.assignments and not self.forgets else []
        main = {
            "state": "live",
            "since": "2026-01-01T04:00:00Z",
            "codec": "h264",
            "viewers": 2,
            "recording": True,
        }
        figures = {"used_bytes": 3, "reserve_bytes": 1, **self.room}
        volume: dict[str, Any] = {"id": self.volume, "path": "/v", **figures}
        volume |= {"state": "writable", "cause": None, "detail": ""}
        volume |= {"write_bytes_per_s": 500_000, "cameras": len(known)}
        cameras = {one["id"]: {"main": main, "sub": {"viewers": 1}} for one in known}
        return {"worker": self.name, "volumes": [volume], "cameras": cameras}
