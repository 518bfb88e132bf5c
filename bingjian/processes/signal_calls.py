"""``/control/calls``: a media worker's WebSocket is one call to a channel, for as long as it is open.

What is said on it is in docs/gb28181.md. Closing it ends the call, so nothing is left of a worker that dies.
If we die, the worker takes its live call up again with what it was told to keep (``resume``).
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bingjian.processes.media_requests import require
from bingjian.protocols.gb28181 import mansrtsp
from bingjian.signalling import kept_call
from bingjian.signalling.kept_call import KeptCall, NoKeptCall
from bingjian.signalling.stream_offers import KINDS, TRANSPORTS, Answer, Wish
from bingjian.signalling.streams import Cause, StreamCall, Streams
from bingjian.streaming.http import HttpProblem, Request, Upgrade
from bingjian.streaming.http_websocket import WebSocket
from bingjian.streaming.websocket import CloseCode

LONGEST_ID = 64  # characters
MAX_STREAM = 9
MAX_SPEED = 64
MAX_SEEK_S = 10 * 86_400.0


def open_call(streams: Streams, request: Request) -> Upgrade:
    """The answer to the request that begins a call. Raises HttpProblem."""
    require(request, "GET")
    if not request.upgrade:
        raise HttpProblem(426, "upgrade_required", "a call is a WebSocket", (("Upgrade", "websocket"),))
    wish = _wish(request)
    kept = _kept(request.query["resume"], wish) if "resume" in request.query else None
    if kept is not None and not streams.knows_devices:
        raise HttpProblem(503, "not_yet", "this process has not been told of any devices; ask again")
    return Upgrade(lambda socket: Call(streams, wish, socket, kept))


class Call:
    """The WebSocket's listener, and the owner of the stream."""

    def __init__(self, streams: Streams, wish: Wish, socket: WebSocket, kept: KeptCall | None = None) -> None:
        """``kept``: the call is there, and goes on."""
        self._streams, self._socket = streams, socket
        self._call: StreamCall | None = None
        self._call = streams.ask(wish, self) if kept is None else streams.take_up(wish, kept, self)

    # --- the stream's owner

    def on_accepted(self, answer: Answer) -> None:
        self._tell(type="accepted", **asdict(answer))

    def on_taken_up(self, dialog: str) -> None:
        self._tell(type="taken_up", dialog=dialog)

    def on_controlled(self, status: int, range_s: float | None) -> None:
        self._tell(type="controlled", status=status, range_s=range_s)

    def on_ended(self, cause: Cause, status: int, detail: str) -> None:
        self._tell(type="ended", cause=cause.value, status=status, detail=detail)
        self._socket.close(CloseCode.NORMAL, cause.value)

    # --- the WebSocket's listener

    def on_text(self, text: str) -> None:
        try:
            self._heard(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._socket.close(CloseCode.POLICY, "not a message of this interface")

    def on_closed(self) -> None:
        if self._call is not None:
            self._streams.let_go(self._call)

    def _heard(self, told: dict[str, Any]) -> None:
        """Raises what a message that is none raises."""
        if told["type"] != "control" or self._call is None:
            raise ValueError
        if not self._streams.control(self._call, _action(told)):
            self.on_controlled(409, None)

    def _tell(self, **message: object) -> None:
        self._socket.send_text(json.dumps(message))


def _action(told: dict[str, Any]) -> mansrtsp.Action:
    """Raises KeyError, TypeError, ValueError."""
    match told["action"]:
        case "pause":
            return mansrtsp.Pause()
        case "resume":
            return mansrtsp.Play()
        case "seek":
            return mansrtsp.Play(start_s=_within(told["seek_s"], 0.0, MAX_SEEK_S))
        case "speed":
            return mansrtsp.Play(scale=_within(told["speed"], 1 / 16, 16.0))
        case "reverse":
            return mansrtsp.Play(scale=-_within(told.get("speed", 1.0), 1 / 16, 16.0))
    raise ValueError


def _within(value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError
    return float(value)


def _wish(request: Request) -> Wish:
    query = request.query
    kind = next((one for one in KINDS if one == query.get("kind", "play")), None)
    transport = next((one for one in TRANSPORTS if one == query.get("transport", "tcp")), None)
    if kind is None or transport is None:
        raise HttpProblem(
            400, "bad_call", "kind is play, playback or download; transport tcp, tcp-active, udp"
        )
    wish = Wish(
        device=id_in(query.get("device", "")),
        channel=id_in(query.get("channel", "")),
        port=port_in(query.get("port", "")),
        kind=kind,
        stream=_number(query.get("stream", "0"), "stream", 0, MAX_STREAM),
        transport=transport,
        host=host_in(query.get("host", "")),
        start=_instant(query.get("start", "")),
        end=_instant(query.get("end", "")),
        speed=_number(query.get("speed", "0"), "speed", 0, MAX_SPEED),
    )
    if wish.is_history and not 0 < wish.start < wish.end:
        raise HttpProblem(400, "bad_call", "a recording is asked for by start and end")
    return wish


def _kept(text: str, wish: Wish) -> KeptCall:
    """Raises HttpProblem."""
    try:
        kept = kept_call.read(text)
    except NoKeptCall as error:
        raise HttpProblem(400, "bad_resume", str(error)) from error
    if wish.is_history or kept.place != (wish.device, wish.channel, wish.stream):
        raise HttpProblem(400, "bad_resume", "only the live call that was told of is taken up")
    return kept


def id_in(text: str) -> str:
    if not (text.isascii() and text.isalnum() and len(text) <= LONGEST_ID):
        raise HttpProblem(400, "bad_call", "device and channel are named by their ids")
    return text


def host_in(text: str) -> str:
    if not all(letter.isascii() and (letter.isalnum() or letter in ".:") for letter in text):
        raise HttpProblem(400, "bad_call", "host is a numeric address")
    return text


def port_in(text: str) -> int:
    return _number(text, "port", 1, 65535)


def _number(text: str, name: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8) or not least <= int(text) <= most:
        raise HttpProblem(400, "bad_call", f"{name} is a whole number from {least} to {most}")
    return int(text)


def _instant(text: str) -> int:
    """RFC 3339 as Unix seconds; nothing is 0."""
    if not text:
        return 0
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise HttpProblem(400, "bad_call", "start and end are instants of RFC 3339") from error
    if at.tzinfo is None:
        raise HttpProblem(400, "bad_call", "start and end have their zone")
    return int(at.timestamp())
