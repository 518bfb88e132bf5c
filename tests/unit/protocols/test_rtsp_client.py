"""The client's side of the conversation against a camera whose answers are written out."""

from collections.abc import Callable

import pytest

from bingjian.protocols import auth, sdp
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtsp import errors
from bingjian.protocols.rtsp.client import (
    Client,
    Described,
    Ended,
    Event,
    NotOverThis,
    Playing,
    Redirected,
    Route,
)
from bingjian.protocols.rtsp.message import Headers, Interleaved, Reader, Request, Response, serialise
from tests.unit.protocols.packets import H264_SETS

URL = "rtsp://camera:8554/main"
VIDEO = sdp.Media(
    "video", (sdp.Format(96, "H264", 90_000, 1, {"sprop-parameter-sets": sdp.sprop(H264_SETS)}),), "trackID=1"
)
SOUND = sdp.Media("audio", (sdp.Format(8, "PCMA", 8000),), "trackID=2")

Answer = Callable[[Request], Response]


class Camera:
    """Answers each method; ``asked`` remembers what came."""

    def __init__(self, *media: sdp.Media, control: str = "*", **answers: Answer) -> None:
        self._body = sdp.build(sdp.Description(media or (VIDEO, SOUND), control))
        self._answers = answers
        self._reader = Reader()
        self.asked: list[Request] = []

    def talk(self, client: Client, events: list[Event] | None = None) -> list[Event]:
        """Until the client has nothing more to say."""
        events = [] if events is None else events
        while output := client.take_output():
            for request in self._reader.receive_data(output):
                assert isinstance(request, Request)
                self.asked.append(request)
                events += client.receive_data(serialise(self.answer(request)))
        return events

    def answer(self, request: Request) -> Response:
        found = self._answers.get(request.method, getattr(self, request.method.lower()))(request)
        return Response(
            found.status,
            found.reason,
            found.headers.having(("CSeq", request.headers.get("CSeq"))),
            found.body,
        )

    def options(self, request: Request) -> Response:
        return ok(("Public", "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, get_parameter"))

    def describe(self, request: Request) -> Response:
        return ok(("Content-Base", request.uri + "/"), body=self._body)

    def setup(self, request: Request) -> Response:
        return ok(("Session", "abc;timeout=30"), ("Transport", request.headers.get("Transport")))

    def play(self, request: Request) -> Response:
        return ok(("Session", "abc"))

    get_parameter = play
    teardown = play

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.asked]


def ok(*fields: tuple[str, str], body: bytes = b"") -> Response:
    return Response(200, "OK", Headers(fields), body)


def status(code: int, reason: str = "No", *fields: tuple[str, str]) -> Answer:
    return lambda request: Response(code, reason, Headers(fields))


def client(username: str = "", password: str = "") -> Client:
    return Client(URL, username, password)


def play(camera: Camera, one: Client, *ports: int) -> list[Event]:
    one.start()
    events = camera.talk(one)
    one.setup("udp" if ports else "tcp", ports)
    return camera.talk(one, events)


def test_from_options_to_play() -> None:
    camera, one = Camera(), client()
    described, playing = play(camera, one)
    assert camera.methods == ["OPTIONS", "DESCRIBE", "SETUP", "SETUP", "PLAY"]
    assert isinstance(described, Described)
    assert [(track.kind, track.uri) for track in described.tracks] == [
        ("video", URL + "/trackID=1"),
        ("audio", URL + "/trackID=2"),
    ]
    assert playing == Playing((Route(0, 0, 1), Route(1, 2, 3)))
    assert camera.asked[-1].uri == URL + "/"
    assert camera.asked[-1].headers.get("Session") == "abc"
    assert one.timeout_seconds == 30


def test_over_udp_ports_are_exchanged() -> None:
    def setup(request: Request) -> Response:
        asked = request.headers.get("Transport")
        return ok(("Session", "s"), ("Transport", asked + ";server_port=6000-6001;ssrc=1"))

    camera, one = Camera(VIDEO, SETUP=setup), client()
    playing = play(camera, one, 5000)[-1]
    assert "client_port=5000-5001" in camera.asked[2].headers.get("Transport")
    assert playing == Playing((Route(0, server_rtp_port=6000, server_rtcp_port=6001),))


def test_the_channels_the_camera_chose_count() -> None:
    transport = ("Transport", "RTP/AVP/TCP;unicast;interleaved=10-11")
    camera, one = Camera(VIDEO, SETUP=lambda request: ok(("Session", "s"), transport)), client()
    assert play(camera, one)[-1] == Playing((Route(0, 10, 11),))


