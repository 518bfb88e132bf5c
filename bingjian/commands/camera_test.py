"""``bingjian camera test``: what an address offers, or what is wrong with it, in plain words."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from rich.console import Console as Terminal
from rich.progress import BarColumn, Progress, TextColumn

from bingjian.clock import SystemClock
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, show
from bingjian.protocols.url import UrlError
from bingjian.streaming.sources.base import SourceAddress, Transport
from bingjian.streaming.sources.probe import ProbeReport, probe

TICK_SECONDS = 0.1


def run(
    url: str,
    *,
    username: str | None,
    password: str | None,
    transport: Transport,
    verify_tls: bool,
    seconds: float,
    as_json: bool,
) -> int:
    """The exit code: 0 if this camera can be recorded. Raises CommandFailed."""
    address = address_of(url, username, password, transport, verify_tls)
    report = asyncio.run(probed(address, seconds, quiet=as_json))
    show(asdict(report), as_json, lambda: say(report))
    return Exit.OK if report.ok else Exit.REFUSED


def address_of(
    url: str, username: str | None, password: str | None, transport: Transport, verify_tls: bool
) -> SourceAddress:
    try:
        address = SourceAddress.of(url, transport=transport, verify_tls=verify_tls)
    except UrlError as error:
        raise CommandFailed(
            either(f"not a camera's address: {error}", f"不是摄像机地址：{error}"), Exit.USAGE
        ) from error
    return SourceAddress(
        address.url,
        address.username if username is None else username,
        address.password if password is None else password,
        transport,
        verify_tls,
    )


async def probed(address: SourceAddress, seconds: float, *, quiet: bool) -> ProbeReport:
    """The report, with a bar that fills while we look."""
    looking = asyncio.create_task(probe(address, SystemClock(), seconds))
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        console=Terminal(stderr=True),
        transient=True,
        disable=quiet,
    ) as progress:
        bar = progress.add_task(either("looking", "正在查看"), total=seconds)
        while not looking.done():
            await asyncio.wait([looking], timeout=TICK_SECONDS)
            progress.advance(bar, TICK_SECONDS)
    return await looking


def say(report: ProbeReport) -> None:
    """Tracks first, then what there is to say about them."""
    for track in report.tracks:
        print("  " + track_line(asdict(track)))
    for finding in report.findings:
        print(("· " if report.ok else "✗ ") + either(finding.en, finding.zh))
    if report.ok:
        print(either("✓ this camera can be recorded", "✓ 这台摄像机可以录制"))


TRACK_FACTS: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("frame_rate", lambda value: f"{value:.3g}/s"),
    ("bit_rate_bps", lambda value: f"{value / 1e6:.2f} Mbit/s"),
    (
        "key_frame_interval_s",
        lambda value: either(f"key frames every {value:.3g} s", f"关键帧间隔 {value:.3g} 秒"),
    ),
    ("sample_rate", lambda value: f"{value} Hz"),
    ("channels", lambda value: either(f"{value} channel(s)", f"{value} 声道")),
)


def track_line(track: dict[str, Any]) -> str:
    """ "video h264 1280x720, 25/s, 3.01 Mbit/s, key frames 2 s apart"."""
    kind = either(track["kind"], {"video": "视频", "audio": "音频"}.get(track["kind"], track["kind"]))
    size = f" {track['width']}x{track['height']}" if track.get("width") else ""
    facts = [text(track[name]) for name, text in TRACK_FACTS if track.get(name)]
    return ", ".join([f"{kind} {track['codec']}{size}", *facts])
