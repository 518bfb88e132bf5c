"""The register as a paper and as a spreadsheet: who saw a camera, what a person saw (R25.12)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bingjian.access.register import RegisterFilter
from bingjian.api.schemas_access import RegisteredOut
from bingjian.clock import CHINA
from bingjian.documents.paper.forms import TableReport
from bingjian.documents.paper.render import render
from bingjian.inventory.camera_file_export import BOM, csv_text
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

DUTY = "R25.12"
NOTHING_AT = datetime(2026, 1, 1, tzinfo=UTC)  # date of a paper without a look and without a period
ENDINGS = {  # of ``RegisterRow.viewing``
    "open": Words("未结束", "goes on"),
    "closed": Words("自行结束", "closed"),
    "grant_ended": Words("授权到期", "grant ended"),
    "session_ended": Words("会话结束", "session ended"),
    "revoked": Words("授权撤销", "grant revoked"),
    "not_written": Words("日志无法写入", "journal could not be written"),
    "worker_lost": Words("媒体进程中断", "media worker lost"),
    "unused": Words("未打开", "never opened"),
}
LIVE = Words("实时", "live")
BY_ROLE = Words("按岗位权限", "by role")


def paper_of(items: Sequence[RegisteredOut], wanted: RegisterFilter, law: Law) -> bytes:
    """As PDF/A: the same looks give the same bytes. CPU for a second and more: call it in a thread."""
    title, title_en = title_of(items, wanted)
    at = max((one.at for one in items), default=wanted.end or wanted.start or NOTHING_AT)
    number = f"DJ-{items[-1].sequence}-{items[0].sequence}" if items else "DJ-0"
    notes = (f"共 {len(items)} 条，由新到旧；每条对应日志簿中同一序号的记录。", *period_notes(wanted))
    columns = tuple(words.zh for words, _ in COLUMNS)
    rows = tuple(tuple(cell(one, "zh") for _, cell in COLUMNS) for one in items)
    article = law.duty(DUTY).article.zh
    return render(TableReport(number, "", at, (article,), title, title_en, columns, rows, notes))


def sheet_of(items: Sequence[RegisteredOut], language: str) -> bytes:
    """As CSV (UTF-8 with its mark, RFC 4180)."""
    headings = [words_in(words, language) for words, _ in COLUMNS]
    lines = [[cell(one, language) for _, cell in COLUMNS] for one in items]
    return (BOM + csv_text([headings, *lines])).encode()


def title_of(items: Sequence[RegisteredOut], wanted: RegisterFilter) -> tuple[str, str]:
    person, camera = (items[0].person.name, items[0].camera.name) if items else ("", "")
    if wanted.person is not None and wanted.camera is not None:
        return f"“{person}”查看“{camera}”的记录", "What one person saw of one camera"
    if wanted.camera is not None:
        return f"谁看过“{camera}”", "Who saw this camera"
    if wanted.person is not None:
        return f"“{person}”看过什么", "What this person saw"
    return "查阅、复制、调取登记簿", "Register of views, copies and retrievals"


def period_notes(wanted: RegisterFilter) -> tuple[str, ...]:
    told = (("办理时间", wanted.start, wanted.end), ("画面时间", wanted.shown_from, wanted.shown_until))
    return tuple(
        f"{name}：{moment(start) if start else '不限'} 至 {moment(end) if end else '不限'}。"
        for name, start, end in told
        if start or end
    )


def moment(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def words_in(words: Words, language: str) -> str:
    return words.en if language == "en" else words.zh


def seen(one: RegisteredOut, language: str) -> str:
    if one.start is None or one.end is None:
        return words_in(LIVE, language)
    return moment(one.start) if one.start == one.end else f"{moment(one.start)} – {moment(one.end)}"


def watched(one: RegisteredOut, language: str) -> str:
    """How long, and why it ended."""
    if one.viewing is None:
        return ""
    ending = ENDINGS.get(one.viewing)
    why = words_in(ending, language) if ending else one.viewing
    return f"{one.watched_s or 0} s · {why}" if language == "en" else f"{one.watched_s or 0} 秒 · {why}"


def purpose(one: RegisteredOut, language: str) -> str:
    told = one.purpose_words
    return one.purpose if told is None else told.en if language == "en" else told.zh


def done(one: RegisteredOut, language: str) -> str:
    return one.verb.words.en if language == "en" else one.verb.words.zh


def by_grant(one: RegisteredOut, language: str) -> str:
    return words_in(BY_ROLE, language) if one.grant is None else str(one.grant)[:8]


Cell = Callable[[RegisteredOut, str], str]
COLUMNS: tuple[tuple[Words, Cell], ...] = (
    (Words("时间", "Time"), lambda one, _: moment(one.at)),
    (Words("人员", "Person"), lambda one, _: one.person.name),
    (Words("单位", "Unit"), lambda one, _: one.unit.name if one.unit else ""),
    (Words("行为", "What"), done),
    (Words("摄像机", "Camera"), lambda one, _: one.camera.name),
    (Words("画面时间", "Footage"), seen),
    (Words("观看", "Looked at"), watched),
    (Words("用途", "Purpose"), purpose),
    (Words("去向", "Where to"), lambda one, _: one.destination),
    (Words("授权", "Grant"), by_grant),
    (Words("日志序号", "Journal entry"), lambda one, _: str(one.sequence)),
)