@pytest.mark.parametrize(
    "transport", ["", "RTP/AVP/TCP", "RTP/AVP/TCP;interleaved=x", "RTP/AVP/TCP;interleaved=999-1"]
)
def test_a_camera_that_does_not_say_means_what_we_asked(transport: str) -> None:
    camera, one = Camera(VIDEO, SETUP=lambda request: ok(("Transport", transport))), client()
    assert play(camera, one)[-1] == Playing((Route(0, 0, 1),))


def test_a_refused_transport_leaves_the_choice_of_the_other() -> None:
    def setup(request: Request) -> Response:
        asked = request.headers.get("Transport")
        return ok(("Transport", asked)) if "client_port" in asked else Response(461, "Unsupported Transport")

    camera, one = Camera(VIDEO, SETUP=setup), client()
    assert play(camera, one)[-1] == NotOverThis("tcp")
    one.setup("udp", (5000,))
    assert camera.talk(one) == [Playing((Route(0),))]


def test_another_transport_than_asked_for_is_told_apart() -> None:
    transport = ("Transport", "RTP/AVP;unicast;client_port=1-2;server_port=3-4")
    with pytest.raises(errors.TransportRefused):
        play(Camera(SETUP=lambda request: ok(transport)), client())


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_password_is_asked_for_once_and_the_count_goes_on(algorithm: str) -> None:
    challenge = auth.Challenge(algorithm=algorithm)
    camera = Camera()
    plain = camera.answer

    def answer(request: Request) -> Response:
        given = request.headers.get("Authorization")
        if auth.verify(challenge, given, request.method, "admin", "pass"):
            return plain(request)
        cseq = ("CSeq", request.headers.get("CSeq"))
        return Response(401, "Unauthorized", Headers([cseq, ("WWW-Authenticate", challenge.header())]))

    camera.answer = answer  # type: ignore[method-assign]  # the camera's door-keeper
    assert isinstance(play(camera, client("admin", "pass"))[-1], Playing)
    assert camera.methods == ["OPTIONS", "OPTIONS", "DESCRIBE", "SETUP", "SETUP", "PLAY"]
    assert "nc=00000005" in camera.asked[-1].headers.get("Authorization")
    with pytest.raises(errors.Unauthorised, match="does not accept"):
        play(camera, client("admin", "wrong"))
    with pytest.raises(errors.Unauthorised, match="asks for"):
        play(camera, client())


def test_a_stale_nonce_is_answered_again_but_not_for_ever() -> None:
    def stale(request: Request) -> Response:
        fields = [("WWW-Authenticate", auth.Challenge(stale=True).header())]
        return Response(401, "Unauthorized", Headers(fields))

    camera = Camera(DESCRIBE=stale)
    with pytest.raises(errors.Unauthorised):
        play(camera, client("admin", "pass"))
    assert camera.methods.count("DESCRIBE") == 3


@pytest.mark.parametrize(("code", "proxy"), [(301, False), (302, False), (305, True)])
def test_redirects_are_told(code: int, proxy: bool) -> None:
    camera, one = Camera(DESCRIBE=status(code, "Moved", ("Location", "rtsp://other:555/x"))), client()
    one.start()
    (event,) = camera.talk(one)
    assert isinstance(event, Redirected)
    assert (str(event.address), event.proxy) == ("rtsp://other:555/x", proxy)


@pytest.mark.parametrize("location", ["", "http://x/", "rtsp://h/\x85x"])
def test_redirects_to_nowhere_are_a_peers_fault(location: str) -> None:
    with pytest.raises(PeerError):
        play(Camera(DESCRIBE=status(302, "Moved", ("Location", location))), client())


def test_refusals_carry_their_status() -> None:
    with pytest.raises(errors.Refused, match="DESCRIBE with 404 Not Found") as refused:
        play(Camera(DESCRIBE=status(404, "Not Found")), client())
    assert refused.value.status == 404


def test_a_camera_without_options_is_asked_all_the_same() -> None:
    camera = Camera(OPTIONS=status(501))
    one = client()
    assert isinstance(play(camera, one)[-1], Playing)
    one.keep_alive()
    camera.talk(one)
    assert camera.methods[-1] == "OPTIONS"


def test_keep_alive_is_get_parameter_if_announced_until_it_is_refused() -> None:
    camera, one = Camera(), client()
    play(camera, one)
    one.keep_alive()
    assert camera.talk(one) == []
    assert camera.methods[-1] == "GET_PARAMETER"
    camera._answers["GET_PARAMETER"] = status(405)
    for _ in range(2):
        one.keep_alive()
        camera.talk(one)
    assert camera.methods[-2:] == ["GET_PARAMETER", "OPTIONS"]


