"""``bingjian doctor``: is this machine fit to run the platform, and is a running one well?"""

import asyncio
import ctypes
import os
import resource
import shutil
import socket
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bingjian.commands.console import Console, console, running_platform
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, show
from bingjian.settings import Settings, VolumeSettings

Verdict = Literal["good", "warning", "bad"]
MARKS: dict[Verdict, str] = {"good": "✓", "warning": "!", "bad": "✗"}
OPEN_FILES = 4096  # a camera takes a socket or three, a segment and an index; a viewer one socket
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``remedy`` is empty where all is well."""

    subject: str
    verdict: Verdict
    sentence: str
    remedy: str = ""


def run(settings: Settings, *, as_json: bool) -> int:
    """The exit code: 0 unless something is bad; warnings alone are fine."""
    findings = [*machine(settings), *asyncio.run(platform(settings))]
    show([asdict(finding) for finding in findings], as_json, lambda: say(findings))
    return Exit.REFUSED if any(finding.verdict == "bad" for finding in findings) else Exit.OK


def say(findings: list[Finding]) -> None:
    for finding in findings:
        print(f"{MARKS[finding.verdict]} {finding.subject}: {finding.sentence}")
        if finding.remedy:
            print(f"    {finding.remedy}")


def machine(settings: Settings) -> Iterator[Finding]:
    """What can be seen without a running platform."""
    yield directory(either("state", "状态目录"), settings.state_dir)
    yield private(settings.state_dir)
    for volume in settings.effective_volumes:
        yield directory(either("volume", "存储卷"), volume.path)
        yield room(volume)
    yield web_application()
    yield open_files()
    yield machine_clock()


def directory(subject: str, path: Path) -> Finding:
    """Writable, or can be made."""
    there = next(parent for parent in (path, *path.parents) if parent.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding(subject, "good", str(path))
    return Finding(
        subject,
        "bad",
        either(f"{path} cannot be written", f"无法写入 {path}"),
        either(f"make {there} writable, or choose another directory", f"使 {there} 可写，或另选目录"),
    )


def private(path: Path) -> Finding:
    """Keys and the database are in there."""
    subject = either("privacy", "私密性")
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding(
            subject,
            "warning",
            either(f"others may look into {path}", f"其他用户可以查看 {path}"),
            f"chmod 700 {path}",
        )
    return Finding(subject, "good", either("only its owner may look into it", "仅所有者可以查看"))


def room(volume: VolumeSettings) -> Finding:
    there = next(parent for parent in (volume.path, *volume.path.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    gib = 1024**3
    subject = either("room", "剩余空间")
    sentence = either(f"{free / gib:.0f} GiB free", f"剩余 {free / gib:.0f} GiB")
    if free > volume.reserve_bytes:
        return Finding(subject, "good", sentence)
    remedy = either(
        f"recording stops below {volume.reserve_bytes / gib:.0f} GiB: free some, or choose another disk",
        f"低于 {volume.reserve_bytes / gib:.0f} GiB 时停止录制：请清理或另选磁盘",
    )
    return Finding(subject, "bad", sentence, remedy)


def web_application() -> Finding:
    import bingjian

    subject = either("web application", "网页应用")
    if (Path(bingjian.__file__).parent / "_web" / "index.html").is_file():
        return Finding(subject, "good", either("built", "已构建"))
    return Finding(subject, "bad", either("not built", "尚未构建"), "./run setup")


def open_files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    subject = either("open files", "打开文件数")
    sentence = either(f"up to {soft}", f"上限 {soft}")
    if soft >= OPEN_FILES or soft == resource.RLIM_INFINITY:
        return Finding(subject, "good", sentence)
    return Finding(
        subject,
        "warning",
        sentence,
        either(
            f"ulimit -n {max(OPEN_FILES, hard)} for many cameras",
            f"摄像机多时请执行 ulimit -n {max(OPEN_FILES, hard)}",
        ),
    )


def machine_clock() -> Finding:
    """Footage carries this machine's time."""
    subject = either("clock", "时钟")
    state = LIBC.adjtimex(ctypes.create_string_buffer(512))  # struct timex with modes 0: only look
    if state not in (-1, TIME_ERROR):
        return Finding(subject, "good", either("synchronised", "已同步"))
    return Finding(
        subject,
        "warning",
        either("not synchronised, so footage may carry a wrong time", "未同步，录像时间可能有误"),
        "apt-get install chrony",
    )


