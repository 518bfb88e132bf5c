"""Secrets that never leave, masks that are always on, and what is hidden before publication."""

from dataclasses import replace

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.secrecy import (
    Parcel,
    Picture,
    Release,
    is_assessed,
    may_give_picture,
    may_handle,
    may_leave,
    may_release,
    shown_outside,
)
from bingjian.rules.library import law
from tests.unit.rules.times import SECOND, beijing

NOW = beijing("2026-11-26 10:00:00")


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


def parcel(*levels: str, named: str = "", way: str = "export") -> Parcel:
    fragments = {f"f{at}": level for at, level in enumerate(levels)}
    return Parcel(fragments, way, frozenset({"court"}), frozenset(named.split()))


@pytest.mark.parametrize("way", ["share", "forward", "cascade", "export"])
@pytest.mark.parametrize("level", ["state", "national_security"])
def test_R6_1_one_fragment_that_must_stay_keeps_the_whole_export(way: str, level: str) -> None:
    answer = may_leave(law(), parcel("none", "none", level, named="court", way=way))
    assert codes(answer) == ["R6.1", "R27.6"]
    assert "1 of 3" in all_of(answer)[0].reason.en
    assert isinstance(may_leave(law(), parcel("none", "none", way=way)), Grant)


def test_R6_1_trade_secrets_go_only_to_recipients_named_in_the_grant() -> None:
    assert codes(may_leave(law(), parcel("none", "trade"))) == ["R6.1"]
    assert codes(may_leave(law(), parcel("trade", named="insurer"))) == ["R6.1"]
    assert isinstance(may_leave(law(), parcel("trade", named="Court insurer")), Grant)
    nobody = replace(parcel("trade", named="court"), recipients=frozenset())
    assert codes(may_leave(law(), nobody)) == ["R6.1"]


def test_R6_1_what_nobody_has_classified_stays() -> None:
    assert codes(may_leave(law(), parcel("none", ""))) == ["R6.1"]
    assert codes(may_leave(law(), parcel("none", "cosmic"))) == ["R6.1"]
    assert codes(may_leave(law(), parcel())) == ["R6.1"]
    assert codes(may_leave(law(), parcel("none", way="pigeon"))) == ["R6.1"]


def test_R6_1_the_protection_grade_and_its_assessment_are_recorded() -> None:
    assert isinstance(is_assessed(law(), "3", NOW - SECOND, NOW), Grant)
    assert isinstance(is_assessed(law(), "3", NOW, NOW), Grant)
    both = is_assessed(law(), " ", None, NOW)
    assert isinstance(both, Refusal)
    assert both.reason.en.endswith("protection grade, last assessment")
    with pytest.raises(UsageError):
        is_assessed(law(), "3", NOW + SECOND, NOW)


@pytest.mark.parametrize(
    ("level", "marked", "granted"),
    [
        ("none", False, True),
        ("trade", False, True),
        ("state", False, False),
        ("state", True, True),
        ("national_security", False, False),
        ("national_security", True, True),
        ("", False, False),
    ],
)
def test_R27_6_secrets_are_handled_in_a_marked_domain_alone(level: str, marked: bool, granted: bool) -> None:
    assert isinstance(may_handle(law(), level, marked), Grant) is granted


def test_R27_6_a_cascade_query_for_a_state_camera_returns_none() -> None:
    assert shown_outside(law(), {"c1": "state"}) == ()
    cameras = {"c4": "none", "c1": "state", "c2": "national_security", "c3": "trade", "c5": ""}
    assert shown_outside(law(), cameras) == ("c3", "c4")


def picture() -> Picture:
    return Picture(frozenset({"m1", "m2"}), frozenset({"m1", "m2"}), False, "h", "h")


def test_R6_2_every_mask_is_on_unless_the_person_may_unmask() -> None:
    assert isinstance(may_give_picture(law(), picture()), Grant)
    one_open = replace(picture(), applied=frozenset({"m1"}))
    answer = may_give_picture(law(), one_open)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.reason.en) == ("R6.2", "privacy masks are not applied: m2")
    assert isinstance(may_give_picture(law(), replace(one_open, may_unmask=True)), Grant)


def test_R6_2_the_original_stays_untouched() -> None:
    assert codes(may_give_picture(law(), replace(picture(), original_after="x"))) == ["R6.2"]
    unknown = replace(picture(), original_before="", original_after="")
    assert codes(may_give_picture(law(), unknown)) == ["R6.2"]
    assert isinstance(may_give_picture(law(), replace(unknown, is_view=True)), Grant)  # no file is made
    with pytest.raises(UsageError):
        replace(picture(), applied=frozenset({"m3"}))


def release() -> Release:
    return Release(frozenset({"face", "plate"}), frozenset({"face", "plate"}), "Road Traffic Law 5", True)


@pytest.mark.parametrize(
    "feature", ["face", "plate", "other_sensitive", "organisation_name", "business_licence"]
)
def test_N22_each_protected_feature_is_hidden_before_publication(feature: str) -> None:
    bare = replace(release(), found=release().hidden | {feature}, hidden=release().hidden - {feature})
    answer = may_release(law(), bare)
    assert isinstance(answer, Refusal)
    assert law().words("protected_feature", feature).en in answer.reason.en
    assert isinstance(may_release(law(), replace(bare, hidden=bare.found)), Grant)


def test_N22_what_nobody_looked_through_or_is_no_derived_file_is_not_released() -> None:
    assert isinstance(may_release(law(), release()), Grant)
    assert codes(may_release(law(), Release(None, frozenset(), "law", True))) == ["N22"]
    assert codes(may_release(law(), replace(release(), found=release().hidden | {"tattoo"}))) == ["N22"]
    assert codes(may_release(law(), replace(release(), is_derived=False))) == ["N22"]
    assert codes(may_release(law(), replace(release(), basis=""))) == ["N22"]
    with pytest.raises(UsageError):
        replace(release(), found=frozenset())
