"""Deny by default, and the table as it stands."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.access.decisions import (
    ALLOWED,
    Actor,
    Grant,
    Refusal,
    Role,
    Verb,
    decide,
    forbidden_together,
    needs_grant,
)

NOW = datetime(2026, 1, 1, 4, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def actor(*roles: Role, enabled: bool = True) -> Actor:
    return Actor(uuid4(), "x", frozenset(roles), "zh", "127.0.0.1", enabled)


def test_every_verb_is_in_the_table() -> None:
    assert set(ALLOWED) == set(Verb)


@pytest.mark.parametrize("verb", Verb)
def test_R27_1_without_a_role_everything_is_refused(verb: Verb) -> None:
    answer = decide(actor(), verb, None, None, NOW, LATER)
    assert isinstance(answer, Refusal)
    assert answer.code == "R27.1"


def test_only_watchers_look_and_officers_who_need_a_grant() -> None:
    for role, verb in product(Role, (Verb.LIVE, Verb.PLAYBACK, Verb.PICTURE)):
        answer = decide(actor(role), verb, uuid4(), None, NOW, LATER)
        assert isinstance(answer, Grant) == (role in (Role.WATCHER, Role.OFFICER))


def test_R22_8_an_officer_needs_a_grant_unless_another_role_looks() -> None:
    for verb in (Verb.LIVE, Verb.PLAYBACK, Verb.PICTURE):
        assert needs_grant(actor(Role.OFFICER), verb)
        assert not needs_grant(actor(Role.OFFICER, Role.WATCHER), verb)
    assert needs_grant(actor(Role.OFFICER, Role.WATCHER), Verb.COPY)
    assert not needs_grant(actor(Role.CUSTODIAN), Verb.COPY)


def test_R27_4_who_keeps_accounts_does_not_audit() -> None:
    assert forbidden_together(frozenset({Role.SYSADMIN, Role.AUDITOR, Role.WATCHER}))
    assert forbidden_together(frozenset({Role.CUSTODIAN, Role.AUDITOR}))
    assert not forbidden_together(frozenset({Role.SYSADMIN, Role.WATCHER}))
    assert not forbidden_together(frozenset({Role.SYSADMIN, Role.CUSTODIAN}))
    assert not ALLOWED[Verb.JOURNAL_READ] & ALLOWED[Verb.PEOPLE_CHANGE]


@given(st.sets(st.sampled_from(Role)), st.sampled_from(Verb), st.integers(-2, 2), st.booleans())
def test_granted_exactly_when_enabled_in_time_and_named(
    roles: set[Role], verb: Verb, seconds_left: int, enabled: bool
) -> None:
    expires = NOW + timedelta(seconds=seconds_left)
    answer = decide(actor(*roles, enabled=enabled), verb, None, None, NOW, expires)
    wanted = enabled and seconds_left > 0 and bool(roles & ALLOWED[verb])
    assert isinstance(answer, Grant) == wanted
    if isinstance(answer, Grant):
        assert answer.expires == expires
