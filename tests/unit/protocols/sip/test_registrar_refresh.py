"""Quirk 31: what is a refresh, and what a device that started anew."""

from typing import Any

import pytest

from bingjian.protocols.sip.registrar import REFRESH_FROM, Registrar
from tests.unit.protocols.sip.test_registrar import ELSEWHERE, SILENCE_S, new, registered
from tests.unit.protocols.sip.wire import DEVICE, TCP, UDP

EXPIRES_S = 3600.0
DUE_S = REFRESH_FROM * EXPIRES_S


def online(until: float) -> Registrar:
    """Registered at 0 with Call-ID c1, and heard until then."""
    registrar = new()
    registered(registrar)
    for second in range(0, int(until), 60):
        registrar.keep_alive(DEVICE, UDP, float(second))
        registrar.expire(float(second))
    return registrar


@pytest.mark.parametrize(("at", "fresh"), [(1.0, True), (DUE_S - 0.1, True), (DUE_S, False), (3600.0, False)])
@pytest.mark.parametrize("again", [{"call_id": "c2"}, {"cseq": 1}])
def test_quirk_31_a_new_call_id_is_a_start_before_a_refresh_is_due(
    at: float, fresh: bool, again: dict[str, Any]
) -> None:
    outcome = registered(online(at), now=at, **again)
    assert (outcome.fresh, outcome.doubtful, outcome.first) == (fresh, not fresh, False)


def test_quirk_31_one_that_follows_is_never_in_doubt() -> None:
    outcome = registered(online(DUE_S), now=DUE_S, cseq=3)
    assert (outcome.fresh, outcome.doubtful) == (False, False)


def test_quirk_31_a_device_that_was_offline_in_between_has_started_anew() -> None:
    registrar = online(DUE_S)
    registrar.expire(DUE_S + SILENCE_S)
    outcome = registered(registrar, now=DUE_S + SILENCE_S, call_id="c2")
    assert (outcome.fresh, outcome.doubtful) == (True, False)


@pytest.mark.parametrize("peer", [ELSEWHERE, TCP])
def test_quirk_31_so_has_one_that_comes_from_elsewhere_or_over_a_new_connection(peer: Any) -> None:
    outcome = registered(online(DUE_S), now=DUE_S, call_id="c2", peer=peer)
    assert (outcome.fresh, outcome.doubtful) == (True, False)


def test_quirk_31_each_refresh_counts_from_the_one_before() -> None:
    registrar = online(DUE_S)
    assert not registered(registrar, now=DUE_S, call_id="c2").fresh
    assert registered(registrar, now=DUE_S + 1.0, call_id="c3").fresh
