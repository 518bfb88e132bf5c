"""Another city's measure, written as data alone, changes what is decided and what is cited.

It has one more prohibited place, one more department, a term of 60 days, and three officers instead of two.
"""

from datetime import datetime

import pytest

from bingjian.rules.decision import Grant, all_of
from bingjian.rules.decisions.keeping import Receipt, is_receipt_good
from bingjian.rules.decisions.records import CameraFile, may_list
from bingjian.rules.decisions.retention import (
    Keeping,
    OtherLaw,
    days_to_keep,
    default_term,
    may_remove,
    may_set_term,
)
from bingjian.rules.decisions.staffing import Rules, has_management_systems
from bingjian.rules.law import Law
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, reasons
from tests.unit.rules.fictitious import code, edition, parameter
from tests.unit.rules.times import beijing

THIRD = edition(
    parameter("retention.default", 60, "days", "least"),
    parameter("access.min_officers", 3, "persons", "least"),
    parameter("systems.required", 6, "items", "least"),
    parameter("camera.intact_rate", 98, "percent", "least"),
    code("prohibited_place", "prayer_room", "祈祷室", "prayer room", article=1),
    code("plan_department", "forestry", "林业和草原部门", "forestry department"),
    code("department", "forestry", "林业和草原部门", "forestry department"),
    code("management_system", "emergency_drill", "应急演练", "emergency drills"),
    code("register_field", "case_number", "案件编号", "case number"),
)
THREE = law().adding(THIRD)
END = beijing("2026-03-01 12:00:00")


@pytest.mark.parametrize(
    ("now", "of_two", "of_three"),
    [
        ("2026-03-31 23:59:59", ["R28.1"], ["E1"]),
        ("2026-04-01", [], ["E1"]),
        ("2026-04-30 23:59:59", [], ["E1"]),  # day 60
        ("2026-05-01", [], []),
    ],
)
def test_a_term_of_60_days_decides_and_is_cited(now: str, of_two: list[str], of_three: list[str]) -> None:
    assert codes(may_remove(law(), END, Keeping(), False, 0, beijing(now))) == of_two
    assert codes(may_remove(THREE, END, Keeping(), False, 0, beijing(now))) == of_three


def test_the_milder_laws_are_cited_beside_the_stricter() -> None:
    limit = THREE.limit("retention.default")
    assert [str(each) for each in limit.articles] == ["E1", "28¶2", "N17"]
    told = reasons(may_remove(THREE, END, Keeping(), False, 0, END))
    assert "60 days, general term (Elsewhere measures art. 1, art. 28¶2, Decree 799 art. 17)" in told


def test_all_that_follows_from_the_term_follows() -> None:
    assert (default_term(THREE).days, days_to_keep(THREE, Keeping())) == (60, 61)
    assert codes(may_set_term(THREE, OtherLaw(59, "某法"))) == ["R28.5"]
    assert codes(may_set_term(law(), OtherLaw(59, "某法"))) == []
    listed = CameraFile("2" * 20, frozenset(THREE.codes("camera_file_field")), False, 59)
    assert codes(may_list(THREE, listed, [])) == ["R26.5"]
    receipt = Receipt("f", "ab", "E1", beijing("2026-05-01"), beijing("2026-05-01"), "removal")
    assert isinstance(is_receipt_good(THREE, receipt, beijing("2026-05-01")), Grant)


def test_marks_and_key_targets_keep_their_longer_terms() -> None:
    now = beijing("2026-05-15")
    assert codes(may_remove(THREE, END, Keeping(counter_terror=True), False, 0, now)) == ["R28.2"]
    assert codes(may_remove(THREE, END, Keeping(), True, 0, now)) == ["R28.3"]


def papers(which: Law) -> list[Rules]:
    approved, review = beijing("2026-01-01"), beijing("2026-12-01")
    return [Rules(one, "王", "1", approved, review) for one in which.codes("management_system")]


def test_a_sixth_management_system_is_asked_for_by_name() -> None:
    now: datetime = beijing("2026-06-01")
    assert codes(has_management_systems(law(), papers(law()), now)) == []
    assert "emergency drills" in reasons(has_management_systems(THREE, papers(law()), now))
    assert codes(has_management_systems(THREE, papers(THREE), now)) == []


def test_lists_are_the_union_and_each_code_knows_its_article() -> None:
    added = (("prohibited_place", "prayer_room", "E1"), ("plan_department", "forestry", "E2"))
    for of, name, article in added:
        assert set(THREE.codes(of)) == {*law().codes(of), name}
        assert [str(each.article) for each in THREE.codes(of)[name]] == [article]
    assert THREE.number("access.min_officers") == 3
    assert THREE.words("prohibited_place", "prayer_room").en == "prayer room"


def test_one_more_prohibited_place_is_refused() -> None:
    privacy = pytest.importorskip("bingjian.rules.decisions.privacy")
    answer = privacy.may_cover(THREE, privacy.Part("prayer_room"))
    assert "R9.2" in codes(answer)
    assert "prayer room" in reasons(answer)
    assert "E1" in {str(each.article) for each in all_of(answer)}


def test_one_more_department_gives_its_opinion() -> None:
    planning = pytest.importorskip("bingjian.rules.decisions.planning")
    opinions = dict.fromkeys(law().codes("plan_department"), "1")
    draft = planning.Draft("city_data_authority", opinions, ("GB/T 28181-2022",))
    assert codes(planning.may_submit(law(), draft)) == []
    assert codes(planning.may_submit(THREE, draft)) == ["R7.1"]
    assert "forestry department" in reasons(planning.may_submit(THREE, draft))
