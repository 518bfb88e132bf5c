"""Ids: lenient to read, strict to make."""

import pytest

from bingjian.protocols.gb28181 import Edition, ids
from bingjian.protocols.gb28181.ids import Kind, Type


def test_an_id_is_taken_apart() -> None:
    found = ids.parts("34020000001320000001")
    assert found == ids.Parts("34020000", 0, 132, 0, "000001")
    assert found.domain == "3402000000"


@pytest.mark.parametrize(
    "id", ["", "3402000000132000001", "340200000013200000012", "3402000000132000000A", "١" * 20]
)
def test_ids_of_other_forms_are_only_strings(id: str) -> None:
    assert (ids.is_valid(id), ids.parts(id)) == (False, None)
    assert isinstance(ids.kind(id), Kind)


def test_blanks_go_and_length_ends() -> None:
    assert ids.cleaned(" 3402 0000 \n") == "34020000"
    assert len(ids.cleaned("9" * 1000)) == ids.LONGEST


@pytest.mark.parametrize(
    ("id", "kind"),
    [
        *(
            ("34", Kind.DIVISION),
            ("34020000", Kind.DIVISION),
            ("340", Kind.CHANNEL),
            ("CivilCode", Kind.CHANNEL),
        ),
        ("34020000002000000001", Kind.SYSTEM),
        ("34020000002150000001", Kind.BUSINESS_GROUP),
        ("34020000002160000001", Kind.VIRTUAL_ORGANISATION),
        *(("34020000001180000001", Kind.DEVICE), ("34020000001310000001", Kind.CHANNEL)),
        ("340200000013200000012", Kind.CHANNEL),
    ],
)
def test_what_a_node_is(id: str, kind: Kind) -> None:
    assert ids.kind(id) is kind


def test_ids_that_we_make_are_right() -> None:
    assert ids.make("3402000000", Type.PLATFORM, 1) == "34020000002000000001"
    assert ids.parts(ids.make("3402000000", Type.IP_CAMERA, 999_999, network=7)) == ids.Parts(
        "34020000", 0, 132, 7, "999999"
    )
    for wrong in (("340200000", 132, 1, 0), ("3402000000", 1000, 1, 0), ("3402000000", 132, 10**6, 0)):
        with pytest.raises(ids.IdError):
            ids.make(*wrong[:3], network=wrong[3])
    with pytest.raises(ids.IdError):
        ids.make("3402000000", 132, 1, network=10)


@pytest.mark.parametrize(
    ("header", "edition"),
    [
        ("3.0", Edition.V2022),
        (" 2.0 ", Edition.V2016),
        ("1.1", Edition.V2011_AMENDED),
        ("1.0", Edition.V2011),
    ],
)
def test_editions_by_their_header(header: str, edition: Edition) -> None:
    assert Edition.of(header) is edition
    assert edition.header == header.strip()
    assert Edition.of("") is Edition.of("9.9") is Edition.V2016
