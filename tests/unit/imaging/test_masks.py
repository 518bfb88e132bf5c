"""Only polygons that hide something are masks; which are meant is one short name, whatever their order."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.imaging.masks import POINTS_MAX, Mask, MaskError, digest_of, read, told

WINDOW = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.5), (0.1, 0.5))
HOSTILE = {
    "nothing": (),
    "two points": ((0, 0), (1, 1)),
    "outside": ((0, 0), (1.01, 0), (1, 1)),
    "negative": ((0, 0), (1, 0), (1, -0.0001)),
    "not a number": ((0, 0), (1, 0), (nan, 1)),
    "endless": ((0, 0), (inf, 0), (1, 1)),
    "one line": ((0, 0), (0.5, 0.5), (1, 1)),
    "one point": ((0.5, 0.5),) * 4,
    "crossing itself": ((0, 0), (1, 1), (1, 0), (0, 1)),
    "a speck": ((0.5, 0.5), (0.5001, 0.5), (0.5001, 0.5001)),
    "many points": tuple((0.5 + n / 1000, (n % 2) / 10) for n in range(POINTS_MAX + 2)),
    "three numbers": ((0, 0, 0), (1, 0, 0), (1, 1, 0)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_hides_nothing_is_no_mask(name: str) -> None:
    with pytest.raises(MaskError):
        Mask.checked(HOSTILE[name])


def test_a_closed_outline_is_the_same_mask() -> None:
    assert Mask.checked([*WINDOW, WINDOW[0]]) == Mask.checked(WINDOW) == Mask(WINDOW)


def test_the_name_of_a_set_says_which_masks_whatever_their_order() -> None:
    one, other = Mask.checked(WINDOW), Mask.checked(((0, 0), (1, 0), (1, 0.2)))
    assert digest_of([one, other]) == digest_of([other, one])
    names = {digest_of(them) for them in ([], [one], [other], [one, other], [Mask(WINDOW, is_window=True)])}
    assert len(names) == 5
    assert digest_of([]) == ""


def test_masks_come_back_as_they_were_told() -> None:
    masks = (Mask.checked(WINDOW), Mask.checked(WINDOW, is_window=True))
    assert read(told(masks)) == masks


@given(st.recursive(st.none() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=4)))
def test_nonsense_is_refused_in_one_way(given_: object) -> None:
    for nonsense in (given_, [{"polygon": given_, "is_window": False}], [given_]):
        try:
            read(nonsense)
        except MaskError:
            continue
        assert nonsense == []
