"""Ports for media: their rest, and what is left when they are all in use."""

import socket

import pytest

from bingjian.streaming.sources.media_ports import QUARANTINE_S, MediaPorts, NoPortLeft

HOST = "127.0.0.1"


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def utc_ns(self) -> int:
        return self.monotonic_ns()

    def monotonic_ns(self) -> int:
        return round(self.seconds * 1e9)


def some_free(count: int) -> int:
    """The first of so many free ports in a row, far from where the kernel takes its own."""
    for first in range(20_000, 30_000, count):
        try:
            with MediaPorts(Hand(), HOST, first, count).lease():
                return first
        except NoPortLeft:
            continue
    raise AssertionError("no free ports")


def test_a_port_is_open_for_both_and_closed_after() -> None:
    with MediaPorts(Hand(), HOST).lease() as port:
        assert port.tcp.getsockname() == port.udp.getsockname() == (HOST, port.number)
    assert port.tcp.fileno() == port.udp.fileno() == -1


def test_quirk_5_a_port_rests_before_it_is_used_again() -> None:
    hand = Hand()
    ports = MediaPorts(hand, HOST, some_free(1), 1)
    with ports.lease() as first:
        pass
    hand.seconds += QUARANTINE_S - 0.1
    with pytest.raises(NoPortLeft), ports.lease():
        pass
    hand.seconds += 0.2
    with ports.lease() as second:
        assert second.number == first.number


def test_all_in_use() -> None:
    ports = MediaPorts(Hand(), HOST, some_free(2), 2)
    with ports.lease() as one, ports.lease() as other:
        assert one.number != other.number
        assert ports.in_use == 2
        with pytest.raises(NoPortLeft), ports.lease():
            pass
    assert ports.in_use == 0


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["tcp", "udp"])
def test_a_port_that_another_program_has_is_passed_over(kind: socket.SocketKind) -> None:
    first = some_free(2)
    ports = MediaPorts(Hand(), HOST, first, 2)
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind((HOST, first))
        if kind == socket.SOCK_STREAM:
            other.listen()
        with ports.lease() as port:
            assert port.number == first + 1
    with ports.lease() as port:
        assert port.number == first, "once it is free it serves"


def test_a_failure_inside_gives_the_port_back() -> None:
    ports = MediaPorts(Hand(), HOST)
    with pytest.raises(ValueError, match="inside"), ports.lease() as port:
        raise ValueError("inside")
    assert ports.in_use == 0
    assert port.udp.fileno() == -1
