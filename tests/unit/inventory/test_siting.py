"""Where a camera may stand: the facts gathered from places, parts and boundaries, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from bingjian.inventory.divisions import packaged
from bingjian.inventory.errors import NotThere
from bingjian.inventory.ground import Frame, Ring
from bingjian.inventory.organisations import NAMESPACE
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.inventory.siting import Siting, Standing
from bingjian.rules.decision import Grant, all_of
from bingjian.rules.decisions.privacy import Review
from bingjian.rules.library import law

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
AT = (126.55, 45.74)  # in Daoli
FRAME = Frame(*AT)


def box(west: float, south: float, east: float, north: float) -> Ring:
    """Metres from ``AT``."""
    corners = ((west, south), (east, south), (east, north), (west, north))
    return tuple(FRAME.degrees(*corner) for corner in corners)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


def place(
    name: str, *categories: str, kind: str = "school", outline: Ring | None = None, secret: bool = False
) -> PlaceRow:
    row = PlaceRow(id=id_of(name), name=name, division="230102", kind=kind, citation="", is_public=True)
    row.categories, row.outline, row.is_secret_neighbour = categories, outline, secret
    row.is_like_those_named, row.likeness_note, row.likeness_confirmed_by = False, "", ""
    return row


def part(
    within: PlaceRow,
    kind: str,
    polygon: Ring | None = None,
    floor: str = "",
    review: Review | None = None,
    key: bool = False,
) -> PartRow:
    row = PartRow(
        id=id_of(f"{within.name}/{kind}/{floor}"), place=within.id, name=kind, kind=kind, floor=floor
    )
    row.polygon, row.is_key, row.is_private = polygon, key, None
    if review:
        row.reviewer, row.is_private, row.review_reason = review.reviewer, review.is_private, review.reason
    return row


STANDING = Standing(
    "230102",
    *AT,
    purposes=("public_safety",),
    view=box(-5, 0, 5, 30),
    necessity_note="the gate",
    has_sign=True,
)


def codes(siting: Siting, standing: Standing) -> list[str]:
    return sorted({one.code for one in all_of(siting.may_stand(law(), standing, NOW))})


def ground(*rows: PlaceRow | PartRow) -> Siting:
    places = [row for row in rows if isinstance(row, PlaceRow)]
    return Siting(packaged(), places, [row for row in rows if isinstance(row, PartRow)])


def test_in_the_street_a_camera_may_stand() -> None:
    assert isinstance(ground().may_stand(law(), STANDING, NOW), Grant)


def test_R9_1_a_banned_part_at_the_position_wins_over_the_part_that_was_named() -> None:
    hotel = place("hotel", "hospitality_commerce", kind="hotel")
    lobby, room = part(hotel, "lobby", key=True), part(hotel, "hotel_room", box(-5, -5, 5, 5))
    said = replace(STANDING, place=hotel.id, part=lobby.id, view=box(20, 0, 30, 30))
    assert codes(ground(hotel, lobby), said) == []
    assert codes(ground(hotel, lobby, room), said) == ["R9.1", "R9.3"]


def test_R9_3_the_part_decides_not_the_place() -> None:
    hotel = place("hotel", "hospitality_commerce", kind="hotel")
    lobby, room = part(hotel, "lobby"), part(hotel, "hotel_room")
    siting = ground(hotel, lobby, room)
    assert codes(siting, replace(STANDING, part=lobby.id)) == []
    assert codes(siting, replace(STANDING, part=room.id)) == ["R9.1", "R9.3"]
    assert codes(siting, replace(STANDING, place=hotel.id)) == ["R9.2"]  # nobody says which part


def test_R9_4_a_mask_that_leaves_one_cell_open_is_refused() -> None:
    shop = place("shop", kind="shop")
    floor, room = part(shop, "shop_floor"), part(shop, "fitting_room", box(-3, 10, 3, 14))
    siting, seen = ground(shop, floor, room), replace(STANDING, part=floor.id)
    assert codes(siting, seen) == ["R9.4"]
    assert codes(siting, replace(seen, masks=(box(-3, 10, 2, 14),))) == ["R9.4"]
    assert codes(siting, replace(seen, masks=(box(-3, 10, 2, 14), box(2, 11, 3, 14)))) == ["R9.4"]  # one cell
    assert codes(siting, replace(seen, masks=(box(-3, 10, 3, 14),))) == []
    assert codes(siting, replace(seen, masks=(box(-3, 10, 2, 14), box(2, 10, 3, 14)))) == []
    assert codes(siting, replace(seen, view=box(-3, 0, 3, 10))) == []  # up to the door
    assert codes(siting, replace(seen, view=box(-3, 0, 3, 10.1))) == ["R9.4"]


def test_a_view_that_nobody_knows_is_refused_only_near_closed_parts() -> None:
    shop = place("shop", kind="shop")
    floor, far = part(shop, "shop_floor"), part(shop, "fitting_room", box(0, 310, 5, 320))
    near = part(shop, "toilet", box(0, 290, 5, 295))
    unknown = replace(STANDING, part=floor.id, view=None)
    assert codes(ground(shop, floor, far), unknown) == []
    assert codes(ground(shop, floor, near), unknown) == ["R9.4"]


def test_other_floors_are_not_seen_from_inside_but_from_outside_all_are() -> None:
    shop = place("shop", kind="shop")
    first, room = (
        part(shop, "shop_floor", floor="1"),
        part(shop, "fitting_room", box(-3, 10, 3, 14), floor="2"),
    )
    siting = ground(shop, first, room)
    assert codes(siting, replace(STANDING, part=first.id)) == []
    assert codes(siting, STANDING) == ["R9.4"]


def test_N10_whoever_has_secrets_consents_before_and_the_edge_of_its_zone_counts() -> None:
    base = place("base", kind="military", outline=box(10, -50, 100, 50), secret=True)
    siting = ground(base)
    for west, expected in ((9.99, []), (10.0, ["N10"]), (10.01, ["N10"])):
        longitude, latitude = FRAME.degrees(west, 0)
        here = replace(STANDING, longitude=longitude, latitude=latitude, view=box(-5, 0, 5, 30))
        assert codes(siting, here) == expected, west
        for late, refused in ((-1, []), (0, []), (1, expected)):
            consents = {base.id: ("军函1号", NOW + timedelta(seconds=late))}
            assert codes(siting, replace(here, consents=consents)) == refused
    assert codes(siting, replace(STANDING, view=box(-5, 0, 10.5, 30))) == ["N10"]  # it looks into the zone


def test_R8_4_on_a_bus_the_vehicle_stands_in_place_of_a_position() -> None:
    bus = place("bus 101", "transit_vehicles", kind="bus")
    aboard = replace(STANDING, longitude=None, latitude=None, view=None, place=bus.id)
    siting = ground(bus)
    assert codes(siting, aboard) == ["R8.4"]
    assert codes(siting, replace(aboard, vehicle_id="黑A12345")) == ["R8.4"]
    assert codes(siting, replace(aboard, vehicle_id="黑A12345", has_track=True)) == []
    assert "R8.4" in codes(ground(), replace(STANDING, longitude=None))


def test_what_is_said_to_be_there_must_be_there() -> None:
    with pytest.raises(NotThere):
        ground().may_stand(law(), replace(STANDING, place=id_of("nowhere")), NOW)
    with pytest.raises(NotThere):
        ground().may_stand(law(), replace(STANDING, part=id_of("nowhere")), NOW)


def test_R3_2_without_a_purpose_of_the_law_no_camera_stands() -> None:
    assert codes(ground(), replace(STANDING, purposes=())) == ["R3.2"]
    assert codes(ground(), replace(STANDING, purposes=("private_home",))) == ["R3.2"]
    for purpose in law().codes("purpose"):
        assert codes(ground(), replace(STANDING, purposes=(purpose,))) == []
