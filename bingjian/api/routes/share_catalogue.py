"""The share catalogue (art. 20): what the data authority has published, with its figures of use."""

from uuid import UUID

from bingjian.api.permissions import CatalogueReader
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.register import camera_names, coded, named
from bingjian.api.routing import api_router
from bingjian.api.schemas_access import CatalogueOut, NamedOut, OfferedOut
from bingjian.clock import utc_now
from bingjian.procedures.share_catalogue import Offered

router = api_router("/api/v1/share-catalogue", "access")


@router.get("")
async def list_catalogue(actor: CatalogueReader, platform: ThePlatform) -> CatalogueOut:
    """Published entries by name, each with how often something was opened by it."""
    law = platform.parts.lawbook.at(utc_now(platform.clock))
    found = await platform.parts.share_catalogue.published(law, actor.areas)
    return CatalogueOut(items=await offered_out(platform, found))


@router.get("/cameras/{camera}")
async def get_offered_camera(camera: UUID, actor: CatalogueReader, platform: ThePlatform) -> NamedOut:
    """What a camera is called that is offered, or that one's own body has asked for; nothing else of it."""
    law = platform.parts.lawbook.at(utc_now(platform.clock))
    name = await platform.parts.share_catalogue.camera_name(law, camera, actor)
    return NamedOut(id=camera, name=name)


async def offered_out(platform: Platform, found: list[Offered]) -> list[OfferedOut]:
    cameras = await camera_names(platform, [camera for one in found for camera in one.entry.cameras])
    keepers = await platform.parts.organisations.names([one.entry.keeper for one in found])
    return [
        OfferedOut(
            id=one.record.id,
            number=one.record.number,
            title=one.record.title,
            keeper=named(keepers, one.entry.keeper),
            cameras=[named(cameras, camera) for camera in one.entry.cameras],
            kinds=[coded(platform, "share_kind", kind) for kind in one.entry.kinds],
            conditions=one.entry.conditions,
            begin=one.entry.begin,
            until=one.entry.until,
            uses=one.uses,
        )
        for one in found
    ]
