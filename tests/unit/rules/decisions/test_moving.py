"""Moving, removing and turning cameras: notice, plan, the registered view."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from math import inf

import pytest

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.moving import (
    Camera,
    Notice,
    Plan,
    Shift,
    Sweep,
    is_notice_early_enough,
    is_notice_valid,
    is_view_unchanged,
    may_be_home,
    may_change_view,
    may_leave_home,
    may_move,
    may_roam,
    may_turn,
    may_turn_unseen,
    may_wait_before_home,
    must_go_home,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, third, told, told_zh
from tests.unit.rules.times import SECOND, beijing

CAMERA = Camera("C1", "管理处", is_article8=True)
VOLUNTARY = replace(CAMERA, is_article8=False)
NOTICE = Notice(
    reason="urban_construction",
    document="城建〔2026〕8 号",
    necessity="",
    plan=Plan("rebuild", "北门广场", date(2026, 4, 30)),
    receiver="管理处",
    received=beijing("2026-03-01 23:59:59"),
    planned=beijing("2026-03-31 00:00:00"),
    acknowledged=beijing("2026-03-02"),
)
START = beijing("2026-03-31 09:00:00")


def test_R19_1_nothing_moves_without_a_notice() -> None:
    assert codes(may_move(law(), CAMERA, NOTICE, START)) == []
    assert codes(may_move(law(), CAMERA, None, START)) == ["R19.1", "R19.6"]  # 19¶1 and 19¶2


@pytest.mark.parametrize(
    ("acknowledged", "expected"), [(None, ["R19.1"]), (START + SECOND, ["R19.1"]), (START, [])]
)
def test_R19_1_the_managing_unit_acknowledges_first(
    acknowledged: datetime | None, expected: list[str]
) -> None:
    assert codes(may_move(law(), CAMERA, replace(NOTICE, acknowledged=acknowledged), START)) == expected


def test_R19_1_a_notice_is_no_request_and_an_objection_no_bar() -> None:
    assert codes(may_move(law(), CAMERA, replace(NOTICE, objection="不同意"), START)) == []


def test_R19_1_a_voluntary_camera_outside_article_8_may_move() -> None:
    assert may_move(law(), VOLUNTARY, None, START) == Grant(())


def test_R19_1_cites_the_decree_beside_it() -> None:
    answer = may_move(law(), CAMERA, NOTICE, START)
    assert isinstance(answer, Grant)
    assert {"19¶1", "N23", "19¶2"} == {str(article) for article in answer.articles}


FIELDS = ("position", "direction", "coverage")


@pytest.mark.parametrize("field", FIELDS)
def test_R19_2_three_fields_are_locked(field: str) -> None:
    answer = may_change_view(law(), CAMERA, {field}, None, True, START)
    assert codes(answer) == ["R19.1", "R19.2", "R19.6"]
    assert codes(may_change_view(law(), CAMERA, {field}, NOTICE, True, START)) == []
    assert codes(may_change_view(law(), VOLUNTARY, {field}, None, True, START)) == []


def test_R19_2_names_the_fields_and_keeps_the_values_before() -> None:
    answer = may_change_view(law(), CAMERA, {"coverage", "position", "name"}, None, True, START)
    assert "not to be changed at will: position, lens coverage" in told(answer)
    assert codes(may_change_view(law(), CAMERA, {"coverage"}, NOTICE, False, START)) == ["R19.2"]


def test_R19_2_what_is_not_locked_may_change() -> None:
    assert codes(may_change_view(law(), CAMERA, {"name", "brightness"}, None, False, START)) == []
    wider = law().adding(third(code=("locked_view", "brightness")))
    assert "R19.2" in codes(may_change_view(wider, CAMERA, {"brightness"}, None, True, START))


@pytest.mark.parametrize(
    ("percent", "seconds", "idle", "expected"),
    [
        (10, 3600, None, []),
        (10.1, 60, None, []),
        (10.1, 60.5, None, ["R19.3"]),
        (50, 59, None, []),
        (50, 61, None, ["R19.3"]),
        (50, 600, 0, []),  # an authorised session turned it
        (50, 600, 299, []),
        (50, 600, 300, ["R19.3"]),  # it did not go home
        (0, 600, 300, []),  # it did
    ],
)
def test_R19_3_a_view_shifted_far_and_long_enough(
    percent: float, seconds: float, idle: float | None, expected: list[str]
) -> None:
    assert codes(is_view_unchanged(law(), CAMERA, Shift(percent, seconds, idle))) == expected


@pytest.mark.parametrize(("idle", "home"), [(299, False), (299.9, False), (300, True), (301, True)])
def test_R19_4_home_after_idle_time(idle: float, home: bool) -> None:
    assert must_go_home(law(), idle) is home


SWEEP = Sweep(pan_from=300, pan_width=120, tilt_least=-60, tilt_most=0, zoom_most=20)


@pytest.mark.parametrize(
    ("pan", "tilt", "zoom", "expected"),
    [
        (299, -10, 1, ["R19.4"]),
        (300, -10, 1, []),
        (359, -10, 1, []),
        (0, -10, 1, []),
        (60, -10, 1, []),
        (61, -10, 1, ["R19.4"]),
        (-30, -10, 1, []),  # 330
        (0, 1, 1, ["R19.4"]),
        (0, 0, 20, []),
        (0, -61, 1, ["R19.4"]),
        (0, -60, 20.1, ["R19.4"]),
    ],
)
def test_R19_4_inside_the_registered_sweep(pan: float, tilt: float, zoom: float, expected: list[str]) -> None:
    assert codes(may_turn(law(), SWEEP, pan, tilt, zoom)) == expected


def test_R19_4_names_what_goes_beyond_in_one_refusal() -> None:
    assert told_zh(may_turn(law(), SWEEP, 100, 5, 30)) == "超出登记的云台范围：水平 100°、俯仰 5°、变倍 30"
    assert codes(may_turn(law(), replace(SWEEP, pan_width=360), 100, 0, 1)) == []


WHOLE = Sweep(pan_from=0, pan_width=360, tilt_least=-90, tilt_most=90, zoom_most=inf)


@pytest.mark.parametrize(
    ("sweep", "axes", "expected"),
    [
        (None, {"pan"}, ["R19.4"]),
        (None, set(), []),  # it stops
        (WHOLE, {"pan", "tilt", "zoom"}, []),
        (replace(WHOLE, pan_width=359.9), {"pan"}, ["R19.4"]),
        (replace(WHOLE, pan_width=359.9), {"tilt", "zoom"}, []),
        (replace(WHOLE, tilt_most=89), {"tilt"}, ["R19.4"]),
        (replace(WHOLE, tilt_least=-89), {"tilt"}, ["R19.4"]),
        (replace(WHOLE, zoom_most=30), {"zoom"}, ["R19.4"]),
        (replace(WHOLE, zoom_most=30), {"pan"}, []),
    ],
)
def test_R19_4_who_does_not_know_where_it_looks_turns_only_inside_a_whole_sweep(
    sweep: Sweep | None, axes: set[str], expected: list[str]
) -> None:
    assert codes(may_turn_unseen(law(), sweep, axes)) == expected


@pytest.mark.parametrize(
    ("sweep", "expected"),
    [
        (None, ["R19.4"]),
        (Sweep(0, 359.9, -90, 90, inf), ["R19.4"]),
        (Sweep(10, 360, -90, 90, inf), []),
        (Sweep(10, 360, 0, 0, 1), []),
    ],
)
def test_R19_4_to_and_fro_between_edges_that_nobody_knows(sweep: Sweep | None, expected: list[str]) -> None:
    assert codes(may_roam(law(), sweep)) == expected


@pytest.mark.parametrize(("more", "expected"), [(-1, []), (0, []), (1, ["R19.4"])])
def test_R19_4_a_camera_goes_home_by_itself_no_later_than_the_platform_has_it(
    more: int, expected: list[str]
) -> None:
    assert codes(may_wait_before_home(law(), law().number("ptz.idle") + more)) == expected


@pytest.mark.parametrize(("more", "expected"), [(-1, []), (0, []), (0.001, ["R19.4"])])
def test_R19_4_only_the_registered_view_is_home(more: float, expected: list[str]) -> None:
    assert codes(may_be_home(law(), law().number("view_shift.share") + more)) == expected


@pytest.mark.parametrize(("has_home", "expected"), [(True, []), (False, ["R19.4"])])
def test_R19_4_only_what_can_go_home_is_turned_away(has_home: bool, expected: list[str]) -> None:
    assert codes(may_leave_home(law(), has_home)) == expected


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 0),
        ({"reason": "use_change"}, 0),
        ({"reason": "convenience"}, 1),
        ({"reason": ""}, 1),
        ({"document": " "}, 1),
        ({"reason": "convenience", "document": ""}, 2),
        ({"reason": "other_necessary"}, 1),
        ({"reason": "other_necessary", "necessity": "管线抢修必须让出该处"}, 0),
    ],
)
def test_R19_5_a_reason_with_its_document(change: dict[str, object], count: int) -> None:
    assert codes(may_move(law(), CAMERA, replace(NOTICE, **change), START)) == ["R19.5"] * count  # type: ignore[arg-type]


def test_R19_5_another_edition_may_know_another_reason() -> None:
    notice = replace(NOTICE, reason="flood")
    wider = law().adding(third(code=("relocation_reason", "flood")))
    assert codes(may_move(law(), CAMERA, notice, START)) == ["R19.5"]
    assert codes(may_move(wider, CAMERA, notice, START)) == []


@pytest.mark.parametrize(
    ("planned", "expected"),
    [
        ("2026-03-30 23:59:59", ["R19.6"]),  # 29 days
        ("2026-03-31 00:00:00", []),  # 30
        ("2026-04-01 00:00:00", []),
    ],
)
def test_R19_6_thirty_days_from_receipt(planned: str, expected: list[str]) -> None:
    notice = replace(NOTICE, planned=beijing(planned))
    assert codes(is_notice_early_enough(law(), notice)) == expected


@pytest.mark.parametrize(
    ("received", "planned", "expected"),
    [
        ("2028-02-28", "2028-03-29", []),  # over 29 February
        ("2028-02-28", "2028-03-28", ["R19.6"]),
        ("2027-02-28", "2027-03-30", []),
        ("2026-12-02", "2027-01-01", []),
        ("2026-12-03", "2027-01-01", ["R19.6"]),
    ],
)
def test_R19_6_over_leap_days_and_year_ends(received: str, planned: str, expected: list[str]) -> None:
    notice = replace(NOTICE, received=beijing(received), planned=beijing(planned), acknowledged=None)
    assert codes(is_notice_early_enough(law(), notice)) == expected


def test_R19_6_the_numbers_of_the_case_and_a_longer_term_elsewhere() -> None:
    early = replace(NOTICE, planned=beijing("2026-03-30"))
    assert told(is_notice_early_enough(law(), early)) == (
        "29 days from receipt to the planned works, at least 30 are needed"
    )
    longer = law().adding(third(number=("relocation.notice", 45, "days", "least")))
    assert codes(is_notice_early_enough(longer, NOTICE)) == ["E1"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [("2026-03-30 23:59:59", ["R19.6"]), ("2026-03-31 00:00:00", []), ("2026-04-15", [])],
)
def test_R19_6_works_do_not_begin_before_their_day(start: str, expected: list[str]) -> None:
    assert codes(may_move(law(), CAMERA, NOTICE, beijing(start))) == expected


PLAN = Plan("replacement", "北门广场", date(2026, 4, 1))


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"plan": PLAN}, 0),
        ({"plan": None}, 2),
        ({"plan": replace(PLAN, kind="later")}, 1),
        ({"plan": replace(PLAN, area=" ")}, 1),
        ({"plan": replace(PLAN, day=None)}, 1),
        ({"receiver": "另一单位"}, 1),
        ({"receiver": ""}, 1),
    ],
)
def test_R19_7_a_plan_sent_to_the_managing_unit(change: dict[str, object], count: int) -> None:
    assert codes(is_notice_valid(law(), CAMERA, replace(NOTICE, **change))) == ["R19.7"] * count  # type: ignore[arg-type]


def test_R19_7_nobody_manages_the_camera_nobody_can_be_told() -> None:
    lost = replace(CAMERA, managing_unit="")
    assert codes(is_notice_valid(law(), lost, replace(NOTICE, receiver=""))) == ["R19.7"]


def test_all_refusals_of_a_move_come_together_lowest_first() -> None:
    notice = Notice("", "", "", None, "另一单位", NOTICE.received, NOTICE.received + timedelta(days=1))
    answer = may_move(law(), CAMERA, notice, NOTICE.received)
    assert codes(answer) == ["R19.1", *["R19.5"] * 2, *["R19.6"] * 2, *["R19.7"] * 3]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for wrong in (
        {"acknowledged": NOTICE.received - SECOND},
        {"planned": NOTICE.planned.replace(tzinfo=None)},
    ):
        with pytest.raises(UsageError):
            replace(NOTICE, **wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        may_move(law(), CAMERA, NOTICE, START.replace(tzinfo=None))
    for percent, seconds, idle in ((-1, 1, None), (101, 1, None), (1, -1, None), (1, 1, -1)):
        with pytest.raises(UsageError):
            Shift(percent, seconds, idle)
    for change in ({"pan_width": 361}, {"pan_width": -1}, {"tilt_least": 1}, {"zoom_most": 0}):
        with pytest.raises(UsageError):
            replace(SWEEP, **change)  # type: ignore[arg-type]
    Shift(0, 0, 0), Shift(100, 1, None)  # in order, as these are
    narrow = replace(SWEEP, pan_width=0, tilt_least=-5, tilt_most=-5, zoom_most=1)
    assert codes(may_turn(law(), narrow, 300, -5, 1)) == []
    assert replace(NOTICE, acknowledged=NOTICE.received).acknowledged == NOTICE.received
    with pytest.raises(UsageError):
        may_turn(law(), SWEEP, float("nan"), 0, 1)
    with pytest.raises(UsageError):
        must_go_home(law(), -1)
