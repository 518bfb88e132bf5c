"""How well a camera file is filled: what is missing, what fails its checks, and the two rates."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from bingjian.inventory.coordinates import in_harbin
from bingjian.inventory.device_code import DeviceCode, faults_of
from bingjian.inventory.fields import BY_NAME, CLASS_ONE, mandatory
from bingjian.rules.decision import all_of
from bingjian.rules.decisions.records import keeps_long_enough
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

WHOLE_BP = 10_000  # basis points
CITY = "230100"
OUTSIDE = Words("坐标不在本市范围内", "the position lies outside the city")
UNDECLARED_CRS = Words("没有注明坐标系", "the reference system is not named")
DECIMALS = 6  # of a degree: a tenth of a metre; GB/T 28181 wants at least so many


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that is filled, but fails a check; the sentence repeats no value."""

    field: str
    code: str
    words: Words


@dataclass(frozen=True, slots=True)
class Quality:
    missing: tuple[str, ...]  # mandatory fields that are empty, in the law's order
    faults: tuple[Fault, ...]
    fill_bp: int  # filled of the mandatory fields
    correct_bp: int  # right of the filled fields


def quality_of(law: Law, values: Mapping[str, Any]) -> Quality:
    """Of a file's values, flat, what is empty left out."""
    owed = mandatory(values.get("point_type") == CLASS_ONE)
    missing = tuple(field.name for field in owed if not is_filled(values, field.name))
    faults = faults_in(law, values)
    wrong = {fault.field for fault in faults}
    filled = sum(name in BY_NAME for name in values)
    return Quality(
        missing,
        faults,
        WHOLE_BP * (len(owed) - len(missing)) // len(owed),
        WHOLE_BP * (filled - len(wrong)) // filled if filled else WHOLE_BP,
    )


def is_filled(values: Mapping[str, Any], name: str) -> bool:
    """The city itself is no district: with it, the division is still to be declared."""
    return name in values and not (name == "division" and values[name] == CITY)


def faults_in(law: Law, values: Mapping[str, Any]) -> tuple[Fault, ...]:
    """All checks beyond the form of each value, which was checked when it was read."""
    found = list[Fault]()
    divisions = law.codes("division").keys() | {CITY}
    if "device_id" in values:
        found += _code_faults(str(values["device_id"]), divisions, str(values.get("division", CITY)))
    found += [Fault("record_save_days", "days", no.reason) for no in _days(law, values)]
    if "longitude" in values and "latitude" in values:
        found += _position_faults(values)
    return tuple(found)


def _code_faults(text: str, divisions: Container[str], declared: str) -> list[Fault]:
    code = DeviceCode.read(text)
    if code is None:  # an old file's: the rules refuse such a code today
        return [Fault("device_id", "device_code", Words("编码不是 20 位数字", "the code is not 20 digits"))]
    return [Fault("device_id", "device_code", words) for words in faults_of(code, divisions, declared)]


def _days(law: Law, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return all_of(keeps_long_enough(law, values.get("record_save_days")))


def _position_faults(values: Mapping[str, Any]) -> list[Fault]:
    found = []
    if not in_harbin((values["longitude"], values["latitude"])):
        found += [Fault(name, "outside", OUTSIDE) for name in ("longitude", "latitude")]
    if not values.get("crs"):
        found += [Fault("longitude", "no_crs", UNDECLARED_CRS), Fault("latitude", "no_crs", UNDECLARED_CRS)]
    return found
