"""The lease of a camera: who gives way to whom, and when it is over by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bingjian.access.control.lease import BEAT, PRECEDENCE, Controller, Lease, may_take, role_of
from bingjian.access.decisions import Role, Verb, allowed

NOW = datetime(2026, 1, 1, 4, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def controller(role: Role) -> Controller:
    return Controller(uuid4(), role.value, role, "", "192.0.2.7")


WATCHER = controller(Role.WATCHER)
LEASE = Lease(uuid4(), uuid4(), WATCHER, NOW, NOW, NOW + timedelta(hours=8), 7)


@pytest.mark.parametrize("has", PRECEDENCE)
@pytest.mark.parametrize("wants", PRECEDENCE)
def test_R27_2_only_a_higher_role_takes_over(has: Role, wants: Role) -> None:
    held = replace(LEASE, by=controller(has))
    assert may_take(held, controller(wants)) is (PRECEDENCE.index(wants) > PRECEDENCE.index(has))


def test_one_takes_it_from_oneself_and_what_nobody_has() -> None:
    assert may_take(LEASE, WATCHER)
    assert may_take(None, controller(Role.MAINTAINER))


def test_every_role_that_may_control_has_its_precedence() -> None:
    assert allowed(Verb.CONTROL) <= set(PRECEDENCE)
    assert role_of([Role.WATCHER, Role.PUBLIC_SECURITY, Role.AUDITOR]) is Role.PUBLIC_SECURITY
    with pytest.raises(ValueError, match="none"):
        role_of([Role.AUDITOR])


@pytest.mark.parametrize(
    ("after", "reason"),
    [(BEAT, None), (2 * BEAT - MOMENT, None), (2 * BEAT, None), (2 * BEAT + MOMENT, "silent")],
)
def test_two_lost_beats_end_it(after: timedelta, reason: str | None) -> None:
    assert LEASE.over(NOW + after) == reason


@pytest.mark.parametrize(
    ("after", "reason"), [(-MOMENT, None), (0 * MOMENT, None), (MOMENT, "session_ended")]
)
def test_the_end_of_the_session_ends_it(after: timedelta, reason: str | None) -> None:
    lease = replace(LEASE, beat=NOW + timedelta(hours=8))
    assert lease.over(lease.expires + after) == reason
