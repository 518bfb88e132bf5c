"""What the platform itself is doing."""

from fastapi import APIRouter

from bingjian import __version__
from bingjian.api.permissions import SystemReader
from bingjian.api.platform import ThePlatform
from bingjian.api.schemas import SystemOut
from bingjian.clock import utc_now

router = APIRouter(prefix="/api/v1/system", tags=["system"])


@router.get("")
async def read_system(actor: SystemReader, platform: ThePlatform) -> SystemOut:
    """Version, volumes and media workers."""
    return SystemOut.model_validate(
        {
            "version": __version__,
            "now": utc_now(platform.clock),
            "volumes": platform.workers.volumes(),
            "workers": platform.workers.reports(),
        }
    )
