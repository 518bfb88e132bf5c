"""What the web process asks about devices: events, bindings, questions, controls, logs.

A question or control is answered by the device, so these answers take as long as it takes; nobody else waits.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from bingjian.processes.media_requests import number_in, require, unknown
from bingjian.protocols.gb28181 import Edition, ids
from bingjian.protocols.gb28181.manscdp import queries as asked
from bingjian.protocols.gb28181.manscdp import responses
from bingjian.protocols.gb28181.manscdp.configuration import Configuration
from bingjian.protocols.gb28181.manscdp.message import Message
from bingjian.protocols.gb28181.manscdp.message import Response as Answer
from bingjian.signalling.capture import pcap
from bingjian.signalling.events import written_or_none
from bingjian.signalling.message_log import shown
from bingjian.signalling.notices import address
from bingjian.signalling.platform import Platform
from bingjian.signalling.problems import NotSupported, Problem
from bingjian.streaming.http import HttpProblem, Request, Response, json_response

PCAP = "application/vnd.tcpdump.pcap"
MAX_TEXT = 1_024  # characters of a parameter
MAX_WAIT_S = 25
MAX_DEVICES = 1_000  # in one question after bindings
STATUSES = {
    "not_registered": 404,
    "offline": 409,
    "no_answer": 504,
    "device_error": 502,
    "not_supported": 501,
    "bad_command": 400,
    "busy": 503,
}

COMMANDS: Mapping[str, tuple[type[Message], type[Answer], Edition]] = {
    "DeviceInfo": (asked.DeviceInfoQuery, responses.DeviceInfo, Edition.V2011),
    "DeviceStatus": (asked.DeviceStatusQuery, responses.DeviceStatus, Edition.V2011),
    "PresetQuery": (asked.PresetQuery, responses.PresetList, Edition.V2011),
    "ConfigDownload": (asked.ConfigDownloadQuery, Configuration, Edition.V2011),
    "HomePositionQuery": (asked.HomePositionQuery, responses.HomePositionFound, Edition.V2022),
    "CruiseTrackListQuery": (asked.CruiseTrackListQuery, responses.CruiseTrackList, Edition.V2022),
    "CruiseTrackQuery": (asked.CruiseTrackQuery, responses.CruiseTrack, Edition.V2022),
    "PTZPosition": (asked.PtzPositionQuery, responses.PtzPosition, Edition.V2022),
    "SDCardStatus": (asked.StorageCardQuery, responses.StorageCards, Edition.V2022),
}

WORKERS_COMMANDS = ("RecordInfo", "DeviceStatus")


class DeviceControl:
    """The routes below ``/control`` that concern devices. Belongs to the event loop."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def handle(self, request: Request, parts: list[str]) -> Response:
        """``parts``: the path behind ``/control/``. Raises HttpProblem."""
        try:
            return await self._answer(request, parts)
        except Problem as problem:
            raise HttpProblem(STATUSES.get(problem.code, 500), problem.code, str(problem)) from problem

    async def storage_for_worker(self, request: Request, parts: list[str]) -> Response:
        """A media worker asks what a device has recorded and by which clock, and nothing else.

        Raises:
            HttpProblem
        """
        require(request, "POST")
        if _object(request.body).get("command") not in WORKERS_COMMANDS:
            known = " and ".join(WORKERS_COMMANDS)
            raise HttpProblem(403, "not_allowed", f"media workers ask for {known} alone")
        return await self.handle(request, parts)

    async def _answer(self, request: Request, parts: list[str]) -> Response:
        match parts:
            case ["events"]:
                require(request, "GET")
                return await self._events(request)
            case ["bindings"]:
                require(request, "POST")
                return self._bindings(_object(request.body).get("devices"))
            case ["devices", device]:
                require(request, "GET", "HEAD")
                return self._binding(device)
            case ["devices", device, "query"]:
                require(request, "POST")
                return json_response(await self._query(device, _object(request.body)))
            case ["devices", device, "control"]:
                require(request, "POST")
                return json_response(await self._platform.commands.control(device, _object(request.body)))
            case ["devices", device, "config"]:
                require(request, "POST")
                return json_response(await self._platform.commands.configure(device, _object(request.body)))
            case ["devices", device, "log"]:
                require(request, "GET", "HEAD")
                return self._log(request, device)
            case _:
                raise unknown()

    async def _events(self, request: Request) -> Response:
        after = number_in(request, "after", 0, 2**62, default=0)
        wait_s = number_in(request, "wait_s", 0, 600, default=0)
        run = request.query.get("run", "")
        body = await self._platform.book.read(after, min(wait_s, MAX_WAIT_S), run)
        return Response(200, body, "application/json")

    def _bindings(self, devices: object) -> Response:
        """Of those of these devices that are registered; any other is not in the answer."""
        if not isinstance(devices, list) or len(devices) > MAX_DEVICES:
            raise HttpProblem(400, "bad_body", f"devices is a list of at most {MAX_DEVICES} ids")
        bindings = {one: self._told(one) for one in devices if isinstance(one, str)}
        return json_response({"bindings": {one: told for one, told in bindings.items() if told is not None}})

    def _binding(self, device: str) -> Response:
        told = self._told(device)
        if told is None:
            raise HttpProblem(404, "not_registered", "this device is not registered")
        return json_response(told)

    def _told(self, device: str) -> dict[str, Any] | None:
        endpoint = self._platform.endpoint
        binding = endpoint.registrar.binding(device)
        if binding is None:
            return None
        facts, now = self._platform.devices.facts(device), endpoint.now()
        return {
            "online": binding.online,
            "address": address(binding.peer),
            "transport": binding.peer.transport.lower(),
            "version": binding.version,
            "user_agent": facts.user_agent,
            "expires_at": written_or_none(endpoint.wall_at(binding.expires_at, now)),
            "seen_at": written_or_none(endpoint.wall_at(binding.seen_at, now)),
            "realm_as_sent": facts.realm,
        }

    def _log(self, request: Request, device: str) -> Response:
        entries = self._platform.log.messages(device, number_in(request, "after", 0, 2**62, default=0))
        endpoint = self._platform.endpoint
        if request.query.get("form") == "pcap":
            own = [endpoint.local_for(entry.peer).host for entry in entries[-1:]] or ["127.0.0.1"]
            name = "".join(letter for letter in device if letter.isalnum())
            saved = (("Content-Disposition", f'attachment; filename="{name}.pcap"'),)
            return Response(200, pcap(entries, own[0], endpoint.port), PCAP, saved)
        locals = ((entry, endpoint.local_for(entry.peer).at(entry.peer)) for entry in entries)
        return json_response({"messages": [shown(entry, local) for entry, local in locals]})

    # --- questions ---------------------------------------------------------------------------------------

    async def _query(self, device: str, given: dict[str, Any]) -> dict[str, Any]:
        command = given.pop("command", None)
        channel = given.pop("channel", None) or device
        if not isinstance(channel, str) or len(channel) > ids.LONGEST:
            raise HttpProblem(400, "bad_query", "a channel is named by its id")
        if command == "Catalog":
            is_running = self._platform.catalogues.is_running(device)
            self._platform.catalogues.run(device)
            return {"started": not is_running}
        if command == "RecordInfo":
            return await self._recordings(device, channel, given)
        if command not in COMMANDS:
            raise HttpProblem(
                400, "bad_query", f"one of Catalog, RecordInfo, {', '.join(COMMANDS)} is wanted"
            )
        kind, wanted, since = COMMANDS[command]
        self._platform.queries.require_online(device)
        if self._platform.queries.edition(device) < since:
            raise NotSupported
        query = _asked(kind, self._platform.queries.next_sn(), channel, given)
        return _fields(await self._platform.queries.ask(device, query, wanted))

    async def _recordings(self, device: str, channel: str, given: dict[str, Any]) -> dict[str, Any]:
        sn = self._platform.queries.next_sn()
        query = _asked(asked.RecordInfoQuery, sn, channel, {"secrecy": "0", "type": "all", **given})
        assert isinstance(query, asked.RecordInfoQuery)
        if query.start_time is None or query.end_time is None:
            raise HttpProblem(400, "bad_query", "start_time and end_time are wanted")
        collector = await self._platform.queries.recordings(device, query)
        recordings = [_fields(one) for one in collector.spans]
        return {"recordings": recordings, "complete": collector.result.complete}


