"""Systems on trial: what their builders may test (R16.5). The test view itself is a route of its camera."""

from bingjian.api.permissions import TrialViewer
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas_trials import TrialOut, TrialsOut

router = api_router("/api/v1/trials", "trials")


@router.get("")
async def list_trials(actor: TrialViewer, platform: ThePlatform) -> TrialsOut:
    """The systems on trial that my organisation builds, and their cameras."""
    found = await platform.parts.trials.of(actor)
    return TrialsOut(items=[TrialOut.model_validate(one) for one in found])
