"""Cameras: the list, registration, and looking."""

import base64
from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import SecretStr

from bingjian.access.decisions import Actor, Role, Verb
from bingjian.access.door import DEVICE_MAX, TIMELINE_MAX, CopyKind, Opened, Sprite, require_interval
from bingjian.api.ending import Why
from bingjian.api.media import media_origin
from bingjian.api.paging import PAGE_DEFAULT, PAGE_MAX, Cursor, Limit, cursor_of, key_of
from bingjian.api.permissions import (
    CameraAdder,
    CameraChanger,
    CameraLister,
    CameraRemover,
    CameraTester,
    CopyTaker,
    LiveViewer,
    PictureViewer,
    PlaybackViewer,
    TimelineReader,
    TrialViewer,
    reached,
    site_of,
    unit_of,
)
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.protections import person_of
from bingjian.api.routes.storage import rooms_of
from bingjian.api.routing import api_router
from bingjian.api.schemas import (
    UNMASK,
    CameraIn,
    CameraOut,
    CameraPatch,
    CamerasOut,
    CameraTestIn,
    ClipIn,
    ClipTicketOut,
    DevicePlaybackIn,
    DevicePlaybackTicketOut,
    DeviceRecordingOut,
    DeviceRecordingsOut,
    Line,
    LiveIn,
    LiveTicketOut,
    Moment,
    PlaybackIn,
    PlaybackTicketOut,
    ProbeOut,
    Purpose,
    SpriteOut,
    SpritePictureOut,
    TimelineOut,
    TrialIn,
    TrialTicketOut,
)
from bingjian.clock import CHINA, instant_of, utc_now
from bingjian.inventory.errors import GbDeviceRefuses, GbDeviceSilent, NothingThere
from bingjian.inventory.gb28181.device_recordings import RECORDINGS_MAX, channel_of, require_channel
from bingjian.inventory.models import CameraRow, CameraWish
from bingjian.inventory.service import address_of
from bingjian.recording.key_frames import MAX_STEPS
from bingjian.streaming.clip import safe_name

router = api_router("/api/v1/cameras", "cameras")

QUERY_MAX = 100  # characters of a search
PurposeQuery = Annotated[
    Purpose | None, Query(description="Code of `access_purpose`; absent only with a grant, which has its own")
]


@router.get("")
async def list_cameras(
    actor: CameraLister,
    platform: ThePlatform,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    q: Annotated[
        str | None, Query(max_length=QUERY_MAX, description="Part of a name or address"), Line
    ] = None,
    ids: Annotated[list[UUID] | None, Query(max_length=PAGE_MAX, description="Of these alone")] = None,
) -> CamerasOut:
    """Cameras by name, with what each is doing right now."""
    page = await platform.cameras.page(
        limit,
        key_of(cursor, 2),
        q,
        ids,
        areas=actor.areas,
        search_addresses=sees_addresses(actor),
    )
    items = [camera_out(platform, actor, row) for row in page.items]
    return CamerasOut(items=items, next=cursor_of(page.next_key))


@router.post("", status_code=201)
async def add_camera(wish: CameraIn, actor: CameraAdder, platform: ThePlatform) -> CameraOut:
    """Register a camera; recording begins at once."""
    await admit(platform, actor)
    row = await platform.cameras.add(
        CameraWish(
            name=wish.name,
            url=wish.url,
            sub_url=wish.sub_url,
            username=wish.username,
            password=revealed(wish.password),
            transport=wish.transport,
            verify_tls=wish.verify_tls,
        ),
        actor.id,
        actor.name,
    )
    await platform.workers.assign_all()
    return camera_out(platform, actor, row)


@router.post("/test")
async def test_camera(wish: CameraTestIn, actor: CameraTester, platform: ThePlatform) -> ProbeOut:
    """Look at what an address offers, for a few seconds, without registering it."""
    address = address_of(
        "url", wish.url, wish.username, revealed(wish.password), wish.transport, wish.verify_tls
    )
    return ProbeOut.model_validate(await platform.probe(address))


@router.get("/{camera}")
async def get_camera(camera: UUID, request: Request, actor: CameraLister, platform: ThePlatform) -> CameraOut:
    """One camera."""
    return camera_out(platform, actor, site_of(request).row)


@router.patch("/{camera}")
async def change_camera(
    camera: UUID, wish: CameraPatch, actor: CameraChanger, platform: ThePlatform
) -> CameraOut:
    """Change what is given; the rest stays."""
    row = await platform.cameras.change(camera, given(wish), actor.id, actor.name)
    await platform.workers.assign_all()
    return camera_out(platform, actor, row)


