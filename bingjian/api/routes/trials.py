"""Systems on trial: what their builders may test (R16.5). The test view itself is a route of its camera."""

from fastapi import APIRouter

from bingjian.api.permissions import TrialViewer
from bingjian.api.platform import ThePlatform
from bingjian.api.schemas_trials import TrialOut, TrialsOut

router = APIRouter(prefix="/api/v1/trials", tags=["trials"])


@router.get("")
async def list_trials(actor: TrialViewer, platform: ThePlatform) -> TrialsOut:
    """The systems on trial that my organisation builds, and their cameras."""
    found = await platform.parts.trials.of(actor)
    return TrialsOut(items=[TrialOut.model_validate(one) for one in found])
