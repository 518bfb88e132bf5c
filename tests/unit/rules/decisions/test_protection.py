"""Six verbs over two kinds, base information, originals and what is made of them, forwarding."""

from dataclasses import replace
from itertools import product

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.protection import (
    Alteration,
    Output,
    Permission,
    is_told_apart,
    may_alter,
    may_discard,
    may_forward,
    may_show,
    may_use,
    shown,
)
from bingjian.rules.library import law

PERMISSIONS = [
    Permission(*pair) for pair in product(law().codes("protected_verb"), law().codes("protected_kind"))
]


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


@pytest.mark.parametrize("held", PERMISSIONS)
def test_R27_2_of_six_verbs_and_two_kinds_only_the_diagonal_passes(held: Permission) -> None:
    passed = [
        wanted for wanted in PERMISSIONS if isinstance(may_use(law(), frozenset({held}), wanted), Grant)
    ]
    assert len(PERMISSIONS) == 12
    assert passed == [held]


def test_R27_2_a_verb_the_law_does_not_know_is_refused_even_if_held() -> None:
    odd = Permission("burn", "footage")
    assert codes(may_use(law(), frozenset({odd}), odd)) == ["R27.2"]


@pytest.mark.parametrize("field", ["design_plan", "device_type", "position", "address_code"])
def test_R27_3_base_information_has_a_right_of_its_own(field: str) -> None:
    others = frozenset(PERMISSIONS) - {Permission("view", "base_info")}
    answer = may_show(law(), [field, "name"], others)
    assert codes(answer) == ["R27.3"]
    assert isinstance(may_show(law(), [field], frozenset({Permission("view", "base_info")})), Grant)
    assert shown(law(), ["name", field], others) == ("name",)
    assert shown(law(), ["name", field], frozenset(PERMISSIONS)) == ("name", field)


def test_R27_3_the_refusal_is_the_same_whether_the_camera_is_there_or_not() -> None:
    nothing = frozenset[Permission]()
    assert may_show(law(), ["position"], nothing) == may_show(law(), iter(["position"]), nothing)


@pytest.mark.parametrize("removal", [False, True])
@pytest.mark.parametrize("job", [False, True])
@pytest.mark.parametrize("expired", [False, True])
def test_R27_4_originals_are_removed_by_the_job_at_term_and_never_changed(
    removal: bool, job: bool, expired: bool
) -> None:
    answer = may_alter(law(), Alteration(True, removal, job, expired))
    assert isinstance(answer, Grant) is (removal and job and expired)
    if not expired:
        assert codes(answer) == ["R27.4", "R31.6"]
    assert isinstance(may_alter(law(), Alteration(False, removal, job, expired)), Grant)


def derived() -> Output:
    return Output("d1", ("a1", "a2"), is_changed=True, is_marked_derived=True, is_in_place_of_original=False)


def test_R27_7_a_changed_file_is_marked_lists_both_hashes_and_replaces_nothing() -> None:
    assert isinstance(is_told_apart(law(), derived()), Grant)
    for broken in (
        replace(derived(), own=" "),
        replace(derived(), originals=()),
        replace(derived(), originals=("a1", "")),
        replace(derived(), is_marked_derived=False),
        replace(derived(), is_in_place_of_original=True),
    ):
        assert codes(is_told_apart(law(), broken)) == ["R27.7"]
    bare = Output("", (), is_changed=True, is_marked_derived=False, is_in_place_of_original=True)
    assert codes(is_told_apart(law(), bare)) == ["R27.7"] * 3


def test_R27_7_an_unchanged_copy_needs_no_mark() -> None:
    assert isinstance(is_told_apart(law(), Output("a1", ("a1",), False, False, False)), Grant)
    with pytest.raises(UsageError):
        Output("a1", ("a1",), True, True, False)


def test_R27_7_discarding_the_derived_file_does_not_touch_the_original() -> None:
    assert isinstance(may_discard(law(), derived(), frozenset({"d1"})), Grant)
    assert codes(may_discard(law(), derived(), frozenset({"d1", "a1"}))) == ["R27.7"]
    assert codes(may_discard(law(), derived(), frozenset({"x"}))) == ["R27.7"]


def test_R27_8_forwarding_takes_its_own_right_and_a_new_destination() -> None:
    forward, copy = Permission("forward", "footage"), Permission("copy", "footage")
    registered = frozenset({"court"})
    assert codes(may_forward(law(), frozenset({copy}), "court", registered)) == ["R27.8"]
    answer = may_forward(law(), frozenset({forward}), "insurer", registered)
    assert isinstance(answer, Refusal)
    assert (str(answer.article), [str(each) for each in answer.beside]) == ("27¶1", ["31(5)"])
    assert codes(may_forward(law(), frozenset({forward}), "", frozenset({""}))) == ["R27.8"]
    assert isinstance(may_forward(law(), frozenset({forward}), "court", registered), Grant)
