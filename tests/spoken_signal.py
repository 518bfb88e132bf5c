"""The control interface of a signal process, spoken for one device: it keeps what it was told."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

DEVICE, CHANNEL = "23010200001180000001", "23010200001320000001"
URL = f"gb28181://{DEVICE}/{CHANNEL}"
CREDENTIAL = "web-to-signal"
STOP = {"ptz": {"pan": 0, "tilt": 0, "zoom": 0}}


@dataclass
class SpokenSignal:
    """Answers as the contract has it; ``problem``: with what it refuses."""

    told: list[dict[str, Any]] = field(default_factory=list)  # commands that the device took, in order
    position: dict[str, float] | None = None  # None: a device of 2016, which has no such query
    problem: tuple[int, str] | None = None
    refused: dict[str, Any] | None = None  # the command that the device does not take
    asked: int = 0  # requests of any kind
    is_late: bool = False  # it takes what it is told, and its answer comes too late

    @property
    def http(self) -> httpx.AsyncClient:
        """A client that has this process's address and its credential."""
        headers = {"Authorization": f"Bearer {CREDENTIAL}"}
        transport = httpx.MockTransport(self.answer)
        return httpx.AsyncClient(transport=transport, base_url="http://signal", headers=headers)

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == f"Bearer {CREDENTIAL}"
        device, what = request.url.path.removeprefix("/control/devices/").split("/")
        body = json.loads(request.content)
        assert (device, body.pop("channel")) == (DEVICE, CHANNEL)
        self.asked += 1
        if self.problem is not None:
            return httpx.Response(self.problem[0], json={"code": self.problem[1]})
        if what == "query":
            assert body == {"command": "PTZPosition"}
            if self.position is None:
                return httpx.Response(501, json={"code": "not_supported"})
            return httpx.Response(200, json={"result": "ok", **self.position})
        assert what == "control"
        if body == self.refused:
            return httpx.Response(502, json={"code": "device_error"})
        self.told.append(body)
        if "precise" in body:
            self.position = dict(body["precise"])
        if self.is_late:
            raise httpx.ReadTimeout("late", request=request)
        return httpx.Response(200, json={"result": "ok"})

    def since(self, count: int) -> list[dict[str, Any]]:
        """What it was told after the first so many commands."""
        return self.told[count:]