async def platform(settings: Settings) -> list[Finding]:
    """The running platform's own view, or whether one could start."""
    if running_platform(settings) is None:
        return [database_engine(), *ports(settings)]
    try:
        async with console(settings) as here:
            return [database_engine(), *(await running(here))]
    except CommandFailed as error:
        return [Finding(either("platform", "平台"), "bad", str(error))]


def database_engine() -> Finding:
    """The SQLite of this Python; PostgreSQL needs none of it."""
    subject, sentence = "SQLite", sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= (3, 35):
        return Finding(subject, "good", sentence)
    return Finding(subject, "bad", sentence, either("needs 3.35 or newer", "需要 3.35 或更新版本"))


def ports(settings: Settings) -> Iterator[Finding]:
    base = settings.media_port_base
    media = range(base, base + settings.media_workers) if base else ()
    wanted = [settings.port, settings.effective_imaging_port, *media]
    for port in filter(None, wanted):
        subject = either(f"port {port}", f"端口 {port}")
        if port_is_free(settings.host, port):
            yield Finding(subject, "good", either("free", "空闲"))
        else:
            yield Finding(
                subject,
                "bad",
                either("taken by another program", "已被其他程序占用"),
                either(
                    "stop it, or set BINGJIAN_PORT, BINGJIAN_MEDIA_PORT_BASE, BINGJIAN_IMAGING_PORT",
                    "停止该程序，或设置 BINGJIAN_PORT、BINGJIAN_MEDIA_PORT_BASE、BINGJIAN_IMAGING_PORT",
                ),
            )


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


GIB = 1024**3


async def running(here: Console) -> list[Finding]:
    """Workers, volumes and cameras that are not well, each by name."""
    system = await here.ask("GET", "/system")
    cameras = await here.cameras()
    return [
        Finding(
            either("platform", "平台"),
            "good",
            either(f"running {system['version']}", f"运行中 {system['version']}"),
        ),
        *([Finding(either("modules", "功能"), "bad", str(system["fault"]))] if system["fault"] else []),
        *(worker_finding(worker) for worker in system["workers"]),
        *(volume_finding(volume) for volume in system["volumes"]),
        cameras_finding(cameras),
        *(camera_finding(camera) for camera in cameras if not is_live(camera)),
    ]


def worker_finding(worker: dict[str, Any]) -> Finding:
    subject = either(f"worker {worker['name']}", f"媒体进程 {worker['name']}")
    if worker["up"]:
        return Finding(
            subject, "good", either(f"{worker['cameras']} cameras", f"{worker['cameras']} 台摄像机")
        )
    return Finding(subject, "bad", str(worker["detail"]))


def volume_finding(volume: dict[str, Any]) -> Finding:
    subject = either(f"volume {volume['path']}", f"存储卷 {volume['path']}")
    if volume["cause"] is None:
        room = f"{volume['free_bytes'] / GIB:.1f} GiB"
        return Finding(subject, "good", either(f"room for {room}", f"剩余 {room}"))
    return Finding(subject, "bad", f"{volume['cause']}: {volume['detail']}")


def is_live(camera: dict[str, Any]) -> bool:
    return camera["state"] is not None and camera["state"]["state"] == "live"


def cameras_finding(cameras: list[dict[str, Any]]) -> Finding:
    live = sum(map(is_live, cameras))
    sentence = either(f"{live} of {len(cameras)} live", f"{len(cameras)} 台中 {live} 台在线")
    return Finding(either("cameras", "摄像机"), "good", sentence)


def camera_finding(camera: dict[str, Any]) -> Finding:
    state = camera["state"] or {}
    words = [state.get("state") or either("unknown", "未知"), state.get("cause"), state.get("detail")]
    return Finding(camera["name"], "warning", " · ".join(filter(None, words)))
