"""The camera's side of RTSP: states, transports, authentication."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.protocols import auth, sdp
from bingjian.protocols.rtsp.message import Headers, Request
from bingjian.simulate.conversation import (
    Conversation,
    Offer,
    Pause,
    Play,
    SetUp,
    Tcp,
    TearDown,
    Udp,
    camera_of,
)

BASE = "rtsp://host/cam01/main"
VIDEO = sdp.Media("video", (sdp.Format(96, "H264", 90000),), "trackID=0")
SOUND = sdp.Media("audio", (sdp.Format(8, "PCMA", 8000),), "trackID=1")


def find(path: str) -> Offer | int:
    known = {
        "/cam01/main": Offer("cam01", "main", (VIDEO, SOUND)),
        "/cam02/main": Offer("cam02", "main", (VIDEO,), ("tcp",)),
    }
    return known.get(path, 503 if path == "/later/main" else 404)


def request(method: str, uri: str = BASE, **headers: str) -> Request:
    return Request(method, uri, Headers([("CSeq", "7"), *headers.items()]))


def status(conversation: Conversation, method: str, uri: str = BASE, **headers: str) -> int:
    return conversation.receive(request(method, uri, **headers)).response.status


def test_from_describe_to_teardown() -> None:
    conversation = Conversation(find)
    described = conversation.receive(request("DESCRIBE")).response
    assert described.headers.get("Content-Base") == BASE + "/"
    assert [media.kind for media in sdp.parse(described.body).media] == ["video", "audio"]
    first = conversation.receive(
        request("SETUP", BASE + "/trackID=0", Transport="RTP/AVP/TCP;unicast;interleaved=4-5")
    )
    assert isinstance(first.order, SetUp)
    assert first.order.transport == Tcp(4, 5)
    second = conversation.receive(
        request("SETUP", BASE + "/trackID=1", Transport="RTP/AVP;unicast;client_port=5000-5001")
    )
    assert isinstance(second.order, SetUp)
    assert (second.order.track, second.order.transport) == (1, Udp(5000, 5001))
    session = conversation.session
    assert isinstance(conversation.receive(request("PLAY", Session=session)).order, Play)
    assert isinstance(conversation.receive(request("PAUSE", Session=f"{session};timeout=60")).order, Pause)
    assert status(conversation, "GET_PARAMETER") == 200
    assert isinstance(conversation.receive(request("TEARDOWN", Session=session)).order, TearDown)
    assert status(conversation, "PLAY", Session=session) == 454


@pytest.mark.parametrize(
    ("method", "uri", "headers", "expected"),
    [
        ("DESCRIBE", "rtsp://host/none/main", {}, 404),
        ("DESCRIBE", "rtsp://host/later/main", {}, 503),
        ("SETUP", BASE + "/trackID=5", {"Transport": "RTP/AVP/TCP"}, 404),
        ("SETUP", BASE, {"Transport": "RTP/AVP;multicast"}, 461),
        ("SETUP", BASE, {"Transport": "RTP/AVP;client_port=70000-70001"}, 461),
        ("SETUP", BASE, {}, 461),
        ("SETUP", "rtsp://host/cam02/main", {"Transport": "RTP/AVP;client_port=5000-5001"}, 461),
        ("PLAY", BASE, {"Session": "other"}, 454),
        ("RECORD", BASE, {}, 501),
        ("OPTIONS", "*", {}, 200),
    ],
)
def test_what_cannot_be_done_is_said(method: str, uri: str, headers: dict[str, str], expected: int) -> None:
    assert status(Conversation(find), method, uri, **headers) == expected


def test_one_session_is_of_one_stream() -> None:
    conversation = Conversation(find)
    assert status(conversation, "SETUP", BASE, Transport="RTP/AVP/TCP") == 200
    assert status(conversation, "SETUP", "rtsp://host/cam02/main", Transport="RTP/AVP/TCP") == 455


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_nobody_looks_without_the_password(algorithm: str) -> None:
    conversation = Conversation(find, "camera", "secret", auth.Challenge(algorithm=algorithm))
    refused = conversation.receive(request("DESCRIBE")).response
    assert refused.status == 401
    offers = refused.headers.get_all("WWW-Authenticate")
    wrong = auth.answer(offers, "DESCRIBE", BASE, "camera", "guess") or ""
    assert status(conversation, "DESCRIBE", Authorization=wrong) == 401
    right = auth.answer(offers, "DESCRIBE", BASE, "camera", "secret") or ""
    assert status(conversation, "DESCRIBE", Authorization=right) == 200
    assert status(conversation, "SETUP", Transport="RTP/AVP/TCP") == 401


@settings(deadline=None)
@given(st.sampled_from(["DESCRIBE", "SETUP", "PLAY", "TEARDOWN", "X"]), st.text(), st.text(), st.text())
def test_no_request_raises(method: str, uri: str, transport: str, session: str) -> None:
    conversation = Conversation(find)
    answer = conversation.receive(request(method, uri, Transport=transport, Session=session))
    assert re.fullmatch(r"[2-5]\d\d", str(answer.response.status))


def test_the_camera_of_a_request() -> None:
    assert camera_of("rtsp://host:554/cam01/main/trackID=1") == "cam01"
    assert camera_of("*") == "*"
    assert camera_of("rtsp://[broken/cam01") == ""
