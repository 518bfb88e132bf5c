"""Tickets: what opens, what does not, and for how long."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.streaming.ticket import (
    HEARTBEAT_SECONDS,
    MAX_TICKET_LENGTH,
    OPEN_SECONDS,
    Ticket,
    TicketError,
    Turnstile,
    redact,
    sign,
    verify,
)

KEY = b"k" * 32
NOW = 1_700_000_000
TICKET = Ticket("live", "c1", "main", 0, 0, "p1", 7, NOW + OPEN_SECONDS, NOW + 3600)


def test_what_was_signed_is_what_is_verified() -> None:
    text = sign(TICKET, KEY)
    assert verify(text, KEY, NOW) == TICKET
    assert len(text) < MAX_TICKET_LENGTH / 2
    assert "/" not in text


@given(st.integers(0, 400), st.integers(1, 255))
def test_any_changed_character_is_noticed(position: int, change: int) -> None:
    text = sign(TICKET, KEY)
    at = position % len(text)
    changed = text[:at] + chr(ord(text[at]) ^ change) + text[at + 1 :]
    with pytest.raises(TicketError):
        verify(changed, KEY, NOW)


@given(st.text(max_size=50))
def test_garbage_is_a_ticket_error(text: str) -> None:
    with pytest.raises(TicketError):
        verify(text, KEY, NOW)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(TicketError, match="signature"):
        verify(sign(TICKET, KEY), b"other", NOW)


def test_must_be_opened_in_time() -> None:
    text = sign(TICKET, KEY)
    with pytest.raises(TicketError, match="in time"):
        Turnstile().enter(text, KEY, NOW + OPEN_SECONDS)


def test_lives_while_heartbeats_come_and_at_most_its_grant() -> None:
    text, turnstile = sign(TICKET, KEY), Turnstile()
    for now in range(NOW, NOW + 3600, HEARTBEAT_SECONDS):
        assert turnstile.enter(text, KEY, now) == TICKET
    assert turnstile.alive(text, TICKET, NOW + 3599)
    assert not turnstile.alive(text, TICKET, NOW + 3600)
    with pytest.raises(TicketError, match="expired"):
        turnstile.enter(text, KEY, NOW + 3600)


@pytest.mark.parametrize("swept", [True, False])
def test_silence_ends_it_for_good(swept: bool) -> None:
    text, turnstile = sign(TICKET, KEY), Turnstile()
    turnstile.enter(text, KEY, NOW)
    for pause in (HEARTBEAT_SECONDS + 1, 50, 100, 1000):
        if swept:
            turnstile.sweep(NOW + pause)
        assert not turnstile.alive(text, TICKET, NOW + pause)
        with pytest.raises(TicketError):
            turnstile.enter(text, KEY, NOW + pause)


def test_a_worker_takes_so_many_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.streaming.ticket.MAX_OPENED", 2)
    turnstile = Turnstile()
    tickets = [sign(replace(TICKET, entry=entry), KEY) for entry in range(3)]
    for text in tickets[:2]:
        turnstile.enter(text, KEY, NOW)
    with pytest.raises(TicketError, match="too many"):
        turnstile.enter(tickets[2], KEY, NOW)


def test_logs_never_show_a_ticket() -> None:
    assert redact(f"/m/{sign(TICKET, KEY)}/live") == "/m/…/live"
    assert redact("/healthz") == "/healthz"