def _object(body: bytes) -> dict[str, Any]:
    """Raises HttpProblem 400."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HttpProblem(400, "bad_body", "the body is JSON") from error
    if not isinstance(given, dict):
        raise HttpProblem(400, "bad_body", "the body is a JSON object")
    return given


def _asked(kind: type[Message], sn: int, channel: str, given: dict[str, Any]) -> Message:
    """A query with its parameters, by the names of its fields. Raises HttpProblem 400."""
    known = {one.name: str(one.type) for one in fields(kind) if "binding" in one.metadata}
    if not set(given) <= set(known):
        raise HttpProblem(400, "bad_query", f"this question has the parameters {', '.join(known) or 'none'}")
    try:
        values = {name: _READERS[known[name]](value) for name, value in given.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise HttpProblem(400, "bad_query", "a parameter is not what it should be") from error
    return kind(sn=sn, device_id=channel, **values)


def _text_in(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError
    return value


def _whole_in(value: object) -> int | None:
    if value is None or type(value) is int:
        return value
    raise ValueError


def _instant_in(value: object) -> datetime | None:
    if value is None:
        return None
    instant = datetime.fromisoformat(_text_in(value))
    if instant.tzinfo is None:
        raise ValueError
    return instant


_READERS: Mapping[str, Callable[[object], Any]] = {
    "<class 'str'>": _text_in,
    "str": _text_in,
    "int | None": _whole_in,
    "datetime.datetime | None": _instant_in,
}


def _fields(value: Any) -> dict[str, Any]:
    """A message as JSON: its fields by their names; what only belongs to the envelope is left out."""
    names = [one.name for one in fields(value) if one.name not in ("sn", "others", "result")]
    return {name: _told(getattr(value, name)) for name in names}


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return written_or_none(value)
    if isinstance(value, tuple):
        return [_told(one) for one in value]
    return _fields(value) if is_dataclass(value) else value
