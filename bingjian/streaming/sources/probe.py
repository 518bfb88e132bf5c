"""What a camera offers, or what is wrong with it: a short real session, told in plain words."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bingjian.clock import Clock
from bingjian.formats.access_unit import AccessUnit, AudioConfig, Codec, TrackConfig, VideoConfig
from bingjian.protocols.gb28181.address import is_channel
from bingjian.recording.cause import Cause
from bingjian.streaming.sources.base import SourceAddress, SourceError
from bingjian.streaming.sources.rtsp import receive

KEY_FRAME_INTERVAL_LIMIT = 4.0  # seconds; above it joining live and seeking wait too long
CLOCK_OFFSET_LIMIT_MS = 2000.0  # beyond it the picture's burnt-in time misleads people
LOSS_LIMIT = 0  # packets; a wired camera loses none


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth saying. Codes are never renamed."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ProbeTrack:
    """One track as received, not as announced; None where it was not seen or does not apply."""

    kind: Literal["video", "audio"]
    codec: str
    width: int | None = None  # pixels
    height: int | None = None
    frame_rate: float | None = None  # 1/s
    bit_rate_bps: int | None = None
    key_frame_interval_s: float | None = None
    sample_rate: int | None = None  # Hz
    channels: int | None = None


@dataclass(frozen=True, slots=True)
class ProbeReport:
    ok: bool  # this camera can be recorded
    transport: str | None  # "tcp", "udp"; None: it never played
    tracks: tuple[ProbeTrack, ...]
    clock_offset_ms: float | None  # camera's clock minus ours; None: it does not tell
    packets_lost: int
    findings: tuple[Finding, ...]


# A device sends only where the platform that it has registered with calls it.
ASK_THE_PLATFORM = Finding(
    "ask_the_platform",
    "这是国标设备的通道，只有设备注册到的平台才能呼叫它，不能从这里单独测试。请在平台上添加该摄像机，再查看它的状态。",
    "This is a channel of a GB/T 28181 device, which only the platform that it has registered with can call; "
    "it cannot be tried from here. Add the camera to the platform and look at its state there.",
)


async def probe(address: SourceAddress, clock: Clock, seconds: float = 6.0) -> ProbeReport:
    """Play the camera for ``seconds`` and say what came. Raises nothing of the camera's making."""
    if is_channel(address.url):
        return ProbeReport(False, None, (), None, 0, (ASK_THE_PLATFORM,))
    watch = _Watch(clock)
    session = asyncio.ensure_future(
        receive(address, watch, clock, on_connected=watch.on_connected, on_left_out=watch.left_out.extend)
    )
    playing = asyncio.ensure_future(watch.playing.wait())
    try:
        await asyncio.wait({session, playing}, return_when=asyncio.FIRST_COMPLETED)
        if not session.done():
            await asyncio.wait({session}, timeout=seconds)
        failure = await _failure_of(session)
    finally:
        session.cancel()
        playing.cancel()
    return watch.report(failure)


async def _failure_of(session: asyncio.Future[None]) -> SourceError | None:
    """None while it still plays."""
    if not session.done():
        return None
    try:
        await session
    except SourceError as error:
        return error
    return None


@dataclass(slots=True)
class _Tally:
    """What one track has sent."""

    config: TrackConfig
    units: int = 0
    size_bytes: int = 0
    first: int | None = None  # timestamps
    latest: int = 0
    key_frames: list[int] = field(default_factory=list)

    def add(self, unit: AccessUnit) -> None:
        self.units += 1
        self.size_bytes += len(unit.data)
        self.first = unit.timestamp if self.first is None else self.first
        self.latest = max(self.latest, unit.timestamp)
        if unit.sync and isinstance(self.config, VideoConfig):
            self.key_frames.append(unit.timestamp)

    @property
    def seconds(self) -> float:
        """From the first unit's time to the last's."""
        return 0.0 if self.first is None else (self.latest - self.first) / self.config.clock_rate

    @property
    def key_frame_interval(self) -> float | None:
        if len(self.key_frames) < 2:
            return None
        between = [b - a for a, b in zip(self.key_frames, self.key_frames[1:], strict=False)]
        return max(between) / self.config.clock_rate


