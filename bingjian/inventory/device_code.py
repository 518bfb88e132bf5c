"""The 20-digit device code of GB/T 28181: read, checked, put together, and the next free one handed out.

``CCCCCCCC II TTT N SSSSSS``: centre (division and grass-roots unit), industry, type, network, serial.
"""

from collections.abc import Container
from dataclasses import dataclass

from sqlalchemy import Integer, String, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.errors import CodesUsedUp
from bingjian.rules.edition import Words

CENTRE, INDUSTRY, TYPE, NETWORK, SERIAL = (
    slice(0, 8),
    slice(8, 10),
    slice(10, 13),
    slice(13, 14),
    slice(14, 20),
)
PREFIX = slice(0, 14)
LENGTH = 20
SERIAL_MAX = 999_999
CAMERA_TYPES = ("131", "132")  # camera, network camera: what a video channel is
INDUSTRIES = frozenset(f"{n:02}" for n in (*range(15), *range(40, 60), *range(90, 100)))  # annex E
ROAD_SECURITY = "00"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A code in its parts, all digits."""

    centre: str  # 8
    industry: str  # 2
    type: str  # 3
    network: str  # 1
    serial: str  # 6

    @classmethod
    def read(cls, text: str) -> "DeviceCode | None":
        """None unless it is 20 ASCII digits."""
        if len(text) != LENGTH or not (text.isascii() and text.isdigit()):
            return None
        return cls(*(text[part] for part in (CENTRE, INDUSTRY, TYPE, NETWORK, SERIAL)))

    @property
    def division(self) -> str:
        return self.centre[:6]

    def __str__(self) -> str:
        return self.centre + self.industry + self.type + self.network + self.serial


def faults_of(code: DeviceCode, divisions: Container[str], declared: str) -> list[Words]:
    """What is wrong with a code of 20 digits, in sentences without the code.

    Args:
        divisions: the codes that the city has, its own among them.
        declared: the division that the file names.
    """
    found = []
    if code.division not in divisions:
        found.append(
            Words("编码前六位不是本市的行政区划", "its first six digits are no division of this city")
        )
    elif code.division != declared:
        found.append(Words("编码前六位与行政区域不一致", "its first six digits are another division"))
    if code.industry not in INDUSTRIES:
        found.append(Words("编码第 9、10 位不是行业代码", "digits 9 and 10 are no industry"))
    if code.type not in CAMERA_TYPES:
        found.append(Words("编码第 11–13 位不是摄像机类型", "digits 11 to 13 are no type of camera"))
    return found


def prefix_of(division: str, type_: str, industry: str = ROAD_SECURITY, network: str = "0") -> str:
    """All but the serial. Raises ValueError if that makes no 14 digits."""
    prefix = f"{division}00{industry}{type_}{network}"
    if len(prefix) != PREFIX.stop or not (prefix.isascii() and prefix.isdigit()):
        raise ValueError("a division has six digits, an industry two, a type three, a network one")
    return prefix


class DeviceCodeSeriesRow(Base):
    """The last serial handed out under a prefix; a code once handed out is never handed out again."""

    __tablename__ = "device_code_series"

    prefix: Mapped[str] = mapped_column(String(14), primary_key=True)
    last: Mapped[int]


async def allocate(session: AsyncSession, prefix: str) -> DeviceCode:
    """The next code that neither was handed out nor is in a file; one statement, so two never get the same.

    Raises:
        CodesUsedUp: the serials under this prefix are at their end.
    """
    table, dialect = DeviceCodeSeriesRow, session.get_bind().dialect.name
    module = postgresql if dialect == "postgresql" else sqlite
    largest = func.greatest if dialect == "postgresql" else func.max
    serial = cast(func.substr(CameraFileRow.device_id, SERIAL.start + 1), Integer)
    filed = (
        select(func.coalesce(func.max(serial), 0))
        .where(CameraFileRow.device_id.between(prefix + "0" * 6, prefix + "9" * 6))
        .scalar_subquery()
    )
    insert = module.insert(table).values(prefix=prefix, last=filed + 1)
    statement = insert.on_conflict_do_update(
        index_elements=[table.prefix], set_={"last": largest(table.last, filed) + 1}
    ).returning(table.last)
    last = (await session.execute(statement)).scalar_one()
    if last > SERIAL_MAX:
        raise CodesUsedUp
    code = DeviceCode.read(f"{prefix}{last:06}")
    assert code is not None
    return code
