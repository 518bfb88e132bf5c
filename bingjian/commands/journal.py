"""``bingjian journal``: the log in its directory, for who may read the files; and a check for strangers."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, note, show
from bingjian.durable import DISK
from bingjian.journal.errors import JournalBroken, NotInJournal
from bingjian.journal.faults import Fault
from bingjian.journal.log import opened_checkpoint
from bingjian.journal.proofs import Shown, proof_of
from bingjian.journal.proofs import check as check_proof
from bingjian.journal.record import Opening, checked
from bingjian.journal.records import Records
from bingjian.journal.tiles import Tiles
from bingjian.journal.verify import Verdict, key_of
from bingjian.journal.verify import verify as verify_folder
from bingjian.settings import Settings
from bingjian.tlog.cosignature import cosigned_at
from bingjian.tlog.note import NoteBroken, Verifier

KINDS = {
    "altered": "被更改",
    "removed": "被删除",
    "inserted": "被插入",
    "swapped": "被调换",
    "truncated": "被截断",
}


def verify(settings: Settings, key: str | None, *, records: bool, as_json: bool) -> int:
    """Exit code OK if everything is as it was signed. Raises CommandFailed."""
    folder = directory_of(settings)
    try:
        verdict = verify_folder(folder, parsed(key) if key else None, records=records)
    except OSError as error:
        raise unreadable(folder, error) from error
    show(verdict_out(verdict), as_json, lambda: say(verdict))
    if key is None and not as_json:
        remark_on_key(folder)
    return Exit.REFUSED if verdict.faults else Exit.OK


def verdict_out(verdict: Verdict) -> dict[str, Any]:
    faults = [
        {"kind": one.kind, "entry": one.entry, "file": one.what, "detail": one.detail}
        for one in verdict.faults
    ]
    root = base64.b64encode(verdict.root).decode()
    return {
        "origin": verdict.origin,
        "size": verdict.size,
        "root": root,
        "records": verdict.records,
        "faults": faults,
    }


def say(verdict: Verdict) -> None:
    for fault in verdict.faults:
        print(fault_text(fault))
    if not verdict.faults:
        print(
            either(
                f"{verdict.size} entries of {verdict.origin} are as they were signed",
                f"{verdict.origin} 的 {verdict.size} 条记录与签名一致",
            )
        )


def fault_text(fault: Fault) -> str:
    chinese = "" if fault.entry is None else f"第 {fault.entry} 条："
    return either(str(fault), f"{chinese}{KINDS[fault.kind]}（{fault.what}）")


def remark_on_key(folder: Path) -> None:
    """A key that lies beside the log proves nothing against whoever can write there."""
    try:
        key = key_of(folder)
    except JournalBroken:
        return
    note(
        either(
            f"checked with the key that lies beside the log; keep it elsewhere and give it with --key: {key}",
            f"使用了日志旁的公钥；请另存并以 --key 指定：{key}",
        )
    )


def checkpoint(settings: Settings, *, as_json: bool) -> None:
    """The signed head as it lies there, and its key. Raises CommandFailed."""
    folder = directory_of(settings)
    try:
        key = key_of(folder)
        head, signed = opened_checkpoint(folder, [key])
    except JournalBroken as error:
        raise CommandFailed(str(error)) from error
    except OSError as error:
        raise unreadable(folder, error) from error
    root = base64.b64encode(head.root).decode()
    found = {
        "origin": head.origin,
        "size": head.size,
        "root": root,
        "text": str(signed),
        "key": str(key),
    }
    show(found, as_json, lambda: print(str(signed), end=""))
    if not as_json:
        note(either(f"key: {key}", f"公钥：{key}"))


def proof(settings: Settings, sequence: int, output: Path | None, *, opening: bool) -> None:
    """A proof of an entry, to a file or standard output. Raises CommandFailed."""
    folder = directory_of(settings)
    try:
        _, signed = opened_checkpoint(folder, [key_of(folder)])
        said = opening_in(folder, sequence) if opening else None
        text = str(proof_of(Tiles(folder), signed, sequence, said))
    except (JournalBroken, NotInJournal) as error:
        raise CommandFailed(str(error)) from error
    except OSError as error:
        raise unreadable(folder, error) from error
    if output is None:
        print(text, end="")
    else:
        output.write_text(text)


def opening_in(folder: Path, sequence: int) -> Opening:
    """What a record says. Raises JournalBroken, NotInJournal, OSError."""
    records = Records.open(folder, DISK, read_only=True)
    try:
        if not 0 <= sequence < records.count:
            raise NotInJournal(f"there is no entry {sequence} in a journal of {records.count}")
        return checked(records.lines(sequence, sequence + 1)[0], sequence)[1]
    finally:
        records.close()


def check(path: Path, key: str, witness: str | None, *, as_json: bool) -> None:
    """A stranger's check, by the proof and the log's key alone. Raises CommandFailed."""
    log, other = parsed(key), parsed(witness) if witness else None
    try:
        shown = check_proof(path.read_bytes(), log)
        cosigned = cosigned_at(shown.note, other) if other else None
    except (JournalBroken, NoteBroken) as error:
        raise CommandFailed(either(str(error), f"证明不成立：{error}")) from error
    except OSError as error:
        raise unreadable(path, error) from error
    if other and cosigned is None:
        raise CommandFailed(either(f"{other.name} has not cosigned it", f"{other.name} 没有联署"))
    found = {
        "entry": shown.sequence,
        "origin": shown.checkpoint.origin,
        "size": shown.checkpoint.size,
        "record": shown.opening.body,
        "cosigned_at": datetime.fromtimestamp(cosigned, UTC).isoformat() if cosigned is not None else None,
    }
    show(found, as_json, lambda: say_shown(shown))


def say_shown(shown: Shown) -> None:
    head = shown.checkpoint
    print(
        either(
            f"this is entry {shown.sequence} of {head.origin}, which had {head.size} entries then:",
            f"这是 {head.origin} 的第 {shown.sequence} 条记录（当时共 {head.size} 条）：",
        )
    )
    print(json.dumps(shown.opening.body, ensure_ascii=False, indent=2))


def parsed(key: str) -> Verifier:
    try:
        return Verifier.parse(key)
    except NoteBroken as error:
        raise CommandFailed(either(f"--key: {error}", "--key：不是有效的公钥"), Exit.USAGE) from error


def directory_of(settings: Settings) -> Path:
    folder = settings.journal_dir
    if not folder.is_dir():
        raise CommandFailed(
            either(f"there is no journal in {folder}", f"{folder} 中没有日志簿"), Exit.ENVIRONMENT
        )
    return folder


def unreadable(path: Path, error: OSError) -> CommandFailed:
    return CommandFailed(
        either(f"{path} cannot be read: {error.strerror}", f"无法读取 {path}：{error.strerror}"),
        Exit.ENVIRONMENT,
    )
