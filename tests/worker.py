"""A media worker as the web process sees it: its control interface on real HTTP, saying what tests want."""

import json
from dataclasses import dataclass, field
from typing import Any

from bingjian.streaming.http import HttpProblem, HttpServer, Request, Response, json_response

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
        if self.picture is None:
            raise HttpProblem(404, "no_footage", "nothing there")
        if request.path.endswith("/key-frames"):
            return Response(200, self.picture, "video/mp4", (("X-Key-Frames", self.key_frames),))
        return Response(200, self.picture, "video/mp4", (("X-Picture-Time", self.picture_time),))

    def state(self) -> dict[str, Any]:
        known = self.assignments[-1]["cameras"] if self.assignments and not self.forgets else []
        main = {
            "state": "live",
            "since": "2026-01-01T04:00:00Z",
            "codec": "h264",
            "viewers": 2,
            "recording": True,
        }
        figures = {"size_bytes": 10, "used_bytes": 3, "free_bytes": 5, "reserve_bytes": 1}
        volume = {"id": "v", "path": "/v", **figures, "state": "writable", "cause": None, "detail": ""}
        volume |= {"write_bytes_per_s": 7, "cameras": len(known)}
        cameras = {one["id"]: {"main": main, "sub": {"viewers": 1}} for one in known}
        return {"worker": self.name, "volumes": [volume], "cameras": cameras}
