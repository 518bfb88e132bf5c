"""What a media worker keeps of a call: whole, or refused."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bingjian.protocols.gb28181.ssrc import MAX_SSRC
from bingjian.protocols.sip.compose import Local
from bingjian.protocols.sip.dialog import Dialog, DialogKey
from bingjian.protocols.sip.reply import Peer
from bingjian.signalling.kept_call import LINE_LIMIT, LONGEST, NUMBER_LIMIT, STEP, KeptCall, NoKeptCall, read
from tests.unit.signalling.scripted import CHANNEL, DEVICE, DOMAIN, PLATFORM

LOCAL = Local(PLATFORM, DOMAIN, "192.0.2.1", 5060)
PEER = Peer("TCP", "192.0.2.7", 5062, 17)
PLACE = (DEVICE, CHANNEL, 0)


def dialog() -> Dialog:
    made = Dialog.opened(LOCAL, PEER, CHANNEL)
    made.number, made.to = 2, f"{made.to};tag=theirs"
    return made


def kept(**changes: Any) -> KeptCall:
    return replace(KeptCall.of(dialog(), PLACE, 100_000_017, "a1"), **changes)


def fields(text: str) -> list[Any]:
    told: list[Any] = json.loads(urlsafe_b64decode(text))
    return told


def written(told: object) -> str:
    return urlsafe_b64encode(json.dumps(told).encode()).decode()


def test_a_dialog_goes_on_where_it_was_with_higher_numbers() -> None:
    before = dialog()
    again = read(KeptCall.of(before, PLACE, 7, "a1").written()).dialog(LOCAL, PEER)
    assert again == replace(before, number=before.number + STEP)
    bye, last = again.request("BYE"), before.request("INFO")
    assert bye.cseq.number > last.cseq.number
    for name in ("From", "To", "Call-ID"):
        assert bye.headers.get(name) == last.headers.get(name)
    assert bye.uri == last.uri


def test_a_connection_is_not_kept() -> None:
    assert read(kept().written()).peer == PEER._replace(connection=0)


tokens = st.from_regex(r"[A-Za-z0-9]{1,64}", fullmatch=True)
lines = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f"), min_size=1, max_size=80)
words = st.text(st.characters(min_codepoint=33, exclude_categories=("Zs", "Zl", "Zp", "Cc")), min_size=1)
hosts = st.ip_addresses().map(str)
peers = st.builds(Peer, st.sampled_from(["UDP", "TCP", "TLS"]), hosts, st.integers(1, 65_535), st.just(0))


@st.composite
def calls(draw: st.DrawFn) -> KeptCall:
    key = draw(st.builds(DialogKey, tokens, tokens))
    return KeptCall(
        draw(tokens),
        (draw(tokens), draw(tokens), draw(st.integers(0, 9))),
        key,
        draw(peers),
        f"<sip:{PLATFORM}@{DOMAIN}>;tag={key.tag}",
        f"<sip:{draw(tokens)}@{draw(hosts)}>;tag={draw(tokens)}",
        f"sip:{draw(words)}",
        tuple(draw(st.lists(lines, max_size=8))),
        draw(st.integers(0, NUMBER_LIMIT)),
        draw(st.none() | st.integers(0, MAX_SSRC)),
    )


@given(calls())
def test_what_is_written_is_read_and_fits_a_query(call: KeptCall) -> None:
    text = call.written()
    assert text == "" or (read(text) == call and len(text) <= LONGEST)
    assert text.isascii()
    assert not set(text) & set("&+/%# ")
    assert text != "" or len(str(call)) > 1_000, "an ordinary one fits"


ODD: list[Any] = [None, True, -1, 1.5, 2**40, "", "a\r\nb", "\x00", "x" * 2_000, [], {}, ["a\nb"], "é" * 70]


@given(st.integers(0, 14), st.sampled_from(ODD) | st.text() | st.integers())
def test_a_field_that_is_another_is_refused_or_harmless(number: int, odd: Any) -> None:
    told = fields(kept().written())
    told[number] = odd
    try:
        call = read(written(told))
    except NoKeptCall:
        return
    wire = [str(one) for one in call.dialog(LOCAL, call.peer).request("BYE").headers]
    assert not any(letter in text for text in wire for letter in "\r\n\x00")
    assert read(call.written() or kept().written())


@given(st.text() | st.binary().map(lambda data: urlsafe_b64encode(data).decode()))
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(NoKeptCall):
        read(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_json_of_anything_else_is_refused(told: object) -> None:
    with pytest.raises(NoKeptCall):
        read(written(told))


@pytest.mark.parametrize(
    ("number", "odd"),
    [
        (3, True),
        (3, 10),
        (4, "two words"),
        (6, "SCTP"),
        (6, ["UDP"]),
        (7, "camera.example"),
        (8, 0),
        (8, 65_536),
        (9, f"<sip:{PLATFORM}@{DOMAIN}>;tag=another"),
        (9, "<sip:"),
        (10, f"<sip:{CHANNEL}@{DOMAIN}>\r\nRoute: <sip:elsewhere>"),
        (10, f"sip:{CHANNEL}@{DOMAIN}\r\nRoute: <sip:elsewhere>"),
        (10, f"sip:{CHANNEL}@{DOMAIN}\0"),
        (10, "x" * (LINE_LIMIT + 1)),
        (11, "sip:a@b SIP/2.0"),
        (12, ["<sip:a>"] * 9),
        (12, ["<sip:a>\nTo: <sip:b>"]),
        (12, "<sip:a>"),
        (12, [1]),
        (13, NUMBER_LIMIT + 1),
        (13, "1"),
        (14, MAX_SSRC + 1),
    ],
)
def test_what_cannot_be(number: int, odd: Any) -> None:
    told = fields(kept().written())
    told[number] = odd
    with pytest.raises(NoKeptCall):
        read(written(told))
    with pytest.raises(NoKeptCall):
        read(written(told[:-1]))
    with pytest.raises(NoKeptCall):
        read(written([*fields(kept().written()), 1]))


def test_a_device_with_endless_names_is_not_kept() -> None:
    assert kept(to=f"<sip:{CHANNEL}@{DOMAIN}>;tag={'x' * LINE_LIMIT}").written() == ""
    assert kept(routes=("<sip:" + "x" * 1_000 + ">",) * 8).written() == ""
    assert kept(number=NUMBER_LIMIT + 1).written() == "", "CSeq would end"


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(NoKeptCall):
        read(urlsafe_b64encode(b"[" * 4_000).decode())
