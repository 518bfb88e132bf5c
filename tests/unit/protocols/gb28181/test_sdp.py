"""Descriptions as the reference shows them, and as devices write them."""

import pytest

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import sdp
from bingjian.protocols.gb28181.sdp import PCMA, PS, Session, Wish

OFFER = """v=0
o=99010100002000000001 0 0 IN IP4 192.0.2.10
s=Play
c=IN IP4 192.0.2.10
t=0 0
m=video 30012 TCP/RTP/AVP 96 98 99
a=recvonly
a=rtpmap:96 PS/90000
a=rtpmap:98 H264/90000
a=rtpmap:99 H265/90000
a=setup:passive
a=connection:new
y=0101000017
""".replace("\n", "\r\n").encode()
LIVE = Session(
    owner="99010100002000000001",
    address="192.0.2.10",
    port=30012,
    transport=sdp.TCP,
    setup="passive",
    direction="recvonly",
    formats=sdp.OFFERED,
    ssrc=101000017,
)
REPLAY = Session(
    **{f: getattr(LIVE, f) for f in ("owner", "address", "port", "formats")},
    name=sdp.DOWNLOAD,
    ssrc=1101000018,
    channel="99010100001310000001",
    start=1_770_000_000,
    end=1_770_003_600,
    speed=4,
    file_size=123_456,
    stream_number="1",
    wish=Wish(("2", "6", "25", "1", "4000"), ("1", "8", "1")),
)


def test_the_reference_s_offer_both_ways() -> None:
    assert sdp.build(LIVE) == OFFER
    assert sdp.parse(OFFER) == LIVE


def test_a_download_both_ways_in_the_order_of_the_standard() -> None:
    body = sdp.build(REPLAY)
    assert sdp.parse(body) == REPLAY
    kinds = [line[:1] for line in body.decode().splitlines()]
    assert "".join(dict.fromkeys(kinds)) == "vosuctmayf"
    assert body.endswith(b"f=v/2/6/25/1/4000a/1/8/1\r\n")


def test_talk_and_empty_wishes() -> None:
    talk = Session(
        owner="1",
        address="10.0.0.1",
        kind="audio",
        name=sdp.TALK,
        formats=(PCMA,),
        direction="sendrecv",
        wish=sdp.G711_TALK,
    )
    assert b"f=v/////a/1/8/1\r\n" in sdp.build(talk)
    assert sdp.parse(sdp.build(talk)) == talk
    assert str(Wish()) == "v/////a///"


def written(*lines: str) -> Session:
    return sdp.parse("\n".join(("v=0", *lines)).encode())


def test_what_devices_write() -> None:
    bare = written("s=PlayBack", "t=3978988800 3978992400", "m=audio 9000 RTP/AVP 8", "y=17")
    assert bare.name == sdp.PLAYBACK
    assert (bare.start, bare.end) == (1_770_000_000, 1_770_003_600)  # NTP seconds
    assert (bare.formats, bare.ssrc) == ((PCMA,), 17)
    other = written(
        "c=IN IP4 10.0.0.1", "m=video 1 tcp/rtp/avp 96", "c=IN IP4 10.0.0.2/127", "a=Setup:Active"
    )
    assert (other.address, other.transport, other.setup, other.formats) == (
        "10.0.0.2",
        "tcp",
        "active",
        (PS,),
    )
    assert written("m=video 1 RTP/AVP 96", "a=rtpmap:96 HIKVISION/90000").private_stream == "HIKVISION"
    assert written("m=video 1 RTP/AVP 96", "a=streamMode:sub").stream_number == "sub"
    assert written("u=123:", "m=video 1 RTP/AVP 96").channel == "123"
    assert written("u=http://34/a/b.ps", "m=video 1 RTP/AVP 96").channel == "http://34/a/b.ps"
    assert written("m=video 1 RTP/AVP 96", "f=v/2").wish == Wish(("2", "", "", "", ""))


@pytest.mark.parametrize("value", ["01010000171", "abc", "", "-1", "9999999999", "٣"])
def test_an_unreadable_ssrc_leaves_ours(value: str) -> None:
    answer = written("m=video 1 RTP/AVP 96", f"y={value}")
    assert answer.ssrc is None
    assert sdp.agree(LIVE, answer).ssrc == LIVE.ssrc


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("IN IP4 192.0.2.10", "192.0.2.10"),
        ("IN IP4 192.0.2.10/127", "192.0.2.10"),
        ("IN IP6 2001:db8::7", "2001:db8::7"),
        ("IN IP4 camera.example", ""),
        ("IN IP4 localhost", ""),
        ("IN IP4 3221225994", ""),
        ("IN IP4", ""),
    ],
)
def test_only_a_numeric_address_is_one(told: str, read: str) -> None:
    assert written(f"c={told}", "m=video 1 RTP/AVP 96").address == read


def test_the_answer_s_ssrc_counts_and_our_offer_s_role() -> None:
    answer = written("c=IN IP4 10.0.0.9", "m=video 6000 RTP/AVP 96", "a=recvonly", "y=0000000005")
    agreed = sdp.agree(LIVE, answer)
    assert (agreed.ssrc, agreed.transport, agreed.setup) == (5, sdp.TCP, "passive")
    assert (agreed.address, agreed.port, agreed.formats) == ("10.0.0.9", 6000, (PS,))
    assert sdp.agree(LIVE, None) == sdp.Agreed(LIVE.ssrc, sdp.TCP, "passive", "", 0, sdp.OFFERED)


def test_what_a_sender_answers() -> None:
    answer = sdp.answer_to(LIVE, owner="34", address="10.0.0.2", port=7000)
    assert (answer.setup, answer.direction, answer.formats, answer.ssrc) == (
        "active",
        "sendonly",
        (PS,),
        LIVE.ssrc,
    )
    assert sdp.answer_to(LIVE, owner="34", address="10.0.0.2", port=7000, ssrc=9).ssrc == 9
    assert sdp.answer_to(REPLAY, owner="3", address="a", port=1).start == REPLAY.start


def test_subjects() -> None:
    text = sdp.subject("99010100001310000001", "0101000017", "99010100002000000001")
    assert text == "99010100001310000001:0101000017,99010100002000000001:0"
    assert sdp.read_subject(text) == ("99010100001310000001", "0101000017", "99010100002000000001", "0")
    assert sdp.read_subject("x") == ("x", "", "", "")


@pytest.mark.parametrize("body", [b"", b"junk", b"v=0\r\n", b"v=0\r\nm=" + b"x" * sdp.BODY_LIMIT])
def test_what_is_no_description_is_refused(body: bytes) -> None:
    with pytest.raises(PeerError):
        sdp.parse(body)


def test_a_line_end_in_a_value_is_ours_to_prevent() -> None:
    with pytest.raises(ValueError):
        sdp.build(Session(owner="1\r\na=evil"))
