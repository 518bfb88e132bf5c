"""Which duty asks for acceptance and archive, and which systems must be connected."""

import pytest

from bingjian.rules.decision import UsageError
from bingjian.rules.decisions.systems import System, acceptance_duty, archive_duty
from bingjian.rules.law import Law
from bingjian.rules.library import HARBIN, law, packaged


def system(**is_: bool) -> System:
    kinds = ("government_invested", "government_built", "key_area", "article8", "class_a")
    return System("S1", **{f"is_{kind}": is_.get(kind, False) for kind in kinds})


@pytest.mark.parametrize(
    ("kind", "acceptance", "archive"),
    [
        (system(government_invested=True, class_a=True, article8=True), "R16.3", "R17.1"),
        (system(class_a=True, article8=True), "N11", "N11"),
        (system(article8=True), "R16.3", None),
        (system(), None, None),  # a voluntary camera
    ],
)
def test_N11_private_class_a_systems_by_the_decree_others_by_the_measures(
    kind: System, acceptance: str | None, archive: str | None
) -> None:
    assert acceptance_duty(law(), kind, "R16.3") == acceptance
    assert archive_duty(kind, "R17.1") == archive


def test_N11_without_the_decree_article_8_still_asks_for_an_acceptance() -> None:
    city = Law([packaged(HARBIN)])
    assert acceptance_duty(city, system(class_a=True, article8=True), "R16.3") == "R16.3"
    assert acceptance_duty(city, system(class_a=True), "R16.3") is None


@pytest.mark.parametrize(
    ("kind", "connects"),
    [(system(government_built=True), True), (system(key_area=True), True), (system(article8=True), False)],
)
def test_R13_1_government_built_and_other_key_areas_are_connected(kind: System, connects: bool) -> None:
    assert kind.must_connect is connects


def test_a_system_has_an_id() -> None:
    with pytest.raises(UsageError):
        System(" ", *[True] * 5)
