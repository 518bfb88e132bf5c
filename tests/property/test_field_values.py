"""Whatever a cell holds, reading it gives a value of its field, or a fault that does not repeat it."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bingjian.inventory.field_values import NotRead, read
from bingjian.inventory.fields import BY_NAME, FIELDS, Field, Kind, values_of_field

cells = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers(-(10**30), 10**30)
    | st.text(max_size=300)
    | st.datetimes()
    | st.dates()
    | st.sampled_from(["是", "１", "2024年5月31日", "45443", "=1+1", "230102", "道里区", "1e400", "٣", "²"])
)
TYPES = {Kind.NUMBER: float, Kind.WHOLE: int, Kind.FLAG: bool}


def value_or_fault(field: Field, cell: object) -> tuple[object, str]:
    try:
        return read(field, cell), ""
    except NotRead as fault:
        return None, fault.words.zh + fault.words.en


@given(st.sampled_from(FIELDS), cells)
def test_a_cell_is_read_or_refused_without_being_repeated(one: Field, cell: object) -> None:
    value, told = value_or_fault(one, cell)
    assert len(str(cell)) < 6 or str(cell) not in told
    if value is None:
        return
    assert isinstance(value, TYPES.get(one.kind, str))
    assert read(one, value) == value, "what was read is read again as itself"
    if one.kind is Kind.CODE and one.name != "division":
        assert value in {each.code for each in values_of_field(one.name)}


@given(st.dates(date(1971, 1, 1), date(2099, 12, 31)))
def test_a_day_is_the_same_however_it_is_written(day: date) -> None:
    field, serial = BY_NAME["install_date"], (day - date(1899, 12, 30)).days
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # as a spreadsheet has it
    written = [day, midnight, midnight + timedelta(hours=3), serial, float(serial), day.isoformat()]
    written += [f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日"]
    written += [day.strftime("%Y%m%d"), f"{day.year}.{day.month}.{day.day}"]
    assert {read(field, one) for one in written} == {day.isoformat()}
