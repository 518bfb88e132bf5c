"""May a camera stand there: the law's answer before a file is filled in."""

from bingjian.api.permissions import BaseChanger
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas_siting import SitingOut, StandingIn, ViewIn
from bingjian.inventory.siting import Standing
from bingjian.inventory.view import Sweep, View, view_polygon

router = api_router("/api/v1/siting-queries", "places")


@router.post("")
async def ask_siting(wish: StandingIn, actor: BaseChanger, platform: ThePlatform) -> SitingOut:
    """The articles by which it may stand there; refused with all that refuses, as its file would be."""
    grant = await platform.parts.site_questions.ask(standing_of(wish), actor, actor.areas)
    return SitingOut(articles=[str(article) for article in grant.articles])


def standing_of(wish: StandingIn) -> Standing:
    position = wish.longitude is not None and wish.latitude is not None
    values = wish.model_dump(exclude={"view", "masks", "consents", "purposes"})
    return Standing(
        **values,
        purposes=tuple(wish.purposes),
        view=view_polygon(view_of(wish, wish.view)) if wish.view is not None and position else None,
        masks=tuple(tuple(ring) for ring in wish.masks),
        consents={one.place: (one.document, one.at) for one in wish.consents},
    )


def view_of(wish: StandingIn, view: ViewIn) -> View:
    assert wish.longitude is not None
    assert wish.latitude is not None
    sweep = Sweep(view.sweep.pan_from, view.sweep.pan_width) if view.sweep else None
    return View(wish.longitude, wish.latitude, view.azimuth, view.h_fov, view.distance_m, sweep)
