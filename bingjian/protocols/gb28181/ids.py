"""The 20-digit id: ``CCCCCCCC II TTT N SSSSSS``.

Reading is lenient: devices send 19 or 21 digits, letters, blanks, so an id is a string everywhere and only
ever compared. Making is strict: ids that we give out are right.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

LENGTH = 20
DOMAIN_LENGTH = 10  # the first ten digits: the SIP domain, realm and host part
DIVISION_LENGTHS = (2, 4, 6, 8)  # ids that name an administrative division
LONGEST = 64  # characters of an id that we keep; longer ones are cut

_DIGITS = re.compile(r"[0-9]+")


class Type(IntEnum):
    """Digits 11 to 13, as far as anything here depends on them."""

    DVR = 111
    VIDEO_SERVER = 112
    ENCODER = 113
    DECODER = 114
    ALARM_CONTROLLER = 117
    NVR = 118
    HVR = 130
    CAMERA = 131
    IP_CAMERA = 132
    DISPLAY = 133
    ALARM_INPUT = 134
    ALARM_OUTPUT = 135
    SOUND_INPUT = 136
    SOUND_OUTPUT = 137
    MOBILE_UNIT = 138
    PLATFORM = 200
    MEDIA_SERVER = 202
    BUSINESS_GROUP = 215
    VIRTUAL_ORGANISATION = 216
    CENTRE_USER = 300
    TERMINAL_USER = 400


class Kind(IntEnum):
    """What a node of a catalogue is, by the shape of its id."""

    DIVISION = 1
    SYSTEM = 2
    BUSINESS_GROUP = 3
    VIRTUAL_ORGANISATION = 4
    DEVICE = 5  # a front-end main device, types 111 to 130
    CHANNEL = 6  # everything else: cameras, alarm inputs, ids of other shapes


class IdError(ValueError):
    """An id that we were to make cannot be. Ours to prevent."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Of an id of 20 digits."""

    centre: str  # 8 digits: province, city, district, grass-roots unit
    industry: int
    type: int
    network: int
    serial: str  # 6 digits

    @property
    def domain(self) -> str:
        return f"{self.centre}{self.industry:02d}"


def cleaned(text: str) -> str:
    """An id as it is kept and compared: without blanks, and not endless."""
    return "".join(text.split())[:LONGEST]


def is_valid(id: str) -> bool:
    """Has it the form that the standard asks for?"""
    return len(id) == LENGTH and _DIGITS.fullmatch(id) is not None


def parts(id: str) -> Parts | None:
    """None for an id of another form."""
    if not is_valid(id):
        return None
    return Parts(id[:8], int(id[8:10]), int(id[10:13]), int(id[13]), id[14:])


def type_of(id: str) -> int:
    """Digits 11 to 13; 0 if the id has no such digits."""
    digits = id[10:13]
    return int(digits) if len(digits) == 3 and _DIGITS.fullmatch(digits) else 0


def kind(id: str) -> Kind:
    """What a catalogue's node is."""
    if len(id) in DIVISION_LENGTHS and _DIGITS.fullmatch(id):
        return Kind.DIVISION
    number = type_of(id)
    known = {
        Type.PLATFORM: Kind.SYSTEM,
        Type.BUSINESS_GROUP: Kind.BUSINESS_GROUP,
        Type.VIRTUAL_ORGANISATION: Kind.VIRTUAL_ORGANISATION,
    }
    if number in known:
        return known[Type(number)]
    return Kind.DEVICE if 111 <= number <= 130 else Kind.CHANNEL


def make(domain: str, type: int, serial: int, *, network: int = 0) -> str:
    """An id of ours.

    Raises:
        IdError: a part is not of its length.
    """
    right = len(domain) == DOMAIN_LENGTH and _DIGITS.fullmatch(domain)
    if not (right and 111 <= type <= 999 and 0 <= network <= 9 and 0 <= serial <= 999_999):
        raise IdError(f"no id of domain {domain!r}, type {type}, network {network}, serial {serial}")
    return f"{domain}{type:03d}{network}{serial:06d}"