@router.delete("/{camera}", status_code=204)
async def remove_camera(camera: UUID, actor: CameraRemover, platform: ThePlatform, reason: Why = "") -> None:
    """Stop recording a camera. What it recorded stays."""
    is_recorded = camera not in await platform.workers.stopped()
    endings = platform.parts.endings
    await platform.cameras.remove(camera, reason, actor, endings, is_recorded=is_recorded)
    await platform.parts.banning.settle(camera)
    await platform.workers.assign_all()


@router.post("/{camera}/live", status_code=201)
async def open_live(
    camera: UUID, wish: LiveIn, request: Request, actor: LiveViewer, platform: ThePlatform
) -> LiveTicketOut:
    """Open a live picture: decided, logged, then served."""
    site = await reached(request, platform, actor, Verb.LIVE, wish.grant)
    await platform.parts.serving.require_shown(actor, camera, Verb.LIVE)
    opened = await platform.door.open_live(
        actor, site, wish.stream, wish.purpose, expires_of(request), wish.grant, unmask=bool(wish.unmask)
    )
    origin = media_origin(request, platform, site.row, opened, websocket=True)
    return LiveTicketOut(
        url=f"{origin}/m/{opened.ticket}/live",
        masked=opened.is_masked,
        opens_before=opened.opens_before,
        expires=opened.expires,
        watermark=watermark_of(request, actor, wish.grant, platform),
    )


@router.post("/{camera}/trial", status_code=201)
async def open_trial(
    camera: UUID, wish: TrialIn, request: Request, actor: TrialViewer, platform: ThePlatform
) -> TrialTicketOut:
    """Open the builder's test view of a system that runs on trial: decided, logged, then served."""
    await platform.parts.serving.require_test_view(actor, camera)
    site = site_of(request)
    await platform.door.require_handled(actor, Verb.TRIAL, site)
    opened = await platform.door.open_trial(actor, site, wish.stream, expires_of(request))
    origin = media_origin(request, platform, site.row, opened, websocket=True)
    at = utc_now(platform.clock).astimezone(CHINA)
    return TrialTicketOut(
        url=f"{origin}/m/{opened.ticket}/live",
        opens_before=opened.opens_before,
        expires=opened.expires,
        watermark=f"试运行 · {actor.name} · {at:%Y-%m-%d %H:%M}",
    )


@router.post("/{camera}/playback", status_code=201)
async def open_playback(
    camera: UUID, wish: PlaybackIn, request: Request, actor: PlaybackViewer, platform: ThePlatform
) -> PlaybackTicketOut:
    """Open what was recorded: decided, logged, then served."""
    site = await reached(request, platform, actor, Verb.PLAYBACK, wish.grant)
    await platform.parts.serving.require_shown(actor, camera, Verb.PLAYBACK, wish.start)
    opened = await platform.door.open_playback(
        actor,
        site,
        wish.start,
        wish.end,
        wish.purpose,
        expires_of(request),
        wish.grant,
        unmask=bool(wish.unmask),
    )
    base = f"{media_origin(request, platform, site.row, opened)}/m/{opened.ticket}"
    return PlaybackTicketOut(
        url=f"{base}/index.m3u8",
        heartbeat_url=f"{base}/heartbeat",
        masked=opened.is_masked,
        opens_before=opened.opens_before,
        expires=opened.expires,
        watermark=watermark_of(request, actor, wish.grant, platform),
    )


@router.post("/{camera}/device-playback", status_code=201)
async def open_device_playback(
    camera: UUID, wish: DevicePlaybackIn, request: Request, actor: PlaybackViewer, platform: ThePlatform
) -> DevicePlaybackTicketOut:
    """Open what the camera's device has stored itself: decided, logged, then played by the device, for this
    viewer alone.

    Refused under a grant (`device_time_uncertain`) and of cameras with masks (`device_not_masked`).
    """
    require_interval(wish.start, wish.end, DEVICE_MAX)
    site = await reached(request, platform, actor, Verb.PLAYBACK, wish.grant)
    await platform.parts.serving.require_shown(actor, camera, Verb.PLAYBACK, wish.start)
    require_channel(site.row)
    await platform.door.foresee_device(actor, site, wish.start, wish.grant)
    start = await first_recorded(platform, site.row, wish.start, wish.end)
    opened = await platform.door.open_device_playback(
        actor, site, start, wish.end, wish.purpose, expires_of(request)
    )
    origin = media_origin(request, platform, site.row, opened, websocket=True)
    return DevicePlaybackTicketOut(
        url=f"{origin}/m/{opened.ticket}/live",
        start=start,
        end=wish.end,
        opens_before=opened.opens_before,
        expires=opened.expires,
        watermark=watermark_of(request, actor, None, platform),
    )


