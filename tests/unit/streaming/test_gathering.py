"""The kernel gathers a stream while nobody watches: on real sockets, for the threshold is the kernel's."""

import select
import socket
from collections.abc import Iterator

import pytest

from bingjian.streaming.sources.gathering import (
    GATHER_S,
    LEAST_BYTES,
    MARGIN,
    MOST_BYTES,
    OBSERVE_S,
    REST_S,
    Gathering,
    Resting,
)

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """(camera, ours) of one TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        camera = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
    with camera, ours:
        yield camera, ours


def readable(ours: socket.socket, patience_s: float = 0.0) -> bool:
    return bool(select.select([ours], [], [], patience_s)[0])


def threshold(ours: socket.socket) -> int:
    return ours.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT)


def test_a_moment_of_the_stream_is_gathered_while_nobody_watches(ends: Ends) -> None:
    camera, ours = ends
    gathering = Gathering(ours)
    gathering.note(100_000, prompt=False)
    gathering.look(prompt=False, seconds=1)
    wanted = int(100_000 * GATHER_S)
    camera.sendall(bytes(wanted - 1))
    assert not readable(ours, 0.05)
    camera.sendall(b"\0")
    assert readable(ours, 5)


def test_whoever_watches_gets_each_picture_at_once(ends: Ends) -> None:
    camera, ours = ends
    gathering = Gathering(ours)
    gathering.note(100_000, prompt=False)
    gathering.look(prompt=False, seconds=1)
    gathering.note(12_000, prompt=True)
    assert threshold(ours) == 1
    gathering.look(prompt=True, seconds=1)
    camera.sendall(b"\0")
    assert readable(ours, 5)


def test_what_a_stream_leaves_when_it_rests_is_fetched_at_the_next_look(ends: Ends) -> None:
    camera, ours = ends
    gathering = Gathering(ours)
    gathering.note(100_000, prompt=False)
    gathering.look(prompt=False, seconds=1)
    camera.sendall(bytes(100))
    assert not readable(ours, 0.05)
    gathering.look(prompt=False, seconds=1)
    assert readable(ours, 5)


@pytest.mark.parametrize(
    ("per_second", "expected"),
    [
        (0, 1),
        (int(LEAST_BYTES / GATHER_S) - 10, 1),
        (int(LEAST_BYTES / GATHER_S) + 10, LEAST_BYTES + 1),
        (10**9, MOST_BYTES),
    ],
)
def test_bounds(ends: Ends, per_second: int, expected: int) -> None:
    _, ours = ends
    gathering = Gathering(ours)
    gathering.note(per_second, prompt=False)
    gathering.look(prompt=False, seconds=1)
    assert threshold(ours) == pytest.approx(expected, abs=1)


SECOND_NS = 10**9
OBSERVED_NS = int(OBSERVE_S * SECOND_NS)


def test_datagrams_rest_once_they_have_been_observed() -> None:
    resting = Resting(room_bytes=1_000_000)
    assert resting.rest_s(50_000, SECOND_NS, prompt=False) == 0
    assert resting.rest_s(5_000, SECOND_NS + OBSERVED_NS - 1, prompt=False) == 0
    assert resting.rest_s(5_000, SECOND_NS + OBSERVED_NS, prompt=False) == REST_S


def test_datagrams_rest_neither_for_who_watches_nor_when_nothing_comes() -> None:
    resting = Resting(room_bytes=1_000_000)
    resting.rest_s(5_000, 0, prompt=False)
    assert resting.rest_s(5_000, OBSERVED_NS, prompt=True) == 0
    assert resting.rest_s(0, OBSERVED_NS, prompt=False) == 0


def test_bursts_that_could_overflow_the_kernel_are_read_as_they_come() -> None:
    room = MARGIN * 100_000
    resting = Resting(room)
    for at_ns in (0, SECOND_NS // 20):  # one burst in two reads
        resting.rest_s(50_000, at_ns, prompt=False)
    assert resting.rest_s(5_000, OBSERVED_NS, prompt=False) == REST_S
    resting.rest_s(96_000, OBSERVED_NS + 1, prompt=False)
    assert resting.rest_s(5_000, 2 * OBSERVED_NS, prompt=False) == 0
