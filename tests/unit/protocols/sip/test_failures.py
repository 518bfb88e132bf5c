import pytest

from bingjian.protocols.sip import failures
from bingjian.protocols.sip.failures import (
    BLOCK_S,
    DEVICE_LIMIT,
    PAIR_LIMIT,
    SOURCE_LIMIT,
    WINDOW_S,
    Failures,
    network,
)


def waits(table: Failures, device: str, host: str, now: float, *, at_home: bool = False) -> bool:
    return table.wait_s(device, host, now, at_home=at_home) > 0


def test_a_device_that_fails_again_and_again_waits() -> None:
    table = Failures()
    firsts = [table.failed("a", "192.0.2.1", 0.0) for _ in range(PAIR_LIMIT - 1)]
    assert firsts == [True, False, False, False]
    assert not waits(table, "a", "192.0.2.1", 0.0)
    table.failed("a", "192.0.2.1", 1.0)
    assert table.wait_s("a", "192.0.2.1", 1.0, at_home=True) == BLOCK_S
    assert waits(table, "a", "192.0.2.1", 1.0 + BLOCK_S - 0.001)
    assert not waits(table, "a", "192.0.2.1", 1.0 + BLOCK_S)
    assert not waits(table, "b", "192.0.2.1", 1.0)


def test_failures_apart_are_forgotten() -> None:
    table = Failures()
    for n in range(20):
        assert table.failed("a", "192.0.2.1", n * WINDOW_S / (PAIR_LIMIT - 2)) == (n % (PAIR_LIMIT - 2) == 0)
    assert not waits(table, "a", "192.0.2.1", 20 * WINDOW_S / (PAIR_LIMIT - 2))


def test_one_source_trying_many_devices() -> None:
    table = Failures()
    for n in range(SOURCE_LIMIT):
        assert not waits(table, "new", "192.0.2.1", 0.0)
        table.failed(str(n), "192.0.2.1", 0.0)
    assert waits(table, "new", "192.0.2.1", 0.0)
    assert not waits(table, "new", "192.0.2.1", 0.0, at_home=True)
    assert not waits(table, "new", "192.0.2.2", 0.0)


def test_many_sources_trying_one_device_do_not_keep_it_out() -> None:
    table = Failures()
    for n in range(DEVICE_LIMIT):
        table.failed("a", f"198.51.100.{n}", 0.0)
    assert waits(table, "a", "203.0.113.1", 0.0)
    assert not waits(table, "a", "192.0.2.1", 0.0, at_home=True)
    assert not waits(table, "b", "203.0.113.1", 0.0)


def test_a_new_password_is_tried_at_once() -> None:
    table = Failures()
    for _ in range(PAIR_LIMIT):
        table.failed("a", "192.0.2.1", 0.0)
    table.forgive("a")
    assert not waits(table, "a", "192.0.2.1", 0.0)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "ENTRY_LIMIT", 30)
    table = Failures()
    for n in range(1_000):
        table.failed(str(n), f"host-{n}", 0.0)
    assert len(table._counts) <= 30


@pytest.mark.parametrize(
    ("host", "party"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no:address", "no:address"),
    ],
)
def test_what_one_party_has(host: str, party: str) -> None:
    assert network(host) == party
