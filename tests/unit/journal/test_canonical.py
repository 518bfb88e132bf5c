"""Canonical JSON against RFC 8785, as far as records need it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.journal.canonical import canonical

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53) + 1, (1 << 53) - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
)


def test_the_specifications_example() -> None:
    """RFC 8785 §3.2.2 and 3.2.3, without its fractions."""
    text = r"""{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"""
    expected = r"""{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"""
    assert canonical(json.loads(text)) == expected.encode()


@given(values)
def test_what_is_read_back_is_the_same_and_has_the_same_form(value: object) -> None:
    data = canonical(value)
    assert canonical(json.loads(data)) == data
    assert json.loads(data) == value


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), 1 << 53, b"", {"ü": 1}, {1: 1}, [{"a": [0.5]}], object()]
)
def test_what_programs_do_not_agree_about_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="record"):
        canonical(value)