async def first_recorded(platform: Platform, row: CameraRow, start: datetime, end: datetime) -> datetime:
    """Devices begin with the first that they have, and do not say where that is (quirk 34 of the field).

    Raises NothingThere: the device has nothing of the interval; and as ``DeviceRecordings.of``, but for a
    device that cannot tell: it may play all the same.
    """
    try:
        told = await platform.parts.device_recordings.of(row, start, end)
    except (GbDeviceSilent, GbDeviceRefuses):
        return start
    if told.is_complete and not told.recordings:
        raise NothingThere(None)
    return told.recordings[0].start if told.recordings else start


@router.get(
    "/{camera}/snapshot",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}}, "headers": {"X-Picture-Time": {"schema": {"type": "string"}}}}
    },
)
async def get_snapshot(
    camera: UUID,
    request: Request,
    actor: PictureViewer,
    platform: ThePlatform,
    at: Annotated[Moment | None, Query(description="RFC 3339; absent: now")] = None,
    grant: Annotated[UUID | None, Query(description="Under which grant (art. 22)")] = None,
    purpose: PurposeQuery = None,
    unmask: Annotated[bool, Query(description=UNMASK)] = False,
) -> Response:
    """A still picture of the last frame at or before an instant."""
    site = await reached(request, platform, actor, Verb.PICTURE, grant)
    await platform.parts.serving.require_shown(actor, camera, Verb.PICTURE, at)
    picture = await platform.door.open_picture(
        actor, site, at, purpose, expires_of(request), grant, unmask=unmask
    )
    headers = {"X-Picture-Time": picture.taken_at, "Cache-Control": "no-store"}
    headers["X-Masked"] = "1" if picture.is_masked else "0"
    headers["X-Watermark"] = quote(watermark_of(request, actor, grant, platform))  # to be drawn over it
    return Response(picture.jpeg, media_type="image/jpeg", headers=headers)


@router.post("/{camera}/clip", status_code=201)
async def open_clip(
    camera: UUID, wish: ClipIn, request: Request, actor: CopyTaker, platform: ThePlatform
) -> ClipTicketOut:
    """Take an interval away as a file: decided, logged, then served."""
    kind: CopyKind = "clip" if wish.form == "fragmented" else "download"
    platform.door.require_copyable(wish.start, wish.end, kind)
    site = await reached(request, platform, actor, Verb.COPY, wish.grant, is_file=True)
    await platform.parts.serving.require_shown(actor, camera, Verb.COPY, wish.start)
    await platform.parts.serving.require_leaving(actor, camera, is_granted=wish.grant is not None)
    opened = await platform.door.open_clip(
        actor,
        site,
        wish.start,
        wish.end,
        wish.purpose,
        kind,
        expires_of(request),
        wish.grant,
        wish.verb or "copy",
        wish.destination or "",
        unmask=bool(wish.unmask),
        mark=await platform.parts.tracing.mark_of(actor, wish.grant),
    )
    return copy_ticket(request, platform, site.row, opened)


@router.get("/{camera}/sprite")
async def get_sprite(
    camera: UUID,
    actor: PictureViewer,
    request: Request,
    platform: ThePlatform,
    start: Annotated[Moment, Query()],
    end: Annotated[Moment, Query()],
    pictures: Annotated[int, Query(ge=1, le=MAX_STEPS)] = 32,
    columns: Annotated[int, Query(ge=1, le=MAX_STEPS)] = 8,
    width: Annotated[int, Query(ge=16, le=640, description="Pixels of one picture")] = 160,
    purpose: PurposeQuery = None,
) -> SpriteOut:
    """Small pictures of an interval, one for each of so many equal steps, to show while dragging through
    it.
    """
    site = await reached(request, platform, actor, Verb.PICTURE)
    await platform.parts.serving.require_shown(actor, camera, Verb.PICTURE, start)
    sprite = await platform.door.open_sprite(
        actor, site, start, end, pictures, columns, width, purpose, expires_of(request)
    )
    return sprite_out(sprite, pictures)


