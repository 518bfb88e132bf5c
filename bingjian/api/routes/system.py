"""What the platform itself is doing."""

from bingjian import __version__
from bingjian.api.modules import healthy
from bingjian.api.permissions import SystemReader
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import SystemOut
from bingjian.clock import utc_now
from bingjian.rules.decision import Refusal
from bingjian.rules.decisions.platforms import is_whole

router = api_router("/api/v1/system", "system")


@router.get("")
async def read_system(actor: SystemReader, platform: ThePlatform) -> SystemOut:
    """Version, modules, volumes and media workers."""
    now, modules = utc_now(platform.clock), await healthy(platform)
    answer = is_whole(platform.parts.lawbook.at(now), modules)
    return SystemOut.model_validate(
        {
            "version": __version__,
            "now": now,
            "modules": modules,
            "fault": told(answer, actor.language) if isinstance(answer, Refusal) else "",
            "volumes": platform.workers.volumes(),
            "workers": platform.workers.reports(),
        }
    )


def told(answer: Refusal, language: str) -> str:
    return answer.reason.zh if language == "zh" else answer.reason.en
