"""Looks through one worker: what the journal is owed of them, and what ends them."""

from dataclasses import replace

import pytest

from bingjian.streaming.ticket import (
    HEARTBEAT_SECONDS,
    OPEN_SECONDS,
    Kind,
    Ticket,
    TicketError,
    Turnstile,
    sign,
)
from bingjian.streaming.viewing import OVERDUE_S, TOLD_EVERY_S, Ending, Replayed, Viewings
from tests.unit.streaming.footage import SECOND, SetClock

KEY = b"k" * 32
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


class Looking:
    """One worker's looks, and a clock."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.revoked = set[str]()
        self.turnstile = Turnstile()
        self.viewings = Viewings(self.turnstile, self.clock, lambda ticket: ticket.grant in self.revoked)

    def ticket(self, entry: int = 7, kind: Kind = "playback", lasts_s: int = 3600, grant: str = "") -> str:
        now = self.clock.utc // SECOND
        made = Ticket(kind, "c", "main", 0, 0, "p", entry, now + OPEN_SECONDS, now + lasts_s)
        return sign(replace(made, grant=grant), KEY)

    def opened(self, entry: int = 7, kind: Kind = "playback", lasts_s: int = 3600, grant: str = "") -> str:
        text = self.ticket(entry, kind, lasts_s, grant)
        self.viewings.enter(text, KEY, HERE)
        return text

    def pass_s(self, seconds: int, *texts: str) -> None:
        """Second by second; these give signs of life."""
        for _ in range(seconds):
            self.clock.pass_ns(SECOND)
            for text in texts:
                self.viewings.renew(text)
            self.turnstile.sweep(self.clock.utc / 1e9)
            self.viewings.sweep()

    def acknowledge(self) -> None:
        """The journal has what it was owed."""
        owed = self.viewings.due(), self.viewings.ended()
        continued, ended = ({one.ticket.entry for one in some} for some in owed)
        self.viewings.told(continued, ended, ())

    def endings(self) -> list[tuple[int, Ending | None, int]]:
        return [(one.ticket.entry, one.ending, one.seconds) for one in self.viewings.ended()]


@pytest.fixture
def looking() -> Looking:
    return Looking()


def test_an_entry_is_due_every_minute_and_no_sooner(looking: Looking) -> None:
    text, due = looking.opened(), list[int]()
    for second in range(1, 4 * TOLD_EVERY_S):
        looking.pass_s(1, text)
        due += [second for _ in looking.viewings.due()]
        looking.acknowledge()
    assert due == [TOLD_EVERY_S, 2 * TOLD_EVERY_S, 3 * TOLD_EVERY_S]
    assert [one.seconds for one in looking.viewings.open()] == [4 * TOLD_EVERY_S - 1]


def test_R22_4_what_the_journal_does_not_know_of_is_shown_no_longer(looking: Looking) -> None:
    text = looking.opened()
    looking.pass_s(TOLD_EVERY_S + OVERDUE_S, text)
    assert looking.viewings.holds(text)
    looking.pass_s(1, text)
    assert not looking.viewings.holds(text)
    assert looking.endings() == [(7, "not_written", TOLD_EVERY_S + OVERDUE_S)]
    with pytest.raises(TicketError, match="has ended"):
        looking.viewings.enter(text, KEY, HERE)


def test_silence_ends_it_at_the_last_sign(looking: Looking) -> None:
    text = looking.opened()
    looking.pass_s(13, text)
    looking.pass_s(HEARTBEAT_SECONDS + 1)
    assert looking.endings() == [(7, "closed", 13)]


def test_the_last_connection_that_goes_ends_it_at_once(looking: Looking) -> None:
    text = looking.opened(kind="live")
    for _ in range(2):
        looking.viewings.joined(text)
    looking.pass_s(5)
    looking.viewings.left(text)
    assert looking.viewings.holds(text)
    looking.viewings.left(text)
    assert looking.endings() == [(7, "closed", 5)]


@pytest.mark.parametrize(("grant", "reason"), [("g", "grant_ended"), ("", "session_ended")])
def test_what_it_rests_on_ends(looking: Looking, grant: str, reason: str) -> None:
    text = looking.opened(lasts_s=30, grant=grant)
    looking.pass_s(31, text)
    assert looking.endings() == [(7, reason, 29)]


def test_a_revoked_grant_ends_it(looking: Looking) -> None:
    text = looking.opened(grant="g")
    looking.revoked.add("g")
    assert not looking.viewings.holds(text)
    looking.pass_s(1, text)
    assert looking.endings() == [(7, "revoked", 0)]


def test_whoever_has_no_session_is_dismissed(looking: Looking) -> None:
    mine, other = looking.opened(7), looking.opened(8)
    looking.viewings.told((), (), {7})
    looking.pass_s(1, mine, other)
    assert looking.endings() == [(7, "session_ended", 0)]
    assert looking.viewings.holds(other)


def test_an_end_is_told_until_it_is_written_down_and_the_ticket_stays_spent(looking: Looking) -> None:
    text = looking.opened(kind="live")
    looking.viewings.joined(text)
    looking.viewings.left(text)
    for _ in range(2):
        assert looking.endings() == [(7, "closed", 0)]
        looking.pass_s(1)
    looking.acknowledge()
    assert looking.endings() == []
    for _ in range(2 * OPEN_SECONDS):
        looking.pass_s(1)
        with pytest.raises(TicketError):
            looking.viewings.enter(text, KEY, HERE)
    assert looking.viewings.open() == []


def test_R31_4_nobody_goes_on_with_a_ticket_from_elsewhere(looking: Looking) -> None:
    text = looking.opened()
    with pytest.raises(Replayed):
        looking.viewings.enter(text, KEY, ELSEWHERE)
    assert looking.viewings.enter(text, KEY, HERE).entry == 7


def test_copies_are_fetched_by_programs_and_are_no_looks(looking: Looking) -> None:
    looking.opened(kind="clip")
    assert looking.viewings.open() == []


def test_what_a_process_of_our_own_fetches_is_no_look(looking: Looking) -> None:
    """The look that it fetches for is counted where the viewer is."""
    now = looking.clock.utc // SECOND
    made = Ticket("live", "c", "main", 0, 0, "imaging", 0, now + OPEN_SECONDS, now + 3600, service=True)
    text = sign(made, KEY)
    looking.viewings.enter(text, KEY, HERE)
    assert looking.viewings.open() == []
    looking.pass_s(2 * (TOLD_EVERY_S + OVERDUE_S), text)  # nobody owes the journal anything
    assert looking.viewings.holds(text)
    looking.pass_s(HEARTBEAT_SECONDS + 1)
    assert not looking.viewings.holds(text)
    assert looking.viewings.ended() == []


def test_what_a_process_of_our_own_fetches_ends_with_the_grant(looking: Looking) -> None:
    now = looking.clock.utc // SECOND
    made = Ticket("clip", "c", "main", 0, 0, "p", 7, now + OPEN_SECONDS, now + 60, grant="g", service=True)
    text = sign(made, KEY)
    looking.viewings.enter(text, KEY, HERE)
    assert looking.viewings.holds(text)
    looking.revoked.add("g")
    assert not looking.viewings.holds(text)
