"""A camera file as values: flat, by name, as JSON has them, empty ones left out; from there to the row.

Beside the names of ``fields`` there are ``original_x`` and ``original_y`` (the position as it was given, in
``crs``), ``sweep`` and ``masks`` of the view, and ``consents`` of neighbours (N10).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bingjian.inventory.camera_files import CITY, COLUMNS, IN_USE, dumps
from bingjian.inventory.coordinates import System, to_wgs84
from bingjian.inventory.errors import FieldsNotAccepted
from bingjian.inventory.field_values import read_all
from bingjian.inventory.fields import BY_NAME, LOCKED, VIEW_NUMBERS, Kind
from bingjian.inventory.quality import Quality, quality_of
from bingjian.inventory.search import searchable
from bingjian.inventory.siting import Standing
from bingjian.inventory.view import DISTANCE_MOST_M, Sweep, View, view_polygon
from bingjian.rules.library import law

VIEW = (*VIEW_NUMBERS, "sweep", "masks")
SPECIAL = frozenset({"original_x", "original_y", "sweep", "masks", "consents"})
WITHOUT_CODE = "~"  # sorts behind all digits
DECIMALS = 7  # of a degree: a centimetre
EMPTY = {"division": CITY, "status": IN_USE, "secrecy": "none"}  # what a column has if nobody said anything
UNSAID = {name: False for name in COLUMNS if BY_NAME[name].kind is Kind.FLAG}
TEXT_COLUMNS = tuple(
    name
    for name in COLUMNS
    if BY_NAME[name].kind in (Kind.TEXT, Kind.CODE) and name not in ("device_id", *EMPTY)
)
SEARCHED = ("name", "device_id", "address", "point_common_name")

Values = dict[str, Any]


def accepted(raws: Mapping[str, Any]) -> Values:
    """Values out of what a person sent. Raises FieldsNotAccepted: by field why, no value repeated."""
    unknown = {name: "there is no such field" for name in raws if name not in BY_NAME.keys() | SPECIAL}
    special = {name: raw for name, raw in raws.items() if name in SPECIAL and raw not in (None, [], {})}
    rest = {name: raw for name, raw in raws.items() if name in BY_NAME}
    values, faults = read_all(rest)
    if faults or unknown:
        raise FieldsNotAccepted(unknown | {name: fault.words.en for name, fault in faults.items()})
    return values | special


def changed(before: Mapping[str, Any], fields: Mapping[str, Any]) -> Values:
    """The values after a change: what is given as None goes, the rest of what was stays."""
    given = {name: raw for name, raw in fields.items() if raw is not None}
    kept = {name: value for name, value in before.items() if name not in fields}
    values = kept | accepted(given)
    if {"longitude", "latitude"} & fields.keys():
        values.pop("original_x", None), values.pop("original_y", None)
    return positioned(values)


def positioned(values: Values) -> Values:
    """With the position in WGS-84 and as it was given; one coordinate alone is none."""
    found = dict(values)
    if "original_x" not in found and "longitude" in found and "latitude" in found:
        found["original_x"], found["original_y"] = found["longitude"], found["latitude"]
    if "original_x" not in found or "original_y" not in found:
        return {name: value for name, value in found.items() if name not in POSITION}
    given = (float(found["original_x"]), float(found["original_y"]))
    longitude, latitude = to_wgs84(given, System(found.get("crs", System.WGS84)))
    return found | {"longitude": round(longitude, DECIMALS), "latitude": round(latitude, DECIMALS)}


POSITION = ("longitude", "latitude", "original_x", "original_y")


def row_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the row has for these values, without id, state, version and times."""
    return plain_columns(values) | derived_columns(values, quality_of(law(), completed(values)))


def completed(values: Mapping[str, Any]) -> Values:
    """With what holds where nobody said anything, as the row will have it."""
    return EMPTY | UNSAID | dict(values)


def plain_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values themselves, each in its place."""
    found: dict[str, Any] = {name: typed(name, values.get(name)) for name in COLUMNS}
    return found | {
        "code_order": values.get("device_id") or WITHOUT_CODE,
        "original_x": values.get("original_x"),
        "original_y": values.get("original_y"),
        "view_json": dumps({name: values[name] for name in VIEW if name in values}),
        "fields_json": dumps({name: value for name, value in values.items() if name not in APART}),
    }


def derived_columns(values: Mapping[str, Any], quality: Quality) -> dict[str, Any]:
    """What follows from the values: how good they are, and what they are found by."""
    return {
        "missing": listed(quality.missing),
        "faulty": listed(dict.fromkeys(fault.field for fault in quality.faults)),
        "fill_bp": quality.fill_bp,
        "correct_bp": quality.correct_bp,
        "search": searchable(str(values.get("name", ""))),
        "search_base": searchable(*(str(values.get(name, "")) for name in SEARCHED)),
    }


APART = frozenset({*COLUMNS, *POSITION, *VIEW})


def typed(name: str, value: Any) -> Any:
    """A plain value as its column has it."""
    kind = BY_NAME[name].kind
    if value is None:
        return False if kind is Kind.FLAG else EMPTY.get(name, "" if name in TEXT_COLUMNS else None)
    if kind in (Kind.ORGANISATION, Kind.THING):
        return value if isinstance(value, UUID) else UUID(value)
    if kind is Kind.DATE:
        return value if isinstance(value, date) else date.fromisoformat(value)
    return value


def listed(names: Any) -> str:
    """ ",ip,address,": so that one name is found by LIKE."""
    return "".join(f",{name}" for name in names) + ","


def unlisted(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def locked_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Codes of ``locked_view`` that a change touches. What is told for the first time is no change."""
    return {
        code
        for code, names in LOCKED.items()
        if any(name in before and before[name] != after.get(name) for name in names)
    }


def standing_of(values: Mapping[str, Any]) -> Standing:
    """As ``siting`` asks about it. Raises FieldsNotAccepted: a view that no camera has."""
    consents = {
        UUID(one["place"]): (str(one["document"]), datetime.fromisoformat(one["at"]))
        for one in values.get("consents", ())
    }
    return Standing(
        division=values.get("division", CITY),
        longitude=values.get("longitude"),
        latitude=values.get("latitude"),
        place=typed("place", values.get("place")),
        part=typed("part", values.get("part")),
        system=typed("system", values.get("system")),
        purposes=(values["purpose"],) if "purpose" in values else (),
        view=view_of(values),
        masks=tuple(tuple((x, y) for x, y in mask) for mask in values.get("masks", ())),
        vehicle_id=values.get("vehicle_id", ""),
        necessity_note=values.get("necessity_note", ""),
        has_sign=bool(values.get("sign_id")),
        consents=consents,
    )


def view_of(values: Mapping[str, Any]) -> tuple[tuple[float, float], ...] | None:
    """The ground that it can see, if enough is known. Raises FieldsNotAccepted."""
    needed = ("longitude", "latitude", "azimuth", "h_fov", "max_view_distance")
    if any(name not in values for name in needed):
        return None
    sweep = values.get("sweep")
    far = min(values["max_view_distance"], DISTANCE_MOST_M)
    try:
        shape = Sweep(sweep["pan_from"], sweep["pan_width"]) if sweep else None
        where = values["longitude"], values["latitude"], values["azimuth"], values["h_fov"]
        return view_polygon(View(*where, far, shape))
    except ValueError as error:
        raise FieldsNotAccepted({"view": str(error)}) from error
