"""recvmmsg against Python's own sockets, which are real here."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bingjian.protocols.depacketize.base import Frames
from bingjian.streaming.sources.datagrams import BATCH_LIMIT, NONE, PLAIN_SIZE, shared
from bingjian.streaming.sources.udp import bound

HOSTS = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
LARGEST = {socket.AF_INET: 65_507, socket.AF_INET6: 65_487}  # of a datagram over IP without jumbograms


def packets(frames: Frames) -> list[bytes]:
    buffer, bounds = frames
    return [buffer[start:end] for start, end in bounds]


@contextmanager
def line(family: socket.AddressFamily, host: str, senders: int = 2) -> Iterator[list[socket.socket]]:
    """A port that listens, and who sends to it."""
    made = [bound(family, host, 0) for _ in range(senders + 1)]
    try:
        yield made
    finally:
        for one in made:
            one.close()


@pytest.mark.parametrize(("family", "host"), HOSTS)
def test_the_wanted_senders_datagrams_are_told_apart(family: socket.AddressFamily, host: str) -> None:
    with line(family, host) as (port, one, other):
        for sender, data in ((one, b"a"), (other, b"b" * 1400), (one, b""), (one, b"c" * LARGEST[family])):
            sender.sendto(data, port.getsockname())
        batch = shared(family)
        wanted, others, total = batch.receive(port, b"")
        assert packets(wanted) == []
        assert [len(data) for _, data in others] == [1, 1400, 0, LARGEST[family]]
        assert total == 1401 + LARGEST[family]
        assert batch.address(others[0][0]) == one.getsockname()
        assert batch.address(others[1][0]) == other.getsockname()

        one.sendto(b"d", port.getsockname())
        other.sendto(b"e", port.getsockname())
        wanted, left, total = batch.receive(port, others[0][0])
        assert (packets(wanted), left, total) == ([b"d"], [(others[1][0], b"e")], 2)


@pytest.mark.parametrize(("family", "host"), HOSTS)
@pytest.mark.parametrize("sizes", [(1400, 0, 12), (PLAIN_SIZE, 1), (PLAIN_SIZE + 1, 7), (9000, 1400, 9000)])
def test_datagrams_of_any_size_lie_whole_in_one_buffer(
    family: socket.AddressFamily, host: str, sizes: tuple[int, ...]
) -> None:
    with line(family, host, senders=1) as (port, one):
        one.sendto(b"", port.getsockname())
        batch = shared(family)
        name = batch.receive(port, b"")[1][0][0]
        sent = [random.randbytes(size) for size in sizes]
        for data in sent:
            one.sendto(data, port.getsockname())
        wanted, others, total = batch.receive(port, name)
        assert (packets(wanted), others, total) == (sent, [], sum(sizes))


@pytest.mark.parametrize(("family", "host"), HOSTS)
def test_a_host_is_a_part_of_a_name(family: socket.AddressFamily, host: str) -> None:
    with line(family, host) as (port, one, other):
        one.sendto(b"a", port.getsockname())
        other.sendto(b"b", port.getsockname())
        batch = shared(family)
        wanted, *_ = batch.receive(port, socket.inet_pton(family, host), batch.host)
        assert packets(wanted) == [b"a", b"b"]


def test_a_batch_has_an_end() -> None:
    with line(*HOSTS[0], senders=1) as (port, one):
        for number in range(BATCH_LIMIT + 3):
            one.sendto(number.to_bytes(2), port.getsockname())
        batch = shared(socket.AF_INET)
        counts = [len(batch.receive(port, b"")[1]) for _ in range(3)]
        assert counts == [BATCH_LIMIT, 3, 0]


def test_a_port_that_is_closed_gives_nothing() -> None:
    port = bound(socket.AF_INET, "127.0.0.1", 0)
    port.close()
    assert shared(socket.AF_INET).receive(port, b"") == (NONE, [], 0)


def test_what_was_received_is_not_overwritten_by_the_next() -> None:
    with line(*HOSTS[0], senders=1) as (port, one):
        one.sendto(b"first", port.getsockname())
        _, ((name, first),), _ = shared(socket.AF_INET).receive(port, b"")
        one.sendto(b"again", port.getsockname())
        wanted, _, _ = shared(socket.AF_INET).receive(port, name)
        one.sendto(b"other", port.getsockname())
        shared(socket.AF_INET).receive(port, name)
        assert (first, packets(wanted)) == (b"first", [b"again"])


def test_each_thread_has_its_own() -> None:
    seen = list[object]()
    thread = threading.Thread(target=lambda: seen.append(shared(socket.AF_INET)))
    thread.start()
    thread.join()
    assert seen[0] is not shared(socket.AF_INET)
    assert shared(socket.AF_INET) is shared(socket.AF_INET)
