"""Device codes: what is one, what is wrong with it, and that none is handed out twice."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.session import Database
from bingjian.inventory.device_code import (
    SERIAL_MAX,
    DeviceCode,
    DeviceCodeSeriesRow,
    allocate,
    faults_of,
    prefix_of,
)
from bingjian.inventory.errors import CodesUsedUp
from bingjian.rules.decision import Grant
from bingjian.rules.decisions.records import may_have_code
from bingjian.rules.library import law

DIVISIONS = law().codes("division").keys() | {"230100"}
PREFIX = prefix_of("230102", "132")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=24) | st.from_regex(r"\d{18,22}"))
def test_a_code_is_read_exactly_if_the_law_takes_it(text: str) -> None:
    code = DeviceCode.read(text)
    assert (code is not None) == isinstance(may_have_code(law(), text, ()), Grant)
    assert code is None or str(code) == text


@given(st.sampled_from(sorted(DIVISIONS)), st.sampled_from(["131", "132"]), st.integers(0, SERIAL_MAX))
def test_what_is_put_together_has_no_fault_and_its_parts_back(division: str, type_: str, serial: int) -> None:
    code = DeviceCode.read(f"{prefix_of(division, type_)}{serial:06}")
    assert code is not None
    assert (code.division, code.type, int(code.serial)) == (division, type_, serial)
    assert faults_of(code, DIVISIONS, division) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("11010100001320000001", "no division"),
        ("23010300001320000001", "another division"),
        ("23010200151320000001", "no industry"),
        ("23010200002000000001", "no type"),
    ],
)
def test_each_part_is_checked_without_repeating_the_code(text: str, told: str) -> None:
    code = DeviceCode.read(text)
    assert code is not None
    [words] = faults_of(code, DIVISIONS, "230102")
    assert told in words.en
    assert text not in words.en + words.zh


async def test_many_at_once_get_each_their_own(database: Database) -> None:
    codes = await asyncio.gather(*(database.run(lambda s: allocate(s, PREFIX)) for _ in range(20)))
    assert sorted(str(code) for code in codes) == [f"{PREFIX}{n:06}" for n in range(1, 21)]


async def test_the_serials_end(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        session.add(DeviceCodeSeriesRow(prefix=PREFIX, last=SERIAL_MAX - 1))

    await database.run(work)
    assert (await database.run(lambda s: allocate(s, PREFIX))).serial == "999999"
    with pytest.raises(CodesUsedUp):
        await database.run(lambda s: allocate(s, PREFIX))
