"""What people were granted under art. 22, and what is shared with their departments under art. 20."""

from uuid import UUID

from fastapi import Request

from bingjian.access.decisions import Role
from bingjian.access.grants import GrantKind, GrantRow
from bingjian.access.register import RegisterFilter
from bingjian.api.paging import PAGE_DEFAULT, Cursor, Limit
from bingjian.api.permissions import CopyTaker, GrantReader, resource_of
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.camera_files import file_out
from bingjian.api.routes.cameras import expires_of
from bingjian.api.routes.register import camera_names, coded, named, register_page
from bingjian.api.routing import api_router
from bingjian.api.schemas_access import GrantOut, GrantsOut, RegisterOut
from bingjian.api.schemas_camera_files import CameraFileOut
from bingjian.db.areas import CITY, is_inside

FILE_VERBS = frozenset({"copy", "retrieve"})  # codes of ``access_verb``

router = api_router("/api/v1", "access")


@router.get("/grants")
async def list_grants(actor: GrantReader, platform: ThePlatform) -> GrantsOut:
    """The grants that the person holds now, the first to end in front."""
    rows = await platform.parts.grants.of_person(actor)
    cameras = await camera_names(platform, [camera for row in rows for camera in row.cameras])
    return GrantsOut(items=[grant_out(platform, row, cameras) for row in rows])


@router.get("/grants/{grant}/register")
async def read_register_of_grant(
    grant: UUID, actor: GrantReader, platform: ThePlatform, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> RegisterOut:
    """What was done under one of the person's grants, newest first: which copies there are to give on."""
    await platform.parts.grants.require_held(grant, actor)
    return await register_page(platform, RegisterFilter(grant=grant), actor.areas, limit, cursor)


@router.get("/grants/{grant}/camera-files/{file}")
async def get_shared_camera_file(
    grant: UUID, file: UUID, request: Request, actor: GrantReader, platform: ThePlatform
) -> CameraFileOut:
    """Base information of a shared camera, where the grant names it (R20.3): decided, logged, then shown."""
    where = await resource_of(platform, file)
    await platform.door.open_base_info(actor, file, where.division, grant, expires_of(request))
    return file_out(await platform.parts.camera_files.get(file, actor), actor)


@router.get("/cameras/{camera}/grants")
async def list_grants_of_camera(camera: UUID, actor: CopyTaker, platform: ThePlatform) -> GrantsOut:
    """By which a custodian may make files of this camera's footage: grants that hold, whoever has them."""
    rows = [row for row in await platform.parts.grants.for_camera(camera) if offers_file(row, camera)]
    where = await resource_of(platform, camera)
    keeps = Role.CUSTODIAN in actor.roles and is_inside(where.division or CITY, actor.areas)
    mine = [row for row in rows if keeps or row.is_held_by(actor)]
    names = await camera_names(platform, [camera for row in mine for camera in row.cameras])
    return GrantsOut(items=[grant_out(platform, row, names) for row in mine])


def offers_file(row: GrantRow, camera: UUID) -> bool:
    """Whether a copy may be made under it, or footage retrieved, and none has been of this camera."""
    return any(f"{verb} {camera}" not in row.uses for verb in FILE_VERBS & set(row.verbs.split(",")))


def grant_out(platform: Platform, row: GrantRow, cameras: dict[UUID, str]) -> GrantOut:
    return GrantOut(
        id=row.id,
        kind=GrantKind(row.kind).value,
        request=row.request,
        number=row.number,
        cameras=[named(cameras, camera) for camera in row.cameras],
        begin=row.begin_at,
        end=row.end_at,
        verbs=[coded(platform, "access_verb", verb) for verb in row.verbs.split(",")],
        purpose=coded(platform, "access_purpose", row.purpose),
        destination=row.destination,
        kinds=[coded(platform, "share_kind", kind) for kind in row.kinds.split(",") if kind],
        may_forward=row.may_forward,
        starts=row.starts_at,
        expires=row.expires_at,
        has_whole_edges=row.has_whole_edges,
        may_unmask=row.may_unmask,
    )
