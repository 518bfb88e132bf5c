"""Session descriptions as cameras write them, and as we do."""

import pytest

from bingjian.protocols import sdp
from bingjian.protocols.errors import PeerError
from tests.unit.protocols.packets import H264_SETS, H265_SETS

CAMERA = b"""v=0\r
o=- 1 1 IN IP4 10.0.0.1\r
s=Media Presentation\r
a=control:*\r
t=0 0\r
m=video 0 RTP/AVP 96\r
a=rtpmap:96 H264/90000\r
a=fmtp:96 profile-level-id=64001F; packetization-mode=1; sprop-parameter-sets=%s\r
a=control:trackID=1\r
a=framerate:25.000\r
m=audio 0 RTP/AVP 0 8\r
a=control:trackID=2\r
a=recvonly\r
m=application 0 RTP/AVP 107\r
a=rtpmap:107 vnd.onvif.metadata/90000\r
""" % sdp.sprop(H264_SETS).encode()


def test_a_cameras_description() -> None:
    found = sdp.parse(CAMERA)
    video, audio, metadata = found.media
    assert (found.control, found.name) == ("*", "Media Presentation")
    assert (video.kind, video.control, video.frame_rate) == ("video", "trackID=1", 25.0)
    assert video.formats[0].parameter_sets == H264_SETS
    assert (video.formats[0].encoding, video.formats[0].clock_rate) == ("H264", 90_000)
    assert [(form.payload_type, form.encoding, form.clock_rate) for form in audio.formats] == [
        (0, "PCMU", 8000),
        (8, "PCMA", 8000),
    ]
    assert metadata.formats[0].encoding == "VND.ONVIF.METADATA"


def test_h265_parameter_sets_are_in_decoding_order() -> None:
    vps, sps, pps = (sdp.sprop([unit]) for unit in H265_SETS)
    sets = f"sprop-pps={pps};sprop-sps={sps};sprop-vps={vps}"
    text = f"v=0\nm=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\na=fmtp:98 {sets}\n"
    assert sdp.parse(text.encode()).media[0].formats[0].parameter_sets == H265_SETS


def test_a_wrong_parameter_set_is_left_out_and_missing_padding_forgiven() -> None:
    good = sdp.sprop([b"abcd"]).rstrip("=")
    form = sdp.Format(96, "H264", 90_000, 1, {"sprop-parameter-sets": f"!!!,{good},,冰"})
    assert form.parameter_sets == (b"abcd",)


def test_what_is_built_reads_back() -> None:
    forms = (
        sdp.Format(96, "H264", 90_000, 1, {"packetization-mode": "1"}),
        sdp.Format(97, "MPEG4-GENERIC", 16_000, 2, {"config": "1408", "mode": "AAC-hbr"}),
    )
    media = tuple(
        sdp.Media(kind, (form,), f"trackID={n}", frame_rate=25.0 if n == 0 else 0.0)
        for n, (kind, form) in enumerate(zip(("video", "audio"), forms, strict=True))
    )
    description = sdp.Description(media, "*", "冰鉴")
    assert sdp.parse(sdp.build(description)) == description


@pytest.mark.parametrize(
    "text",
    [
        b"v=0\nm=",
        b"v=0\nm=video",
        b"v=0\nm=video x RTP/AVP \xc2\xb2 999 -1",
        b"v=0\nm=video 0 RTP/AVP 96\na=rtpmap:\xc2\xb2 H264/90000\na=rtpmap:96\na=fmtp:96",
        b"v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/99999999999999999999/x\na=framerate:nan",
        b"v=0\nm=audio 0 RTP/AVP 97\na=fmtp:97 ;;=;a;=b",
        b"v=0\n" + b"m=video 0 RTP/AVP 96\n" * 1000,
    ],
)
def test_lines_that_lie_are_passed_over(text: bytes) -> None:
    assert len(sdp.parse(text).media) <= sdp.MEDIA_LIMIT


@pytest.mark.parametrize("text", [b"", b"<html>", b"\x00" * 100, b"m=video 0 RTP/AVP 96"])
def test_what_is_no_description_is_a_peers_fault(text: bytes) -> None:
    with pytest.raises(PeerError):
        sdp.parse(text)
