"""Whether a camera turns: what its file says counts, for catalogues of devices are often wrong.

A device that calls a dome fixed does not take its motors away: its word makes a camera doubtful, not fixed.
"""

from typing import Literal
from uuid import UUID

from sqlalchemy import select

from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow, values_of
from bingjian.inventory.gb28181.models import GbChannelRow

Mobility = Literal["turns", "fixed", "unsure"]

# Codes of GB/T 28181's PTZType, which the file's type of camera uses, too.
TURNING = frozenset({"1", "4", "5"})  # dome, remote bullet, remote hemisphere
FIXED = frozenset({"2", "3", "6", "7"})  # hemisphere, fixed bullet, stitched or split channel


async def mobility_of(database: Database, camera: UUID) -> Mobility:
    told = select(GbChannelRow.ptz_type).where(GbChannelRow.camera == camera, GbChannelRow.gone_at.is_(None))
    async with database.read() as session:
        file = await session.get(CameraFileRow, camera)
        filed, swept = (file.structure_type, "sweep" in values_of(file)) if file is not None else ("", False)
        return judged(filed, await session.scalar(told.limit(1)) or "", has_sweep=swept)


def judged(filed: str, told: str, *, has_sweep: bool) -> Mobility:
    """From the codes of the file and of the device's catalogue; empty: it says nothing.

    ``has_sweep``: the file registers where it turns, and so says that it does.
    """
    if has_sweep or filed in TURNING:
        return "turns"
    if filed in FIXED:
        return "fixed"
    return "turns" if told in TURNING else "unsure"
