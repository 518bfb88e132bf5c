"""MANSRTSP: the body of an INFO that steers device playback and download.

An RTSP request inside SIP, with its own CSeq. Pause, resume, speed and seek are told apart by which of
``Scale`` and ``Range`` a PLAY carries.
"""

import re
from dataclasses import dataclass

from bingjian.protocols.errors import PeerError

CONTENT_TYPE = "Application/MANSRTSP"
BODY_LIMIT = 8 * 1024  # bytes; longer: PeerError. Real ones stay below 300
LINE_LIMIT = 32  # further lines are ignored

_NPT = re.compile(
    r"npt\s*=\s*(now|\d{1,9}(?:\.\d{1,9})?)?\s*-\s*(\d{1,9}(?:\.\d{1,9})?)?", re.ASCII | re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_START = re.compile(r"(PLAY|PAUSE|TEARDOWN)\s+(?:\S+\s+)?(?:MANS)?RTSP/\d\.\d", re.IGNORECASE)
_STATUS = re.compile(r"(?:MANS)?RTSP/\d\.\d\s+(\d{3})", re.ASCII | re.IGNORECASE)
_FINISHED = re.compile(r"MediaStatus\s*:\s*Play Finished", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Play:
    """All None: go on, from where it was paused, at the speed there was."""

    scale: float | None = None  # times real time; negative: backwards (2022)
    start_s: float | None = None  # seconds from the start of the window that was asked for; None: from now
    end_s: float | None = None  # backwards: below start_s


@dataclass(frozen=True, slots=True)
class Pause:
    pass


@dataclass(frozen=True, slots=True)
class Teardown:
    pass


@dataclass(frozen=True, slots=True)
class Finished:
    """Some devices tell the end of a file by an INFO of the one line ``MediaStatus: Play Finished``."""


Action = Play | Pause | Teardown | Finished


@dataclass(frozen=True, slots=True)
class Request:
    action: Action
    cseq: int  # 0 if it was not told


@dataclass(frozen=True, slots=True)
class Response:
    """In the body of the 200; most devices send none."""

    status: int
    cseq: int
    start_s: float | None = None  # where playback really begins
    end_s: float | None = None
    sequence: int | None = None  # RTP-Info: of the first packet
    rtp_time: int | None = None


def build(message: Request | Response) -> bytes:
    """The body, with CRLF after each line."""
    if isinstance(message, Response):
        lines = [f"RTSP/1.0 {message.status} {'OK' if message.status == 200 else 'Error'}"]
        lines += [f"CSeq: {message.cseq}", *_range_line(message.start_s, message.end_s)]
        if message.sequence is not None:
            lines.append(f"RTP-Info: seq={message.sequence};rtptime={message.rtp_time or 0}")
    else:
        lines = _request_lines(message)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def parse(body: bytes) -> Request | Response:
    """Raises PeerError if it is neither a request nor a response."""
    if len(body) > BODY_LIMIT:
        raise PeerError(f"a MANSRTSP body is longer than {BODY_LIMIT} bytes")
    lines = [line.strip() for line in body.decode("utf-8", "replace").replace("\r", "\n").split("\n")]
    lines = [line for line in lines if line][:LINE_LIMIT]
    first = lines[0] if lines else ""
    fields = _fields(lines[1:])
    if found := _START.match(first):
        return Request(_action(found[1].upper(), fields), _whole(fields.get("cseq", "")))
    if found := _STATUS.match(first):
        return _response(int(found[1]), fields)
    if _FINISHED.match(first):
        return Request(Finished(), 0)
    raise PeerError("a body that is no MANSRTSP")


def _request_lines(request: Request) -> list[str]:
    cseq = f"CSeq: {request.cseq}"
    match request.action:
        case Pause():
            return ["PAUSE RTSP/1.0", cseq, "PauseTime: now"]
        case Teardown():
            return ["TEARDOWN RTSP/1.0", cseq]
        case Finished():
            return ["MediaStatus: Play Finished"]
        case Play(scale, start_s, end_s):
            lines = ["PLAY RTSP/1.0", cseq]
            lines += [] if scale is None else [f"Scale: {float(scale)}"]
            if start_s is not None or end_s is not None:
                return lines + _range_line(start_s, end_s)
            return lines if scale is not None else [*lines, "Range: npt=now-"]


def _range_line(start_s: float | None, end_s: float | None) -> list[str]:
    if start_s is None and end_s is None:
        return []
    start = "now" if start_s is None else _seconds(start_s)
    return [f"Range: npt={start}-{'' if end_s is None else _seconds(end_s)}"]


def _seconds(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _fields(lines: list[str]) -> dict[str, str]:
    """Header lines by name in lower case; the first of a repeated name counts."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        found.setdefault(name.strip().lower(), value.strip())
    return found


def _action(method: str, fields: dict[str, str]) -> Action:
    if method == "PAUSE":
        return Pause()
    if method == "TEARDOWN":
        return Teardown()
    start_s, end_s = _range(fields.get("range", ""))
    scale = _NUMBER.fullmatch(fields.get("scale", ""))
    return Play(float(scale[0]) if scale and float(scale[0]) else None, start_s, end_s)


def _range(text: str) -> tuple[float | None, float | None]:
    found = _NPT.match(text)
    if found is None:
        return None, None
    start, end = found[1], found[2]
    return (None if start is None or start.lower() == "now" else float(start)), (float(end) if end else None)


def _response(status: int, fields: dict[str, str]) -> Response:
    start_s, end_s = _range(fields.get("range", ""))
    info = dict(part.strip().lower().partition("=")[::2] for part in fields.get("rtp-info", "").split(";"))
    sequence = _whole(info["seq"]) if "seq" in info else None
    rtp_time = _whole(info["rtptime"]) if "rtptime" in info else None
    return Response(status, _whole(fields.get("cseq", "")), start_s, end_s, sequence, rtp_time)


def _whole(text: str) -> int:
    """0 for what is no number, or too large to be one of ours."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
