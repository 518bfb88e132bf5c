"""What takes a device a while: pictures brought to an address, and new firmware. Both of 2022."""

import asyncio
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import httpx
import structlog
from av.video.frame import VideoFrame

from bingjian.formats import nal
from bingjian.formats.access_unit import Codec, VideoConfig
from bingjian.protocols.gb28181.manscdp import configuration, controls, notifies
from bingjian.simulate.gb28181.channel import Channel
from bingjian.simulate.gb28181.film import LOOP_90K, PICTURE, Film

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.device import Device

SNAPS_LIMIT = 10  # of one order, by the standard
FIRMWARE_LIMIT = 64 << 20  # bytes; what is larger is no firmware of ours
HTTP_S = 10.0
FLASH_S = 0.5  # from the download to the restart: what the device had to say has been said
DOWNLOAD_FAILED, DAMAGED = "01", "02"  # UpgradeFailedReason
START_CODE = b"\0\0\0\1"
BEIJING = timedelta(hours=8)

log = structlog.get_logger(__name__)


async def snap(device: "Device", channel: Channel, order: configuration.SnapShotConfig) -> None:
    """Pictures one after the other; told at the end are those that were taken in."""
    brought = []
    async with httpx.AsyncClient(timeout=HTTP_S, trust_env=False) as client:
        for number in range(min(order.count or 1, SNAPS_LIMIT)):
            if number:
                await asyncio.sleep(order.interval_s or 1)
            name = file_name(device, channel, number + 1)
            if channel.film and await _bring(client, order.upload_url, name, await _still(channel)):
                brought.append(name)
    device.tell(
        configuration.SnapShotsUploaded(
            sn=device.next_sn(),
            device_id=channel.spec.id,
            session_id=order.session_id,
            files=tuple(brought),
        )
    )


async def upgrade(device: "Device", order: controls.Upgrade) -> None:
    """Fetch it, restart, and tell after the registration how it went."""
    failed = await _fetch(order.url)
    if failed:
        device.tell(_result(device, order, failed))
        return
    await asyncio.sleep(FLASH_S)
    device.firmware = order.firmware
    device.owed.append(_result(device, order, ""))
    device.boot()


def file_name(device: "Device", channel: Channel, number: int) -> str:
    """Device, ``02``, the instant to the millisecond in Beijing's time, two digits."""
    at = (device.clock() + BEIJING).strftime("%Y%m%d%H%M%S%f")[:17]
    return f"{channel.spec.id}02{at}{number:02d}"


async def _bring(client: httpx.AsyncClient, url: str, name: str, picture: bytes) -> bool:
    headers = {"Content-Type": "image/jpeg", "Content-Disposition": f'attachment; filename="{name}.jpg"'}
    try:
        answer = await client.post(url, content=picture, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log.info("snapshot_not_taken", error=type(error).__name__)
        return False
    return answer.is_success


async def _still(channel: Channel) -> bytes:
    assert channel.film
    return await asyncio.to_thread(jpeg, channel.film, channel.position_90k())


def jpeg(film: Film, at_90k: int) -> bytes:
    """The key picture that is shown at an instant of the loop."""
    due = film.key_before(at_90k) % LOOP_90K
    sample = next(one for one in film.samples if one.due_90k == due and one.unit.track == PICTURE)
    config = film.tracks[PICTURE]
    assert isinstance(config, VideoConfig)
    decoder = av.CodecContext.create("hevc" if config.codec is Codec.H265 else "h264", "r")
    units = (*config.parameter_sets, *nal.split(sample.unit.data))
    packet = av.Packet(b"".join(START_CODE + unit for unit in units))
    return _coded([*decoder.decode(packet), *decoder.decode(None)][0])


def _coded(frame: VideoFrame) -> bytes:
    frame = frame.reformat(format="yuvj420p")
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


async def _fetch(url: str) -> str:
    """Why it could not be had; empty: it is there."""
    size = 0
    try:
        async with (
            httpx.AsyncClient(timeout=HTTP_S, trust_env=False) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            async for piece in answer.aiter_bytes():
                size += len(piece)
                if size > FIRMWARE_LIMIT:
                    return DAMAGED
    except (httpx.HTTPError, httpx.InvalidURL):
        return DOWNLOAD_FAILED
    return "" if size else DAMAGED


def _result(device: "Device", order: controls.Upgrade, failed: str) -> notifies.UpgradeResult:
    return notifies.UpgradeResult(
        sn=device.next_sn(),
        device_id=device.spec.id,
        session_id=order.session_id,
        upgrade_result="ERROR" if failed else "OK",
        firmware=device.firmware,
        failed_reason=failed,
    )
