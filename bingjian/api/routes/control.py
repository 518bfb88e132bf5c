"""Turning cameras: take control, say that one is there, command, let go. No move writes to the database."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request

from bingjian.access.control.keeping import Keeping
from bingjian.access.control.keeping import PresetIn as PresetWish
from bingjian.access.control.lease import BEAT, Controller, Lease, role_of
from bingjian.access.control.manoeuvres import Hand, Manoeuvres
from bingjian.access.control.service import Wish
from bingjian.access.decisions import Actor, Verb
from bingjian.access.door import CONSOLE_LIFE
from bingjian.api import permissions
from bingjian.api.media import media_origin
from bingjian.api.permissions import site_of, unit_of
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.cameras import expires_of
from bingjian.api.routing import api_router
from bingjian.api.schemas_control import (
    ControlIn,
    ControllerOut,
    ControlOut,
    CruiseIn,
    CruiseOut,
    FrameIn,
    LeaseOut,
    LensIn,
    MotionIn,
    PresetIn,
    PresetOut,
    ReturnIn,
    ScanIn,
    StartIn,
    SwitchIn,
    VoiceTicketOut,
)
from bingjian.clock import utc_now
from bingjian.inventory.cruises import CRUISE_MAX, CruiseRow
from bingjian.inventory.presets import PRESET_MAX, PresetRow, PresetView
from bingjian.inventory.turntable import Lens, Motion, Rectangle, Tour

router = api_router("/api/v1/cameras/{camera}/control", "cameras")

PresetNumber = Annotated[int, Path(ge=1, le=PRESET_MAX)]
GroupNumber = Annotated[int, Path(ge=0, le=CRUISE_MAX)]  # of a cruise or a scan
SwitchNumber = Annotated[int, Path(ge=1, le=255)]  # 1: the wiper (GB/T 28181-2022, A.3.8)


@router.get("")
async def get_control(
    camera: UUID, request: Request, actor: permissions.Controller, platform: ThePlatform
) -> ControlOut:
    """Who turns the camera now, if anybody, and where it can be sent."""
    control, row = platform.parts.control, site_of(request).row
    held = control.holder(camera)
    mobility, is_reached = await control.mobility(camera), control.turntable_of(row) is not None
    return ControlOut(
        is_turnable=is_reached and mobility != "fixed",
        mobility=mobility,
        can_speak=is_reached,
        cruises=[cruise_out(one) for one in await control.cruises.of(camera)],
        controller=controller_out(held, actor) if held is not None else None,
        presets=[preset_out(one) for one in await control.presets.of(camera)],
    )


@router.post("", status_code=201)
async def take_control(
    camera: UUID, wish: ControlIn, request: Request, actor: permissions.Controller, platform: ThePlatform
) -> LeaseOut:
    """Take control: decided, logged, then given. Whoever has it keeps it, unless their role gives way."""
    site = site_of(request)
    await platform.parts.serving.require_shown(actor, camera, Verb.CONTROL)
    until = await platform.door.admit_control(actor, site, wish.purpose, expires_of(request))
    by = Controller(actor.id, actor.name, role_of(actor.roles), unit_of(request), actor.address)
    asked = Wish(by, str(actor.organisation or ""), wish.purpose, until)
    return lease_out(await platform.parts.control.take(site.row, asked))


@router.post("/{lease}/beat")
async def keep_control(
    camera: UUID, lease: UUID, request: Request, actor: permissions.Controller, platform: ThePlatform
) -> LeaseOut:
    """Whoever controls is still there, and still may; 409 once somebody with precedence has taken over."""
    await platform.door.require_handled(actor, Verb.CONTROL, site_of(request))
    await platform.parts.serving.require_shown(actor, camera, Verb.CONTROL)
    until = expires_of(request) or utc_now(platform.clock) + CONSOLE_LIFE
    return lease_out(await platform.parts.control.beat(camera, lease, actor.id, until))


@router.delete("/{lease}", status_code=204)
async def release_control(
    camera: UUID, lease: UUID, actor: permissions.Controller, platform: ThePlatform
) -> None:
    """Stop, and let go."""
    await platform.parts.control.release(camera, lease, actor.id)


@router.post("/{lease}/voice", status_code=201)
async def speak(
    camera: UUID, lease: UUID, request: Request, actor: permissions.Controller, platform: ThePlatform
) -> VoiceTicketOut:
    """Speak through the camera, once and not long: logged, then heard. Only whoever controls it may."""
    site = site_of(request)
    await platform.door.require_handled(actor, Verb.CONTROL, site)
    await platform.parts.serving.require_shown(actor, camera, Verb.CONTROL)
    spoken = await platform.parts.control.speak(camera, lease, actor.id)
    opened = platform.door.voice_ticket(actor, camera, spoken.entry, spoken.expires)
    origin = media_origin(request, platform, site.row, opened, websocket=True)
    return VoiceTicketOut(
        url=f"{origin}/m/{opened.ticket}/voice", opens_before=opened.opens_before, expires=opened.expires
    )


@router.post("/{lease}/motion", status_code=204)
async def move_camera(
    camera: UUID, lease: UUID, wish: MotionIn, actor: permissions.Controller, platform: ThePlatform
) -> None:
    """Turn and zoom until the next command; all 0: stand still."""
    motion = Motion(wish.pan, wish.tilt, wish.zoom)
    await platform.parts.control.move(camera, lease, actor.id, motion, wish.number)


@router.post("/{lease}/lens", status_code=204)
async def adjust_lens(
    camera: UUID, lease: UUID, wish: LensIn, actor: permissions.Controller, platform: ThePlatform
) -> None:
    """Focus and iris until the next command; all 0: rest."""
    await platform.parts.control.adjust(camera, lease, actor.id, Lens(wish.focus, wish.iris), wish.number)


@router.post("/{lease}/home", status_code=204)
async def send_home(camera: UUID, lease: UUID, actor: permissions.Controller, platform: ThePlatform) -> None:
    """Back to the registered view."""
    await platform.parts.control.go_home(camera, lease, actor.id)


@router.post("/{lease}/presets/{preset}", status_code=204)
async def go_to_preset(
    camera: UUID, lease: UUID, preset: PresetNumber, actor: permissions.Controller, platform: ThePlatform
) -> None:
    """To a preset whose view is registered, and may be seen."""
    await platform.parts.control.go_to_preset(camera, lease, actor.id, preset)


@router.put("/{lease}/presets/{preset}")
async def set_preset(
    camera: UUID,
    lease: UUID,
    preset: PresetNumber,
    wish: PresetIn,
    actor: permissions.Controller,
    platform: ThePlatform,
) -> PresetOut:
    """Keep where the camera looks now; refused as a registration of that view would be."""
    view = PresetView(**wish.view.model_dump()) if wish.view else None
    asked = PresetWish(preset, wish.name, view, wish.is_home)
    return preset_out(await Keeping(platform.parts.control).set_preset(camera, lease, actor.id, asked))


@router.delete("/{lease}/presets/{preset}", status_code=204)
async def delete_preset(
    camera: UUID, lease: UUID, preset: PresetNumber, actor: permissions.Controller, platform: ThePlatform
) -> None:
    """Forget it, here and in the camera."""
    await Keeping(platform.parts.control).delete_preset(camera, lease, actor.id, preset)


@router.post("/{lease}/frame", status_code=204)
async def frame_part(
    camera: UUID, lease: UUID, wish: FrameIn, actor: permissions.Controller, platform: ThePlatform
) -> None:
    """Turn and zoom so that what was drawn on the picture fills it, or the other way round."""
    size = wish.picture_width, wish.picture_height
    rectangle = Rectangle(*size, wish.x, wish.y, wish.width, wish.height)
    hand = Hand(camera, lease, actor.id)
    await manoeuvres(platform).frame(hand, rectangle, wish.number, closer=wish.closer)


@router.put("/{lease}/cruises/{cruise}")
async def set_cruise(
    camera: UUID,
    lease: UUID,
    cruise: GroupNumber,
    wish: CruiseIn,
    actor: permissions.Controller,
    platform: ThePlatform,
) -> CruiseOut:
    """A round of presets; refused if one of them may not be gone to."""
    tour = Tour(cruise, tuple(wish.presets), wish.speed, wish.dwell_s)
    hand = Hand(camera, lease, actor.id)
    return cruise_out(await manoeuvres(platform).set_cruise(hand, wish.name, tour))


@router.delete("/{lease}/cruises/{cruise}", status_code=204)
async def delete_cruise(
    camera: UUID, lease: UUID, cruise: GroupNumber, actor: permissions.Controller, platform: ThePlatform
) -> None:
    """Forget it, here and in the camera."""
    await manoeuvres(platform).delete_cruise(Hand(camera, lease, actor.id), cruise)


@router.post("/{lease}/cruises/{cruise}", status_code=204)
async def start_cruise(
    camera: UUID,
    lease: UUID,
    cruise: GroupNumber,
    wish: StartIn,
    actor: permissions.Controller,
    platform: ThePlatform,
) -> None:
    """Round and round, until the next command or the end of the lease."""
    await manoeuvres(platform).start_cruise(Hand(camera, lease, actor.id), cruise, wish.number)


@router.put("/{lease}/scans/{scan}", status_code=204)
async def set_scan(
    camera: UUID,
    lease: UUID,
    scan: GroupNumber,
    wish: ScanIn,
    actor: permissions.Controller,
    platform: ThePlatform,
) -> None:
    """An edge of a scan where the camera looks now, or its speed."""
    await manoeuvres(platform).set_scan(Hand(camera, lease, actor.id), scan, wish.edge, wish.speed)


@router.post("/{lease}/scans/{scan}", status_code=204)
async def start_scan(
    camera: UUID,
    lease: UUID,
    scan: GroupNumber,
    wish: StartIn,
    actor: permissions.Controller,
    platform: ThePlatform,
) -> None:
    """To and fro, until the next command or the end of the lease; only where a whole turn is registered."""
    await manoeuvres(platform).start_scan(Hand(camera, lease, actor.id), scan, wish.number)


@router.post("/{lease}/switches/{switch}", status_code=204)
async def turn_switch(
    camera: UUID,
    lease: UUID,
    switch: SwitchNumber,
    wish: SwitchIn,
    actor: permissions.Controller,
    platform: ThePlatform,
) -> None:
    """A wiper (1) or a light, until the lease ends at the latest."""
    await manoeuvres(platform).switch(Hand(camera, lease, actor.id), switch, on=wish.on)


@router.put("/{lease}/return", status_code=204)
async def set_return(
    camera: UUID, lease: UUID, wish: ReturnIn, actor: permissions.Controller, platform: ThePlatform
) -> None:
    """After how long the camera itself goes back to its registered view."""
    await manoeuvres(platform).set_return(Hand(camera, lease, actor.id), wish.delay_s)


def manoeuvres(platform: Platform) -> Manoeuvres:
    return Manoeuvres(platform.parts.control)


def cruise_out(row: CruiseRow) -> CruiseOut:
    told = {"number": row.number, "name": row.name, "speed": row.speed, "dwell_s": row.dwell_s}
    return CruiseOut(presets=list(row.points), **told)


def lease_out(lease: Lease) -> LeaseOut:
    return LeaseOut(id=lease.id, until=lease.until, expires=lease.expires, beat_s=BEAT / timedelta(seconds=1))


def controller_out(held: Lease, actor: Actor) -> ControllerOut:
    return ControllerOut(
        name=held.by.name,
        unit=held.by.unit,
        role=held.by.role.value,
        since=held.begun,
        until=held.until,
        is_me=held.by.id == actor.id,
    )


def preset_out(row: PresetRow) -> PresetOut:
    return PresetOut(number=row.number, name=row.name, is_home=row.is_home)
