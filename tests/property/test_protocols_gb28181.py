"""GB/T 28181's bodies: what is built is read again, and whatever comes only PeerError is raised."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import Edition, ids, manscdp, mansrtsp, ptz, sdp, ssrc
from bingjian.protocols.gb28181.manscdp import Charset, text, values
from bingjian.protocols.gb28181.manscdp.binding import Binding, bindings
from bingjian.protocols.gb28181.manscdp.message import NAMES, Message

CORPUS = sorted((Path(__file__).parent.parent / "corpus" / "manscdp").glob("*.xml"))
MEMORY_LIMIT = 4 << 20  # bytes at the peak, for inputs of at most 64 KiB

plain = (
    st.text(
        st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")) | st.sampled_from("<>&\"'东𠮷"),
        min_size=1,
        max_size=12,
    )
    .map(str.strip)
    .filter(bool)
)
wholes = st.integers(-(10**9), 10**9)
reals = st.integers(-(10**8), 10**8).map(lambda value: value / 1000)
moments = st.integers(0, 4_000_000_000).map(lambda value: datetime.fromtimestamp(value, values.BEIJING))


def held(binding: Binding) -> st.SearchStrategy[Any]:
    """A value that its field may hold."""
    if binding.is_list:
        each = plain if binding.part is None else parts(binding.part)
        return st.lists(each, max_size=3).map(tuple)
    if binding.part is not None:
        return st.none() | parts(binding.part)
    by_reader = {
        values.whole: st.none() | wholes,
        values.real: st.none() | reals,
        values.moment: st.none() | moments,
    }
    return by_reader.get(binding.read, st.just("") | plain)  # type: ignore[arg-type]


def parts(cls: type) -> st.SearchStrategy[Any]:
    """An instance with at least one field set: an empty element in a list is an item all the same."""
    return st.fixed_dictionaries({}, optional={name: held(b) for name, b in bindings(cls).items()}).map(
        lambda found: cls(**found)
    )


def messages(cls: type[Message]) -> st.SearchStrategy[Message]:
    bound = {name: held(binding) for name, binding in bindings(cls).items()}
    envelope = {"sn": st.integers(1, 2**31 - 1), "device_id": st.from_regex(r"\A[0-9]{20}\Z")}
    return st.fixed_dictionaries(envelope, optional=bound).map(lambda found: cls(**found))


def of_edition(value: Any, edition: Edition) -> Any:
    """Without what the edition does not know: what must come back."""
    kept = {}
    for each in fields(value):
        binding, inside = each.metadata.get("binding"), getattr(value, each.name)
        if binding is None:
            kept[each.name] = inside
        elif binding.since <= edition <= binding.until or (binding.old_name and edition < binding.since):
            kept[each.name] = (
                tuple(of_edition(item, edition) if binding.part else item for item in inside)
                if binding.is_list
                else _or_none(of_edition(inside, edition))
                if binding.part and inside is not None
                else inside
            )
    return type(value)(**kept)


@pytest.mark.parametrize("cls", NAMES, ids=lambda cls: " ".join(NAMES[cls]))
@given(st.data(), st.sampled_from(Edition), st.sampled_from(Charset))
def test_every_message_is_read_as_it_was_written(
    cls: type[Message], data: st.DataObject, edition: Edition, charset: Charset
) -> None:
    sent = data.draw(messages(cls))
    body = manscdp.build(sent, edition=edition, charset=charset)
    if charset is not Charset.UTF8 and text.charset_of(body) is Charset.UTF8:
        return  # a short text of GB 18030 that happens to be UTF-8 too: nobody can tell
    assert manscdp.parse(body) == of_edition(sent, edition)


def _or_none(part: Any) -> Any:
    """An element with nothing in it counts as absent."""
    return None if part == type(part)() else part


tags = st.sampled_from(
    [
        *(b"<Notify>", b"</Notify>", b"<CmdType>Catalog</CmdType>", b"<SN>1</SN>", b"<Item>", b"</Item>"),
        *(b"<DeviceList Num='x'>", b"<Address>", b"<", b"&amp", b"&#0;", b"<![CDATA[", b"]]>", b"<!--"),
        *(b"<?x?>", b"<!DOCTYPE a>", b"\xff\xfe", b"\0"),
    ]
)
bodies = st.lists(st.binary(max_size=12) | tags, max_size=24).map(b"".join)
PARSERS: list[Callable[[bytes], Any]] = [
    manscdp.parse,
    mansrtsp.parse,
    sdp.parse,
    lambda body: ptz.parse(body.decode("latin-1")),
    lambda body: ids.kind(ids.cleaned(body.decode("latin-1"))),
    lambda body: ssrc.read(body.decode("latin-1")),
    lambda body: sdp.read_subject(body.decode("latin-1")),
    lambda body: Edition.of(body.decode("latin-1")),
]


@given(bodies | st.binary(max_size=300))
def test_only_peer_error_is_raised(body: bytes) -> None:
    for parse in PARSERS:
        with suppress(PeerError):
            parse(body)


@given(st.sampled_from(CORPUS), st.integers(0, 2000), st.binary(max_size=4))
def test_so_it_is_for_messages_cut_or_changed(path: Path, at: int, change: bytes) -> None:
    whole = path.read_bytes()
    at %= len(whole) + 1
    for body in (whole[:at], whole[at:], whole[:at] + change + whole[at + len(change) :]):
        with suppress(PeerError):
            manscdp.parse(body)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_corpus_costs_little(path: Path) -> None:
    tracemalloc.start()
    try:
        for parse in PARSERS:
            with suppress(PeerError):
                parse(path.read_bytes())
        assert tracemalloc.get_traced_memory()[1] < MEMORY_LIMIT
    finally:
        tracemalloc.stop()


digits = st.from_regex(r"\A[0-9]{16}\Z")


@given(st.binary(min_size=4, max_size=4))
def test_every_right_ptz_command_is_written_as_it_was(middle: bytes) -> None:
    head = bytes((0xA5, 0x0F, 0x01)) + middle[:3] + bytes((middle[3] & 0xF0,))
    written = (head + bytes((sum(head) & 0xFF,))).hex().upper()
    command = ptz.parse(written)
    if isinstance(command, ptz.Other):
        assert ptz.build(command) == written
    assert ptz.parse(ptz.build(command)) == command


sessions = st.builds(
    sdp.Session,
    owner=st.from_regex(r"\A[0-9]{20}\Z"),
    name=st.sampled_from([sdp.PLAY, sdp.PLAYBACK, sdp.DOWNLOAD, sdp.TALK]),
    address=st.sampled_from(["192.0.2.1", "2001:db8::1"]),
    kind=st.sampled_from(["video", "audio"]),
    port=st.integers(0, 65535),
    direction=st.sampled_from(["", "recvonly", "sendonly", "sendrecv"]),
    formats=st.sampled_from([(sdp.PS,), sdp.OFFERED, (sdp.PCMA,)]),
    ssrc=st.none() | st.integers(0, ssrc.MAX_SSRC),
    channel=st.sampled_from(["", "34020000001310000001"]),
    start=st.integers(0, 2_000_000_000),
    end=st.integers(0, 2_000_000_000),
    file_size=st.none() | st.integers(0, 10**17),
    stream_number=st.sampled_from(["", "0", "1"]),
    wish=st.none() | st.just(sdp.G711_TALK),
)


@given(sessions)
def test_descriptions_are_read_as_they_were_written(session: sdp.Session) -> None:
    assert sdp.parse(sdp.build(session)) == session


seconds = st.none() | st.integers(0, 10**7).map(lambda value: value / 8)
actions = st.builds(
    mansrtsp.Play, st.sampled_from([None, 0.25, 1.0, 4.0, -1.0]), seconds, seconds
) | st.sampled_from([mansrtsp.Pause(), mansrtsp.Teardown()])


@given(actions, st.integers(0, 2**31 - 1))
def test_mansrtsp_is_read_as_it_was_written(action: mansrtsp.Action, cseq: int) -> None:
    assert mansrtsp.parse(mansrtsp.build(mansrtsp.Request(action, cseq))) == mansrtsp.Request(action, cseq)
