"""``/control/voice``: a media worker's WebSocket is one person speaking to a channel, while it is open.

    {"type": "accepted", "ssrc", "payload_type", "sound", "transport", "setup", "peer_host", …}
    {"type": "ended", "cause", "status", "detail"}      as of calls

The worker says nothing on it; closing it is the BYE, so a worker that dies leaves no call behind.
"""

import json
from dataclasses import asdict

from bingjian.processes.media_requests import require
from bingjian.processes.signal_calls import host_in, id_in, port_in
from bingjian.signalling.streams import Cause
from bingjian.signalling.voice import VoiceAnswer, VoiceCall, Voices, VoiceWish
from bingjian.streaming.http import HttpProblem, Request, Upgrade
from bingjian.streaming.http_websocket import WebSocket
from bingjian.streaming.websocket import CloseCode


def open_voice(voices: Voices, request: Request) -> Upgrade:
    """The answer to the request that begins it. Raises HttpProblem."""
    require(request, "GET")
    if not request.upgrade:
        raise HttpProblem(426, "upgrade_required", "a call is a WebSocket", (("Upgrade", "websocket"),))
    query = request.query
    wish = VoiceWish(
        id_in(query.get("device", "")),
        id_in(query.get("channel", "")),
        port_in(query.get("port", "")),
        host_in(query.get("host", "")),
    )
    return Upgrade(lambda socket: Voice(voices, wish, socket))


class Voice:
    """The WebSocket's listener, and the owner of the call."""

    def __init__(self, voices: Voices, wish: VoiceWish, socket: WebSocket) -> None:
        self._voices, self._socket = voices, socket
        self._call: VoiceCall | None = None
        self._call = voices.ask(wish, self)

    def on_accepted(self, answer: VoiceAnswer) -> None:
        self._socket.send_text(json.dumps({"type": "accepted", **asdict(answer)}))

    def on_ended(self, cause: Cause, status: int, detail: str) -> None:
        told = {"type": "ended", "cause": cause.value, "status": status, "detail": detail}
        self._socket.send_text(json.dumps(told))
        self._socket.close(CloseCode.NORMAL, cause.value)

    def on_text(self, text: str) -> None:
        self._socket.close(CloseCode.POLICY, "nothing is to be said here")

    def on_closed(self) -> None:
        if self._call is not None:
            self._voices.let_go(self._call)
