"""What a person means: articles as people write them, codes, keys; and what hangs on each."""

from dataclasses import replace

import pytest

from bingjian.rules.edition import Title
from bingjian.rules.law import Law
from bingjian.rules.library import law, packaged
from bingjian.rules.lookup import conflict_of, page_of, pages_of


def places(wish: str, binding: Law | None = None) -> list[str]:
    return [str(page.provision.article) for page in pages_of(binding or law(), wish)]


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("28", ["28"]),
        ("art. 28", ["28"]),
        ("第二十八条", ["28"]),
        ("28¶2", ["28"]),
        ("28.2", ["28"]),
        (" 28 ¶ 2 ", ["28"]),
        ("第二十八条第二款", ["28"]),
        ("31(7)", ["31"]),
        ("31（7）", ["31"]),
        ("N17", ["N17"]),
        ("n 17", ["N17"]),
        ("《公共安全视频图像信息系统管理条例》第十七条", ["N17"]),
        ("N27.1", ["N27"]),
        ("CTL 32", ["CTL 32"]),
        ("r28.1", ["28"]),
        ("N8.1", ["N8"]),
        ("retention.default", ["28", "N17"]),
        ("bound", ["1"]),
    ],
)
def test_a_place_is_found_as_people_write_it(wish: str, found: list[str]) -> None:
    assert places(wish) == found


@pytest.mark.parametrize("wish", ["", "99", "28¶7", "R28.99", "N0", "retention", "第九十九条", "C12", "¶"])
def test_what_is_not_there_is_not_found(wish: str) -> None:
    assert places(wish) == []
    assert conflict_of(law(), wish) is None


def test_a_paragraph_has_its_own_and_what_speaks_of_the_whole_article() -> None:
    [page] = pages_of(law(), "28¶2")
    codes = {duty.code for duty in page.duties}
    assert {"R28.1", "R28.4"} <= codes  # ¶2; the whole of art. 28
    assert "R28.10" not in codes  # ¶1
    [whole] = pages_of(law(), "28")
    assert codes < {duty.code for duty in whole.duties}


def test_a_duty_stands_alone_with_its_numbers_and_penalties() -> None:
    [page] = pages_of(law(), "N14")
    assert page == page_of(law(), packaged("decree_799"), page.provision)
    [page] = pages_of(law(), "R28.3")
    assert [duty.code for duty in page.duties] == ["R28.3"]
    assert [one.key for one in page.parameters] == ["retention.term.important", "mark.review"]
    assert [one.code for one in page.conflicts] == ["C2"]


def test_a_penalty_also_threatens_the_duty_beside() -> None:
    [page] = pages_of(law(), "R18.1")  # N14, beside it, is the decree's
    assert [str(one.article) for one in page.penalties] == ["N29"]


def test_a_key_is_shown_from_every_edition_that_sets_it() -> None:
    several = [one.key for page in pages_of(law(), "retention.default") for one in page.parameters]
    assert several == ["retention.default"] * 2


def test_every_name_leads_to_itself() -> None:
    for code, duty in law().duties.items():
        assert any(duty in page.duties for page in pages_of(law(), code)), code
    for edition in law().editions:
        for one in edition.provisions:
            assert [page.provision for page in pages_of(law(), str(one.article))] == [one]
    for key in law().limits:
        assert pages_of(law(), key), key
    for conflict in law().conflicts:
        assert conflict_of(law(), conflict.code.lower()) is conflict


def test_an_edition_that_is_added_is_found_by_its_mark_and_an_article_before_a_duty_of_its_name() -> None:
    law_32 = packaged("counter_terrorism_law_2018")
    title = Title(9, "other", "另一办法", "Other measures", "O")
    place = replace(law_32.provisions[0].article, edition=title, number=3)
    provision = replace(law_32.provisions[0], article=place)
    duties = tuple(replace(law_32.duties[0], article=place, code=code, beside=()) for code in ("O3", "O3.1"))
    binding = law().adding(
        replace(law_32, title=title, provisions=(provision,), duties=duties, parameters=())
    )
    [page] = pages_of(binding, "O3")
    assert [duty.code for duty in page.duties] == ["O3", "O3.1"]
    [page] = pages_of(binding, "o3.1")
    assert [duty.code for duty in page.duties] == ["O3.1"]
