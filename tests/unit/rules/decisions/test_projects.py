"""Building projects: four stages in step, exemptions, national security."""

import pytest

from bingjian.rules.decision import Grant, UsageError, all_of
from bingjian.rules.decisions.projects import (
    Approval,
    Exemption,
    Progress,
    Project,
    is_exempt,
    is_in_step,
    may_approve,
    may_proceed,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import also_with, codes
from tests.unit.rules.times import SECOND, TICK, beijing

STAGES = ("design", "approve", "build", "use")
NOW = beijing("2026-06-01")
MAIN = beijing("2026-03-02 10:00:00")
WHOLE = Exemption("临时建筑", "批复 7 号", "市住建局")
SECURITY = Approval("national_security_organ", "批准 1 号", NOW)


def test_R12_1_four_stages_are_the_laws() -> None:
    assert tuple(law().codes("sync_stage")) == STAGES
    assert law().number("project.sync_stages") == len(STAGES)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("video", "refused"),
    [
        ("2026-03-01 12:00:00", []),
        ("2026-03-02 23:59:59", []),
        ("2026-03-03 00:00:00", ["R12.1"]),
        (None, ["R12.1"]),
    ],
)
def test_R12_1_the_same_day_is_together_and_the_next_is_not(
    stage: str, video: str | None, refused: list[str]
) -> None:
    reached = {} if video is None else {stage: beijing(video)}
    assert codes(is_in_step(law(), Progress({stage: MAIN}, reached), NOW)) == refused


def test_R12_1_the_breach_begins_with_the_main_projects_stage() -> None:
    progress = Progress({"use": MAIN}, {"build": MAIN})
    assert isinstance(is_in_step(law(), progress, MAIN - TICK), Grant)
    [breach] = all_of(is_in_step(law(), progress, MAIN))
    assert (
        breach.reason.en == "putting into use: the main project got there on 2026-03-02, its system has not"
    )


def test_R12_1_every_stage_in_breach_is_told() -> None:
    progress = Progress(dict.fromkeys(STAGES, MAIN), {"design": MAIN})
    assert codes(is_in_step(law(), progress, NOW)) == ["R12.1"] * 3


def test_R12_1_a_stage_of_another_edition_counts_too() -> None:
    progress = Progress({"handover": MAIN}, {})
    assert isinstance(is_in_step(law(), progress, NOW), Grant)
    assert codes(is_in_step(also_with(sync_stage="handover"), progress, NOW)) == ["R12.1"]


@pytest.mark.parametrize("kind", ["new", "rebuild", "extend"])
def test_R12_2_new_rebuilt_and_extended_projects_have_a_system(kind: str) -> None:
    assert codes(may_proceed(law(), Project(kind, has_system=False))) == ["R12.2"]
    assert isinstance(may_proceed(law(), Project(kind, has_system=True)), Grant)
    exempt = Project(kind, False, WHOLE)
    assert isinstance(may_proceed(law(), exempt), Grant)
    assert is_exempt(law(), exempt)


def test_R12_2_repair_passes_and_an_unknown_kind_does_not() -> None:
    assert isinstance(may_proceed(law(), Project("repair", has_system=False)), Grant)
    assert codes(may_proceed(law(), Project("", has_system=False))) == ["R12.2"]
    assert codes(may_proceed(law(), Project("move", has_system=True))) == ["R12.2"]
    assert codes(may_proceed(also_with(project_kind="move"), Project("move", False))) == ["R12.2"]
    assert isinstance(may_proceed(also_with(project_kind="move"), Project("move", True)), Grant)


@pytest.mark.parametrize(
    ("exemption", "missing"),
    [
        (Exemption("", "批复 7 号", "市住建局"), "reason"),
        (Exemption("临时建筑", " ", "市住建局"), "document"),
        (Exemption("临时建筑", "批复 7 号", ""), "approver"),
        (Exemption("", "", ""), "reason, document, approver"),
    ],
)
def test_R12_2_an_exemption_is_whole(exemption: Exemption, missing: str) -> None:
    project = Project("new", False, exemption)
    [refusal] = all_of(may_proceed(law(), project))
    assert (refusal.code, refusal.reason.en) == ("R12.2", f"the exemption lacks: {missing}")
    assert not is_exempt(law(), project)


def test_R12_4_national_security_needs_its_own_organ() -> None:
    data = Approval("city_data_authority", "批准 2 号", NOW)
    assert codes(may_approve(law(), (data,), NOW, is_national_security=True)) == ["R12.4"]
    assert codes(may_approve(law(), (), NOW, is_national_security=True)) == ["R12.4"]
    assert isinstance(may_approve(law(), (data, SECURITY), NOW, is_national_security=True), Grant)
    assert isinstance(may_approve(law(), (), NOW, is_national_security=False), Grant)


@pytest.mark.parametrize(
    ("approval", "refused"),
    [
        (Approval("national_security_organ", "批准 1 号", NOW - SECOND), []),
        (Approval("national_security_organ", "批准 1 号", NOW), []),
        (Approval("national_security_organ", "批准 1 号", NOW + SECOND), ["R12.4"]),
        (Approval("national_security_organ", "", NOW), ["R12.4"]),
    ],
)
def test_R12_4_the_approval_is_there_before(approval: Approval, refused: list[str]) -> None:
    assert codes(may_approve(law(), (approval,), NOW, is_national_security=True)) == refused


def test_R12_4_unsaid_is_refused() -> None:
    assert codes(may_approve(law(), (SECURITY,), NOW, is_national_security=None)) == ["R12.4"]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    naive = NOW.replace(tzinfo=None)
    for ask in (
        lambda: Project("new", True, WHOLE),
        lambda: Progress({"use": naive}, {}),
        lambda: Progress({}, {"use": naive}),
        lambda: Approval("national_security_organ", "1", naive),
        lambda: is_in_step(law(), Progress({}, {}), naive),
    ):
        with pytest.raises(UsageError):
            ask()