def test_a_session_the_camera_forgot_has_ended() -> None:
    camera, one = Camera(GET_PARAMETER=status(454)), client()
    play(camera, one)
    one.keep_alive()
    assert camera.talk(one) == [Ended()]


def test_unanswered_keep_alives_do_not_pile_up() -> None:
    camera, one = Camera(), client()
    play(camera, one)
    for _ in range(100):
        one.keep_alive()
    assert len(Reader().receive_data(one.take_output())) < 10


def test_teardown_only_with_a_session() -> None:
    camera, one = Camera(), client()
    one.teardown()
    assert one.take_output() == b""
    play(camera, one)
    one.teardown()
    camera.talk(one)
    assert camera.asked[-1].method == "TEARDOWN"


def test_frames_pass_through_and_the_camera_may_ask_too() -> None:
    camera, one = Camera(), client()
    play(camera, one)
    frames = Interleaved.of(0, [b"x"])
    asked = [
        Request("OPTIONS", "*", Headers([("CSeq", "7")])),
        Request("ANNOUNCE", "*", Headers([("CSeq", "8")])),
    ]
    (event,) = one.receive_data(serialise(frames) + b"".join(map(serialise, asked)))
    assert event.packets == [b"x"]
    replies = Reader().receive_data(one.take_output())
    assert [(reply.status, reply.headers.get("CSeq")) for reply in replies] == [(200, "7"), (501, "8")]
    assert one.receive_data(serialise(Request("TEARDOWN", "*"))) == [Ended()]


def test_answers_to_nothing_are_passed_over() -> None:
    one = client()
    one.start()
    one.take_output()
    for cseq in ("99", "x", "²", "-1", "9" * 30):
        assert one.receive_data(serialise(Response(200, "OK", Headers([("CSeq", cseq)])))) == []
    assert one.take_output() == b""
    one.receive_data(b"RTSP/1.0 200 OK\r\n\r\n")  # a camera that forgets CSeq
    assert b"DESCRIBE" in one.take_output()


@pytest.mark.parametrize(
    ("base", "uri"),
    [
        ("rtsp://inside:554/x/", "rtsp://inside/x/trackID=1"),
        ("", URL + "/trackID=1"),
        ("nonsense", URL + "/trackID=1"),
        ("rtsp://u:p@inside/", "rtsp://inside/trackID=1"),
    ],
)
def test_content_base_counts_if_it_is_one(base: str, uri: str) -> None:
    def describe(request: Request) -> Response:
        return ok(("Content-Base", base), body=sdp.build(sdp.Description((VIDEO,), "*")))

    (described,) = play(Camera(DESCRIBE=describe), client())[:1]
    assert described.tracks[0].uri == uri


def media(kind: str, encoding: str, direction: str = "recvonly", **more: str) -> sdp.Media:
    return sdp.Media(kind, (sdp.Format(96, encoding, 90_000, 1, more),), "t", direction=direction)


@pytest.mark.parametrize(
    ("offered", "error"),
    [
        ((), errors.NoVideo),
        ((SOUND,), errors.NoVideo),
        ((media("video", "JPEG"), SOUND), errors.CodecNotAccepted),
        ((sdp.Media("video", ()),), errors.CodecNotAccepted),
    ],
)
def test_what_cannot_be_recorded_is_named(offered: tuple[sdp.Media, ...], error: type[PeerError]) -> None:
    body = b"v=0\r\n" if not offered else sdp.build(sdp.Description(offered))
    with pytest.raises(error):
        play(Camera(DESCRIBE=lambda request: ok(body=body)), client())


def test_sound_that_cannot_be_used_is_left_out_and_told() -> None:
    for sound in (media("audio", "OPUS"), media("audio", "MPEG4-GENERIC", config="zz")):
        described = play(Camera(sound, VIDEO), client())[0]
        assert [track.kind for track in described.tracks] == ["video"]
        assert described.left_out == [f"audio {sound.formats[0].encoding}"]


def test_the_way_back_to_the_loudspeaker_is_not_sound() -> None:
    body = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=audio 0 RTP/AVP 0\r\na=sendonly\r\n"
    described = play(Camera(DESCRIBE=lambda request: ok(body=body)), client())[0]
    assert [track.kind for track in described.tracks] == ["video"]


def test_a_user_name_with_control_characters_is_refused() -> None:
    with pytest.raises(PeerError, match="control"):
        client("a\r\nEvil: 1", "x")
