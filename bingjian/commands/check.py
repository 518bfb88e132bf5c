"""``bingjian check``: does what docs/recording.md promises hold of a store, and are all documents whole?"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bingjian.clock import CHINA, instant_of
from bingjian.commands import check_documents
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, show
from bingjian.recording.check import Check, Fault, Violation
from bingjian.recording.volume import Volume, VolumeError
from bingjian.retention.removal import Signer
from bingjian.settings import Settings

WORDS: dict[Fault, tuple[str, str]] = {
    Fault.FILE_MISSING: ("the file of a closed segment is missing", "已关闭分段的文件缺失"),
    Fault.FILE_SIZE: ("the file has not the size it was closed with", "文件大小与关闭时不同"),
    Fault.INDEX_MISSING: ("the index of a closed segment is missing", "已关闭分段的索引缺失"),
    Fault.INDEX_SIZE: ("the index has not the size it was closed with", "索引大小与关闭时不同"),
    Fault.ROOT: ("the index does not hash to the root in the catalogue", "索引的哈希与编目中的根不符"),
    Fault.UNREADABLE: ("cannot be read", "无法读取"),
    Fault.OFFSETS: ("an entry does not begin where the one before ends", "索引项的位置与前一项不相接"),
    Fault.STARTS: ("an entry starts before the one before it", "索引项的时间早于前一项"),
    Fault.LAST_ENTRY: ("the last entry does not end where the file does", "最后一个索引项与文件末尾不符"),
    Fault.BYTES: ("bytes are not those that were hashed", "内容与其哈希不符"),
    Fault.BOXES: ("bytes are not one moof and one mdat", "内容不是一个 moof 和一个 mdat"),
    Fault.NOT_COVERED: ("an entry covers bytes that cannot be read", "索引项所指的内容无法读出"),
    Fault.NO_HEAD: ("the file has no whole ftyp and moov", "文件没有完整的 ftyp 和 moov"),
    Fault.IDENTITY: (
        "the file is that of another camera, volume or segment",
        "文件属于其他摄像机、存储卷或分段",
    ),
    Fault.STRAY: ("a file without a row", "没有编目记录的文件"),
    Fault.FORMAT: ("the file has another format than its row says", "文件的格式与编目记录不符"),
    Fault.START: ("the segment starts at another time than its row says", "分段的开始时间与编目记录不符"),
    Fault.GAPS: (
        "a gap ends before it starts, or a camera has two open ones",
        "缺口的结束早于开始，或同一摄像机有两个未结束的缺口",
    ),
    Fault.OUTSIDE_GAP: (
        "footage recovered from a device lies outside a gap, or over other footage",
        "从设备补录的录像不在缺口之内，或与其他录像重叠",
    ),
    Fault.NOT_LOCKED: ("an open segment grows and nobody holds its lock", "正在写入的分段没有被锁定"),
    Fault.END: ("the segment ends at another time than its row says", "分段的结束时间与编目记录不符"),
    Fault.TOO_LONG: ("the segment is longer than a segment may be", "分段超过允许的长度"),
    Fault.REMOVAL: ("a segment was removed without the right to", "分段被无权移除"),
    Fault.USED_BYTES: ("used_bytes is not the sum of what is stored", "used_bytes 与所存内容之和不符"),
}


def run(settings: Settings, volume: Path | None, *, deep: bool, as_json: bool) -> int:
    """The exit code: 0 if every invariant holds. Documents are read too, unless one volume is asked for."""
    paths = [volume] if volume is not None else [one.path for one in settings.effective_volumes]
    key = receipt_key(settings)
    reports = [report(path, key, deep=deep) for path in paths]
    papers = check_documents.report(settings) if volume is None else None
    found = {"volumes": reports, **({"documents": papers} if papers else {})}
    show(found, as_json, lambda: say(reports, papers))
    faults = [*reports, *([papers] if papers else [])]
    return Exit.REFUSED if any(one["violations"] for one in faults) else Exit.OK


def receipt_key(settings: Settings) -> bytes | None:
    """Retention's public key, by which removals are judged; None if this machine has never made one."""
    path = settings.keys_dir / "removal.key"
    return Signer.of_file(path).public_key if path.exists() else None


def report(path: Path, key: bytes | None, *, deep: bool) -> dict[str, Any]:
    """Of one volume. Raises CommandFailed."""
    try:
        volume = Volume.open(path, read_only=True)
        looking = Check(volume, deep=deep, receipt_key=key)
        violations = [as_plain(one) for one in looking]
        volume.close()
    except VolumeError as error:
        raise CommandFailed(str(error), Exit.ENVIRONMENT) from error
    except sqlite3.OperationalError as error:
        sentence = either(f"the catalogue of {path} cannot be read", f"无法读取 {path} 的编目")
        raise CommandFailed(f"{sentence}: {error}", Exit.ENVIRONMENT) from error
    except sqlite3.DatabaseError as error:
        sentence = either(f"the catalogue of {path} is damaged", f"{path} 的编目已损坏")
        raise CommandFailed(f"{sentence}: {error}") from error
    return {
        "id": str(volume.id),
        "path": str(path),
        "segments": looking.segments,
        "read_bytes": looking.read_bytes,
        "violations": violations,
    }


def as_plain(one: Violation) -> dict[str, Any]:
    return {
        "invariant": one.invariant,
        "fault": one.fault.value,
        "camera": str(one.camera) if one.camera is not None else None,
        "start": rfc3339(one.start_90k),
        "end": rfc3339(one.end_90k),
        "path": one.path,
        "detail": one.detail,
    }


def rfc3339(ticks_90k: int | None) -> str | None:
    """In UTC; None for what no calendar holds: damage can say any number."""
    try:
        at = instant_of(ticks_90k) if ticks_90k is not None else None
    except (ValueError, OverflowError, OSError):
        return None
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z") if at is not None else None


def say(reports: list[dict[str, Any]], papers: dict[str, Any] | None) -> None:
    if papers:
        check_documents.say(papers)
    for one in reports:
        for violation in one["violations"]:
            print("\n".join(lines(violation)))
        count, segments, path = len(one["violations"]), one["segments"], one["path"]
        if count:
            print(
                either(
                    f"✗ {path}: {count} found in {segments} segments",
                    f"✗ {path}：{segments} 个分段中发现 {count} 处",
                )
            )
        else:
            print(
                either(f"✓ {path}: {segments} segments, all holds", f"✓ {path}：{segments} 个分段，全部成立")
            )


def lines(violation: dict[str, Any]) -> Iterator[str]:
    """Number, what, where; below it camera and interval in China's time."""
    what = either(*WORDS[Fault(violation["fault"])])
    where = violation["path"] or either("catalogue", "编目")
    detail = f" ({violation['detail']})" if violation["detail"] else ""
    yield f"✗ {violation['invariant']}: {what}{detail}: {where}"
    if violation["camera"] is not None:
        yield f"    {violation['camera']}  {civil(violation['start'])} – {civil(violation['end'])}"


def civil(instant: str | None) -> str:
    if instant is None:
        return "…"
    return datetime.fromisoformat(instant).astimezone(CHINA).isoformat(sep=" ", timespec="milliseconds")