class _Watch:
    """The sink that only counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tallies: list[_Tally] = []
        self._transport: str | None = None
        self._offset_ms: float | None = None
        self._lost = 0
        self.left_out: list[str] = []
        self.playing = asyncio.Event()

    @property
    def prompt(self) -> bool:
        return True

    def on_connected(self, transport: str) -> None:
        self._transport = transport
        self.playing.set()

    def on_tracks(self, tracks: tuple[TrackConfig, ...]) -> None:
        if not self._tallies:
            self._tallies = [_Tally(config) for config in tracks]
        for tally, config in zip(self._tallies, tracks, strict=True):
            tally.config = config

    def on_units(self, units: list[AccessUnit], arrival_ns: int) -> None:
        for unit in units:
            self._tallies[unit.track].add(unit)

    def on_sender_report(self, track: int, rtp_timestamp: int, ntp_utc_ns: int, arrival_ns: int) -> None:
        self._offset_ms = (ntp_utc_ns - self._clock.utc_ns()) / 1e6

    def on_loss(self, track: int, packets: int) -> None:
        self._lost += packets

    def on_packets_only(self, first_ns: int, newest_ns: int) -> None:
        """The findings come from what did arrive."""

    def report(self, failure: SourceError | None) -> ProbeReport:
        seen = [tally for tally in self._tallies if tally.units]
        ok = failure is None and any(isinstance(tally.config, VideoConfig) for tally in seen)
        return ProbeReport(
            ok=ok,
            transport=self._transport,
            tracks=tuple(_track(tally) for tally in self._tallies),
            clock_offset_ms=self._offset_ms,
            packets_lost=self._lost,
            findings=tuple(self._findings(failure, ok)),
        )

    def _findings(self, failure: SourceError | None, ok: bool) -> Iterator[Finding]:
        if failure is not None:
            yield Finding(
                failure.cause.value, _CHINESE.get(failure.cause, "摄像机出错。"), _sentence(failure.detail)
            )
        elif not ok:
            yield Finding(
                "no_key_frame", "没有收到可以开始解码的关键帧。", "No key frame came to start decoding with."
            )
        else:
            yield from self._advice()

    def _advice(self) -> Iterator[Finding]:
        video = self._tallies[0]
        yield from _about_key_frames(video)
        if video.config.codec is Codec.H265:
            yield Finding(
                "h265",
                "视频为 H.265，部分浏览器不能直接播放；建议另设 H.264 子码流。",
                "The video is H.265, which some browsers cannot play; an H.264 sub stream helps.",
            )
        for name in self.left_out:
            yield Finding("left_out", f"未接收：{name}。", f"Not received: {name}.")
        if self._lost > LOSS_LIMIT:
            yield Finding(
                "packet_loss", f"丢失了 {self._lost} 个数据包。", f"{self._lost} packets were lost."
            )
        if self._offset_ms is not None and abs(self._offset_ms) > CLOCK_OFFSET_LIMIT_MS:
            seconds = self._offset_ms / 1000
            yield Finding(
                "clock_offset",
                f"摄像机时钟与本机相差 {seconds:+.1f} 秒。",
                f"The camera's clock differs from ours by {seconds:+.1f} s.",
            )


def _about_key_frames(video: _Tally) -> Iterator[Finding]:
    """Too far apart, or only one in all the time we looked."""
    interval = video.key_frame_interval
    apart = interval if interval is not None else video.seconds
    if apart > KEY_FRAME_INTERVAL_LIMIT:
        least = "" if interval is not None else ">"
        yield Finding(
            "key_frames_far_apart",
            f"关键帧间隔 {least}{apart:.1f} 秒，打开画面和定位都会变慢；建议设为 1 至 2 秒。",
            f"Key frames are {least}{apart:.1f} s apart, so opening and seeking are slow; better 1 to 2 s.",
        )


def _track(tally: _Tally) -> ProbeTrack:
    config, seconds = tally.config, tally.seconds
    bit_rate = round(tally.size_bytes * 8 / seconds) if seconds > 0 else None
    if isinstance(config, AudioConfig):
        return ProbeTrack(
            "audio",
            config.codec.value,
            bit_rate_bps=bit_rate,
            sample_rate=config.clock_rate,
            channels=config.channels,
        )
    return ProbeTrack(
        "video",
        config.codec.value,
        config.width,
        config.height,
        frame_rate=round((tally.units - 1) / seconds, 2) if seconds > 0 else None,
        bit_rate_bps=bit_rate,
        key_frame_interval_s=tally.key_frame_interval,
    )


def _sentence(detail: str) -> str:
    return detail[:1].upper() + detail[1:] + ("" if detail.endswith(".") else ".")


_CHINESE = {
    Cause.UNREACHABLE: "无法连接到该地址：网络不通、超时或地址有误。",
    Cause.REFUSED: "连接或请求被对方拒绝。",
    Cause.AUTHENTICATION: "用户名或密码不正确，或者没有填写。",
    Cause.NOT_FOUND: "摄像机上没有这个路径。",
    Cause.TLS: "加密连接失败，证书不被接受。",
    Cause.PROTOCOL: "对方没有遵守 RTSP/RTP 协议。",
    Cause.DISCONNECTED: "摄像机断开了连接。",
    Cause.NO_VIDEO: "摄像机没有提供视频。",
    Cause.CODEC_NOT_ACCEPTED: "视频编码不受支持，只接受 H.264 和 H.265。",
    Cause.NO_PACKETS: "已连接，但没有收到数据。",
    Cause.NO_KEY_FRAME: "收到了数据，但没有可以开始解码的关键帧。",
}
