"""SSRCs by the rule, and none twice too soon."""

import pytest

from bingjian.protocols.gb28181 import ssrc

DOMAIN = "3402010203"


def test_the_rule() -> None:
    assert ssrc.written(ssrc.make(DOMAIN, 17, history=False)) == "0201020017"
    assert ssrc.written(ssrc.make(DOMAIN, 9999, history=True)) == "1201029999"
    for domain, serial in (("34", 1), (DOMAIN, 10_000), (DOMAIN, -1)):
        with pytest.raises(ValueError):
            ssrc.make(domain, serial, history=False)


def test_reading() -> None:
    assert ssrc.read(" 0201020017 ") == ssrc.read("201020017") == 201020017
    assert [ssrc.read(text) for text in ("", "x", "12345678901", "4294967296")] == [None] * 4


def test_what_was_given_back_rests() -> None:
    pool = ssrc.Pool(DOMAIN, first=9999)
    first = pool.take(0, history=False)
    assert (first % 10_000, pool.take(0, history=True) % 10_000) == (9999, 0)
    for _ in range(ssrc.SERIALS - 2):
        pool.take(0, history=False)
    with pytest.raises(ssrc.NoSsrcLeft):
        pool.take(0, history=False)
    pool.give_back(first, now=100)
    with pytest.raises(ssrc.NoSsrcLeft):
        pool.take(100 + ssrc.QUARANTINE_S - 0.01, history=False)
    assert pool.take(100 + ssrc.QUARANTINE_S, history=False) == first


def test_an_ssrc_of_another_domain_frees_none_of_ours() -> None:
    pool = ssrc.Pool(DOMAIN)
    mine = pool.take(0, history=False)
    pool.give_back(mine + ssrc.SERIALS, 0)
    for _ in range(ssrc.SERIALS - 1):
        pool.take(0, history=False)
    with pytest.raises(ssrc.NoSsrcLeft):
        pool.take(1000, history=False)


def test_foreign_and_repeated_returns_change_nothing() -> None:
    pool = ssrc.Pool(DOMAIN)
    mine = pool.take(0, history=False)
    pool.give_back(mine + 10_000, 0)
    pool.give_back(mine, 0)
    pool.give_back(mine, 50)
    assert pool.take(ssrc.QUARANTINE_S, history=False) != mine
    for _ in range(ssrc.SERIALS - 2):
        pool.take(0, history=False)
    assert pool.take(ssrc.QUARANTINE_S, history=False) == mine


def test_one_of_before_our_restart_is_held() -> None:
    pool = ssrc.Pool(DOMAIN, first=17)
    before = ssrc.make(DOMAIN, 17, history=False)
    assert pool.hold(before) == before
    assert pool.hold(before) is None, "somebody has it"
    assert pool.take(0, history=False) == before + 1
    pool.give_back(before, 0)
    assert pool.hold(before) == before, "while it rests: its stream has never ended"
    assert pool.hold(None) is None
    assert pool.hold(before + ssrc.SERIALS) is None, "of another domain"
