"""Deny by default: every role × verb × place × what was proven, against a table written out by hand.

The columns of the requirements (section 4) are compared in ``rules/decisions/test_rights``; here is what the
verbs of our routes make of them, and what the platform has beside footage.
"""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.access.decisions import (
    ASKS,
    PLATFORM,
    Actor,
    Deed,
    Resource,
    Role,
    Verb,
    allowed,
    decide,
    forbidden_together,
    needs_grant,
)
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.library import law

NOW = datetime(2026, 1, 1, 4, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TICK = timedelta(microseconds=1)
HERE, BESIDE = "230102", "230103"
R = Role
ALL = set(Role)

# Of each verb: who may where the thing lies in their area; who may wherever it lies; who may if something
# beside is proven: a grant (g), a share (s), a work order (w), that a system is on trial (t).
AREA = {
    Verb.CAMERA_LIST: {R.WATCHER, R.SHIFT_LEAD, R.CUSTODIAN, R.REGISTRAR, R.OFFICER, R.PUBLIC_SECURITY},
    Verb.LIVE: {R.WATCHER, R.SHIFT_LEAD, R.PUBLIC_SECURITY},
    Verb.CONTROL: {R.WATCHER, R.SHIFT_LEAD, R.PUBLIC_SECURITY},
    Verb.TRIAL: {R.WATCHER, R.SHIFT_LEAD, R.PUBLIC_SECURITY},
    Verb.PLAYBACK: {R.WATCHER, R.SHIFT_LEAD, R.CUSTODIAN, R.PUBLIC_SECURITY},
    Verb.TIMELINE: {R.WATCHER, R.SHIFT_LEAD, R.CUSTODIAN, R.OFFICER, R.PUBLIC_SECURITY},
    Verb.RECORDING_READ: {
        R.WATCHER, R.SHIFT_LEAD, R.CUSTODIAN, R.REGISTRAR, R.PUBLIC_SECURITY, R.INSPECTOR,
    },
    Verb.MARK_LIST: {R.WATCHER, R.SHIFT_LEAD, R.CUSTODIAN, R.REGISTRAR, R.PUBLIC_SECURITY, R.INSPECTOR},
    Verb.MARK_SET: {R.WATCHER, R.SHIFT_LEAD, R.CUSTODIAN, R.PUBLIC_SECURITY},
    Verb.HOLD_RELEASE: set(),
    Verb.RETENTION_CHANGE: {R.CUSTODIAN, R.REGISTRAR},
    Verb.BASE_READ: {R.SHIFT_LEAD, R.REGISTRAR, R.PUBLIC_SECURITY, R.INSPECTOR, R.ARCHIVIST},
    Verb.OBSTRUCTION_ASK: {
        R.BUILDER, R.REGISTRAR, R.DEPARTMENT_USER, R.PUBLIC_SECURITY, R.INSPECTOR, R.ARCHIVIST,
    },
    Verb.JOURNAL_READ: {
        R.SHIFT_LEAD, R.CUSTODIAN, R.REGISTRAR, R.PUBLIC_SECURITY, R.INSPECTOR, R.ARCHIVIST,
    },
    Verb.REPORT_READ: {R.REGISTRAR, R.PUBLIC_SECURITY, R.INSPECTOR},
    Verb.CATALOGUE_READ: {
        R.CUSTODIAN, R.REGISTRAR, R.DEPARTMENT_USER, R.PUBLIC_SECURITY, R.INSPECTOR, R.GOVERNMENT,
    },
    Verb.DUTY_LIST: ALL - {R.SYSADMIN, R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR},
    Verb.DOCUMENT_READ: ALL
    - {R.SYSADMIN, R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR, R.WATCHER, R.TELECOM},
    Verb.DOCUMENT_ADD: ALL
    - {R.SYSADMIN, R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR, R.WATCHER},
}  # fmt: skip
AREA[Verb.PICTURE] = AREA[Verb.PLAYBACK]
AREA[Verb.HOLD_LIST] = AREA[Verb.MARK_LIST]
AREA[Verb.REGISTER_READ] = AREA[Verb.JOURNAL_PROVE] = AREA[Verb.JOURNAL_READ]
for same in (Verb.MARK_RELEASE, Verb.HOLD_SET, Verb.HOLD_VERIFY):
    AREA[same] = AREA[Verb.MARK_SET]
for register in (
    Verb.CAMERA_ADD, Verb.CAMERA_CHANGE, Verb.CAMERA_REMOVE, Verb.CAMERA_TEST, Verb.CAMERA_PAUSE,
    Verb.BASE_CHANGE, Verb.BASE_IMPORT,
):  # fmt: skip
    AREA[register] = {R.REGISTRAR}
WHOLE = {
    Verb.PEOPLE_LIST: {R.SYSADMIN},
    Verb.PEOPLE_CHANGE: {R.SYSADMIN},
    Verb.JOURNAL_READ: {R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR},
    Verb.REGISTER_READ: {R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR},
    Verb.RECORDING_READ: {R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR},
    Verb.MARK_LIST: {R.AUDITOR},
    Verb.HOLD_LIST: {R.AUDITOR},
    Verb.BASE_READ: {R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE},
    Verb.OBSTRUCTION_ASK: {R.PLANNER, R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE},
    Verb.ORGANISATION_CHANGE: {R.REGISTRAR, R.CITY_DATA_AUTHORITY},
    Verb.DUTY_LIST: {R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR},
    Verb.DUTY_RECOMPUTE: {R.REGISTRAR, R.WORKGROUP_OFFICE},
    Verb.DOCUMENT_READ: {R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR},
    Verb.DOCUMENT_ADD: {R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE},
    Verb.REPORT_READ: {R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR},
    Verb.CATALOGUE_READ: {R.CITY_DATA_AUTHORITY, R.WORKGROUP_OFFICE, R.AUDITOR},
    Verb.GRANT_READ: {
        R.CUSTODIAN, R.OFFICER, R.PUBLIC_SECURITY, R.DEPARTMENT_USER, R.INSPECTOR, R.DISCIPLINE_BODY,
    },
}  # fmt: skip
WHOLE[Verb.JOURNAL_PROVE] = WHOLE[Verb.JOURNAL_READ]
for common in (
    Verb.SESSION_READ, Verb.SESSION_END, Verb.ACCOUNT_READ, Verb.ACCOUNT_CHANGE, Verb.SYSTEM_READ,
    Verb.LAW_READ, Verb.ORGANISATION_LIST,
):  # fmt: skip
    WHOLE[common] = ALL
LIVE = {
    R.OFFICER: "grant", R.DEPARTMENT_USER: "share", R.MAINTAINER: "order",
    R.BUILDER: "order trial", R.CONSTRUCTION_UNIT: "order trial",
}  # fmt: skip
PLAYBACK = {
    R.OFFICER: "grant", R.DEPARTMENT_USER: "share", R.INSPECTOR: "grant", R.DISCIPLINE_BODY: "grant",
}  # fmt: skip
BESIDE_ROLE = {
    Verb.LIVE: LIVE,
    Verb.CONTROL: {R.MAINTAINER: "order"},
    Verb.TRIAL: LIVE,
    Verb.PLAYBACK: PLAYBACK,
    Verb.PICTURE: PLAYBACK,
    Verb.COPY: dict.fromkeys(
        (R.CUSTODIAN, R.OFFICER, R.DEPARTMENT_USER, R.PUBLIC_SECURITY, R.INSPECTOR), "grant"
    ),
    Verb.FORWARD: dict.fromkeys((R.CUSTODIAN, R.OFFICER, R.PUBLIC_SECURITY), "grant"),
    Verb.HOLD_RELEASE: dict.fromkeys((R.CUSTODIAN, R.PUBLIC_SECURITY), "area two"),
    Verb.BASE_READ: {R.MAINTAINER: "order"}
    | dict.fromkeys((R.BUILDER, R.CONSTRUCTION_UNIT, R.TELECOM), "own"),
} | {verb: {R.MAINTAINER: "order"} for verb in AREA if AREA[verb] == {R.REGISTRAR}}
PROVEN = ["", "grant", "share", "order", "trial", "order trial", "own", "two"]
PLACES = {"inside": HERE, "outside": BESIDE, "nowhere": None}
CASES = list(product(Verb, PLACES, PROVEN))


def actor(*roles: Role, areas: tuple[str, ...] = (HERE,)) -> Actor:
    return Actor(uuid4(), "x", frozenset(roles), "zh", "127.0.0.1", areas=areas)


def asked(
    who: Actor, verb: Verb | Deed, where: Resource, proven: str | None = None, until: datetime = LATER
) -> Grant | Refusal:
    told = None if proven is None else frozenset(proven.split())
    return decide(law(), who, verb, where, "duty", NOW, until, told)


def may(role: Role, verb: Verb, place: str, proven: str) -> bool:
    """By the table above."""
    met = set(proven.split()) | ({"area"} if place == "inside" else set())
    wanted = BESIDE_ROLE.get(verb, {}).get(role)
    if role in WHOLE.get(verb, ()) or (role in AREA.get(verb, ()) and "area" in met):
        return True
    if verb in {Verb.CAMERA_LIST, Verb.TIMELINE} and role is R.OFFICER:
        return "area" in met
    return wanted is not None and set(wanted.split()) <= met


@pytest.mark.parametrize("verb", Verb)
def test_R27_1_every_role_gets_exactly_what_the_table_says(verb: Verb) -> None:
    for place, proven in product(PLACES, PROVEN):
        where = Resource("c", PLACES[place])
        granted = {role for role in Role if isinstance(asked(actor(role), verb, where, proven), Grant)}
        assert granted == {role for role in Role if may(role, verb, place, proven)}, (place, proven)


@pytest.mark.parametrize("verb", Verb)
def test_R27_1_lists_show_ones_area_and_what_shows_more_wants_the_whole_city(verb: Verb) -> None:
    lists = "area" in ASKS[verb].proves
    for role in AREA.get(verb, set()) - WHOLE.get(verb, set()):
        answer = asked(actor(role), verb, PLATFORM)
        assert isinstance(answer, Grant) is lists, role
        assert isinstance(asked(actor(role, areas=("2301",)), verb, PLATFORM), Grant)


def test_R27_1_what_a_list_proves_counts_for_no_single_thing() -> None:
    for verb in Verb:
        for role in AREA.get(verb, set()) - WHOLE.get(verb, set()):
            assert isinstance(asked(actor(role), verb, Resource("c", BESIDE)), Refusal), (role, verb)


def test_every_verb_asks_for_an_act() -> None:
    assert set(ASKS) == set(Verb)


@pytest.mark.parametrize("verb", Verb)
def test_R27_1_without_a_role_everything_is_refused(verb: Verb) -> None:
    answer = asked(actor(), verb, PLATFORM)
    assert isinstance(answer, Refusal)
    assert answer.code == "R27.1"


def test_R27_1_a_step_is_for_the_roles_that_it_names() -> None:
    deed = Deed("plan.approve", frozenset({R.GOVERNMENT}))
    granted = {role for role in Role if isinstance(asked(actor(role), deed, PLATFORM), Grant)}
    assert granted == allowed(deed) == {R.GOVERNMENT}


@pytest.mark.parametrize(("left", "granted"), [(-TICK, False), (0 * TICK, True), (TICK, True)])
def test_R27_1_a_role_ends_with_the_session(left: timedelta, granted: bool) -> None:
    for verb in (Verb.LAW_READ, Deed("a.b", frozenset({R.WATCHER}))):
        answer = asked(actor(R.WATCHER), verb, PLATFORM, until=NOW + left)
        assert isinstance(answer, Grant) is granted


def test_R22_8_who_looks_by_a_grant_alone() -> None:
    for verb in (Verb.LIVE, Verb.PLAYBACK, Verb.PICTURE):
        assert needs_grant(actor(R.OFFICER), verb)
        assert not needs_grant(actor(R.OFFICER, R.WATCHER), verb)
    for role in Role:
        assert needs_grant(actor(role), Verb.COPY)


def test_R27_4_who_keeps_accounts_does_not_audit() -> None:
    assert forbidden_together(frozenset({R.SYSADMIN, R.AUDITOR, R.WATCHER}))
    assert forbidden_together(frozenset({R.CUSTODIAN, R.AUDITOR}))
    assert not forbidden_together(frozenset({R.SYSADMIN, R.WATCHER}))
    assert not forbidden_together(frozenset({R.SYSADMIN, R.CUSTODIAN}))
    for pair in ((R.SYSADMIN, R.AUDITOR), (R.CUSTODIAN, R.AUDITOR)):
        assert isinstance(asked(actor(*pair), Verb.BASE_READ, PLATFORM), Refusal)
    assert not allowed(Verb.JOURNAL_READ) & allowed(Verb.PEOPLE_CHANGE)


@given(st.sets(st.sampled_from(Role)), st.sampled_from(CASES))
def test_roles_together_may_what_one_of_them_may(roles: set[Role], case: tuple[Verb, str, str]) -> None:
    verb, place, proven = case
    answer = asked(actor(*roles), verb, Resource("c", PLACES[place]), proven)
    alone = any(may(role, verb, place, proven) for role in roles)
    assert isinstance(answer, Grant) == (alone and not forbidden_together(frozenset(roles)))
