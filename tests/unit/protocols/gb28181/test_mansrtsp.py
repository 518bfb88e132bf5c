"""MANSRTSP bodies: each action as the standard writes it, and as others do."""

import pytest

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import mansrtsp
from bingjian.protocols.gb28181.mansrtsp import Finished, Pause, Play, Request, Response, Teardown


@pytest.mark.parametrize(
    ("action", "lines"),
    [
        (Pause(), ["PAUSE RTSP/1.0", "CSeq: 7", "PauseTime: now"]),
        (Play(), ["PLAY RTSP/1.0", "CSeq: 7", "Range: npt=now-"]),
        (Play(scale=2), ["PLAY RTSP/1.0", "CSeq: 7", "Scale: 2.0"]),
        (Play(scale=0.25), ["PLAY RTSP/1.0", "CSeq: 7", "Scale: 0.25"]),
        (Play(start_s=100), ["PLAY RTSP/1.0", "CSeq: 7", "Range: npt=100-"]),
        (Play(-1, 600, 120), ["PLAY RTSP/1.0", "CSeq: 7", "Scale: -1.0", "Range: npt=600-120"]),
        (Teardown(), ["TEARDOWN RTSP/1.0", "CSeq: 7"]),
    ],
)
def test_actions_both_ways(action: mansrtsp.Action, lines: list[str]) -> None:
    body = "\r\n".join([*lines, "", ""]).encode()
    assert mansrtsp.build(Request(action, 7)) == body
    assert mansrtsp.parse(body) == Request(action, 7)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"PLAY MANSRTSP/1.0\nCseq:2\nscale:4.000000\n", Request(Play(4.0), 2)),
        (
            b"PLAY rtsp://1.2.3.4/x RTSP/1.0\r\nCSeq: x\r\nRange: npt=12.5-now\r\n",
            Request(Play(None, 12.5), 0),
        ),
        (b"\r\npause RTSP/1.0\r\nCSeq: 99999999999\r\n", Request(Pause(), 0)),
        (b"PLAY RTSP/1.0\r\nScale: 0\r\nRange: clock=2026-\r\n", Request(Play(), 0)),
        (b"MediaStatus: Play Finished\r\n", Request(Finished(), 0)),
        (
            b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nRange: npt=5-\r\nRTP-Info: seq=17;rtptime=900\r\n",
            Response(200, 3, 5.0, None, 17, 900),
        ),
    ],
)
def test_what_others_write(body: bytes, message: Request | Response) -> None:
    assert mansrtsp.parse(body) == message


def test_responses_both_ways() -> None:
    response = Response(200, 3, 1.5, 90.0, 4, 5)
    assert mansrtsp.parse(mansrtsp.build(response)) == response
    assert mansrtsp.parse(mansrtsp.build(Response(404, 1))) == Response(404, 1)


@pytest.mark.parametrize(
    "body", [b"", b"\0" * 50, b"DESCRIBE RTSP/1.0", b"PLAY", b"PLAY RTSP/1.0\r\n" * mansrtsp.BODY_LIMIT]
)
def test_what_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(PeerError):
        mansrtsp.parse(body)