@router.get("/{camera}/timeline")
async def get_timeline(
    camera: UUID,
    request: Request,
    actor: TimelineReader,
    platform: ThePlatform,
    start: Annotated[Moment, Query()],
    end: Annotated[Moment, Query()],
    resolution_ms: Annotated[
        int, Query(ge=0, le=86_400_000, description="Nothing shorter need be told apart")
    ] = 0,
) -> TimelineOut:
    """Which times are there, which are missing and why. A gap may look longer at a zoom, never vanish."""
    require_interval(start, end, TIMELINE_MAX)
    spans = await platform.workers.timeline(site_of(request).row, start, end, resolution_ms)
    return TimelineOut.model_validate({"spans": spans, "now": utc_now(platform.clock)})


@router.get("/{camera}/device-recordings")
async def get_device_recordings(
    camera: UUID,
    request: Request,
    actor: TimelineReader,
    platform: ThePlatform,
    start: Annotated[Moment, Query()],
    end: Annotated[Moment, Query()],
) -> DeviceRecordingsOut:
    """Which times the camera's device has in its own storage, as it says itself."""
    require_interval(start, end, RECORDINGS_MAX)
    told = await platform.parts.device_recordings.of(site_of(request).row, start, end)
    return DeviceRecordingsOut(
        recordings=[DeviceRecordingOut.model_validate(one) for one in told.recordings],
        complete=told.is_complete,
        asked_at=told.asked_at,
        now=utc_now(platform.clock),
    )


def copy_ticket(request: Request, platform: Platform, row: CameraRow, opened: Opened) -> ClipTicketOut:
    base = f"{media_origin(request, platform, row, opened)}/m/{opened.ticket}"
    return ClipTicketOut(
        url=f"{base}/{quote(safe_name(row.name))}.mp4",
        files_url=f"{base}/files.json",
        masked=opened.is_masked,
        opens_before=opened.opens_before,
        expires=opened.expires,
    )


def watermark_of(request: Request, actor: Actor, grant: UUID | None, platform: Platform) -> str:
    """The viewer's mark (R21.3, R31.5): name, unit and minute, and by which grant."""
    at = utc_now(platform.clock).astimezone(CHINA)
    told = actor.name, unit_of(request), str(grant)[:8] if grant else "", f"{at:%Y-%m-%d %H:%M}"
    return " · ".join(one for one in told if one)


async def admit(platform: Platform, actor: Actor) -> None:
    """Raises retention's Refused if the volumes cannot keep one camera more for its term."""
    rooms = rooms_of(platform.workers.volumes())
    if platform.admission == "enforce" and rooms:  # before a worker has spoken there is nothing to judge by
        await platform.retention.may_take_on(rooms, person_of(actor))


def camera_out(platform: Platform, actor: Actor, row: CameraRow) -> CameraOut:
    """A camera for this person: addresses only for those who register cameras, credentials for nobody."""
    shown = sees_addresses(actor)
    return CameraOut.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "url": row.url_shown if shown else None,
            "sub_url": row.sub_url_shown if shown else None,
            "transport": row.transport,
            "verify_tls": row.verify_tls,
            "created_at": row.created_at,
            "has_sub": row.sub_url_shown is not None,
            "has_device_storage": channel_of(row) is not None,
            "state": platform.workers.state_of(row),
        }
    )


def sprite_out(sprite: Sprite, pictures: int) -> SpriteOut:
    """By step: several may show the same key frame."""
    steps: list[SpritePictureOut | None] = [None] * pictures
    for tile, frame in enumerate(sprite.frames):
        at = instant_of(frame.at_90k)
        shown = SpritePictureOut(
            tile=tile,
            at=at,
            at_local=at.astimezone(CHINA).isoformat(timespec="milliseconds"),
            clock_offset_ms=frame.clock_offset_ms,
        )
        for step in frame.steps:
            steps[step] = shown
    tiles = sprite.tiles
    return SpriteOut(
        jpeg=base64.b64encode(tiles.jpeg).decode(),
        columns=tiles.columns,
        tile_width=tiles.tile_width,
        tile_height=tiles.tile_height,
        masked=sprite.is_masked,
        steps=steps,
    )


def sees_addresses(actor: Actor) -> bool:
    return Role.REGISTRAR in actor.roles


def expires_of(request: Request) -> datetime | None:
    """When the caller's session ends; None for the console."""
    expires: datetime | None = getattr(request.state, "expires", None)
    return expires


def given(wish: CameraPatch) -> dict[str, object]:
    """Only the fields that were given, the password as text."""
    fields = wish.model_dump(exclude_unset=True)
    if wish.password is not None:
        fields["password"] = revealed(wish.password)
    return fields


def revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
