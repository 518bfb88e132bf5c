"""Where no camera may stand or look (art. 9, Decree 799 art. 8): the ban is judged by the part of a place.

No function here takes a role: there is nobody who may make an exception. The places are those of every
edition together (C8). What is on no list is private until a named reviewer has found that it is not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bingjian.rules.civil import CHINA, DAY, TICK, civil_date, days_between, start_of_day
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, is_given, named
from bingjian.rules.edition import Code, Words
from bingjian.rules.law import Law

BANNED, OPEN = "prohibited_place", "open_part"
NAMED, OTHER, PART, VIEW, CHANGE, MOVE = "R9.1", "R9.2", "R9.3", "R9.4", "R9.5", "R9.7"
DECREE = "N8.1"  # bans the same; it alone does while the city's measures are not in force
ELSEWHERE = Words("请改在其他部位安装；任何人无权例外", "choose another part; nobody can make an exception")


@dataclass(frozen=True, slots=True)
class Review:
    """What a reviewer found about a part that is on no list."""

    reviewer: str
    is_private: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a place: what it is, and under which categories of art. 8 its place is registered."""

    kind: str  # code of ``prohibited_place`` or ``open_part``, else what the registrar calls it
    review: Review | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A part that a view meets; the geometry was computed elsewhere."""

    part: Part
    cells: int  # in which view and part meet
    uncovered: int | None  # of them, not under a privacy mask; None: not computed

    def __post_init__(self) -> None:
        consistent(self.cells >= 0, "a negative count of cells")
        consistent(
            self.uncovered is None or 0 <= self.uncovered <= self.cells, "more uncovered cells than cells"
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A part became something else."""

    part: Part  # as it is from then on
    at: datetime

    def __post_init__(self) -> None:
        aware(at=self.at)


def _in_force(law: Law, code: str) -> str:
    return code if law.binds(code) else DECREE


def is_open(law: Law, part: Part) -> bool:
    """Whether a camera may stand there and look at it."""
    return isinstance(may_cover(law, part), Grant)


@decides("R9.1", "R9.2", "R9.3", "N8.1")
def may_cover(law: Law, part: Part) -> Grant | Refusal:
    """Art. 9: never in a place the law names, nor in one a reviewer found private, nor before he looked.

    The ban wins over every category of art. 8 that asks for a camera (R9.3).
    """
    case = Case(law)
    naming = law.codes(BANNED).get(part.kind, ())
    name = named(law, BANNED, [part.kind])
    asked = _duties(law, naming) if naming else (NAMED, OTHER, DECREE)
    for code in asked:
        case.require(not naming, code, _banned(name), ELSEWHERE)
    case.require(
        not (naming and part.categories),
        PART,
        Words(
            f"场所虽属{_categories(law, part).zh}，“{name.zh}”部位仍禁止安装",
            f'the place falls under "{_categories(law, part).en}", but the ban on its part "{name.en}" wins',
        ),
        ELSEWHERE,
    )
    if not naming and part.kind not in law.codes(OPEN):
        _reviewed(case, part)
    return case.answer()


def _duties(law: Law, naming: Sequence[Code]) -> tuple[str, ...]:
    """The duties that ban a named place: of each edition that names it, unless a duty before cites it beside.

    Where the city's list does not name it, the city bans it as another private place (R9.2).
    """
    city = law.duty(NAMED).article if law.binds(NAMED) else None
    is_city = city in {code.article for code in naming}
    found = [NAMED if is_city else OTHER] if city else []
    cited = {article for code in found for article in law.cited(code)}
    for code in naming:
        if code.article not in cited:
            duty = next((one.code for one in law.duties.values() if one.article == code.article), None)
            found += [duty] if duty else []
            cited |= set(law.cited(duty)) if duty else set()
    consistent(bool(found), f"{naming[0].code} is banned, but no duty says so")
    return tuple(found)


def _banned(name: Words) -> Words:
    return Words(
        f"“{name.zh}”属于禁止安装的私密场所", f'"{name.en}" is a private place where none may be installed'
    )


def _categories(law: Law, part: Part) -> Words:
    return named(law, "key_place_category", part.categories)


def _reviewed(case: Case, part: Part) -> None:
    """A part on no list: a named reviewer found it not private, and says why."""
    review, code = part.review, _in_force(case.law, OTHER)
    if review is None:
        case.require(
            False,
            code,
            Words(
                f"“{part.kind}”是否涉及隐私尚未认定",
                f'nobody has decided yet whether "{part.kind}" is private',
            ),
            Words("请先由具名复核人认定", "have a named reviewer decide first"),
        )
        return
    case.require(
        not review.is_private,
        code,
        Words(
            f"“{part.kind}”经{review.reviewer}认定涉及隐私：{review.reason}",
            f'"{part.kind}" was found private by {review.reviewer}: {review.reason}',
        ),
        ELSEWHERE,
    )
    case.require(
        is_given(review.reviewer) and is_given(review.reason),
        code,
        Words("隐私认定没有写明复核人或者理由", "the review lacks its reviewer or its reason"),
        Words("请补充复核人和理由", "add reviewer and reason"),
    )


@decides("R9.4")
def may_view(law: Law, seen: Iterable[Seen] | None) -> Grant | Refusal:
    """Art. 9: what a registered view meets of a banned part is wholly under a mask. None: not computed."""
    return _masked(law, seen, VIEW)


@decides("R9.7")
def may_turn(law: Law, seen: Iterable[Seen] | None) -> Grant | Refusal:
    """Art. 9: a PTZ target, preset or relocation is refused as a registration is. None: not computed."""
    return _masked(law, seen, MOVE)


def _masked(law: Law, seen: Iterable[Seen] | None, code: str) -> Grant | Refusal:
    case, most = Case(law), law.number("mask.uncovered")
    code = _in_force(law, code)
    case.require(
        seen is not None,
        code,
        Words("画面范围尚未计算", "what the view covers has not been computed"),
        Words("请先标定摄像机并计算画面范围", "calibrate the camera and compute its view first"),
    )
    for one in seen or ():
        name = named(law, BANNED, [one.part.kind])
        left = one.cells if one.uncovered is None else one.uncovered
        case.require(
            left <= most or is_open(law, one.part),
            code,
            Words(
                f"画面涉及“{name.zh}”，{one.cells} 格中有 {left} 格未遮挡",
                f'the view meets "{name.en}": {left} of {one.cells} cells are not masked',
            ),
            Words("请用隐私遮挡完全覆盖，或者改变朝向", "mask all of it, or turn the camera away"),
        )
    return case.answer()


@decides("R9.5")
def may_record(law: Law, change: Change, start: datetime) -> Grant | Refusal:
    """Art. 9: from the instant a part became banned, nothing that starts then or later is recorded or shown.

    What started before stays, for its term (art. 28).
    """
    aware(start=start)
    since = f"{change.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    case, name = Case(law), named(law, BANNED, [change.part.kind])
    case.require(
        start < change.at or is_open(law, change.part),
        _in_force(law, CHANGE),
        Words(f"该部位自北京时间 {since} 起为“{name.zh}”", f'the part is "{name.en}" since {since} (+08:00)'),
        Words("请立即停止并拆除摄像机", "stop and remove the camera now"),
    )
    return case.answer()


@decides("R9.5")
def is_cleared(law: Law, change: Change, removed: datetime | None, now: datetime) -> Grant | Refusal:
    """Whether the camera of a part that became banned is gone; while it is not, its removal is a task.

    No 24 hours of art. 19 run: the ban wins. The removal has its papers of art. 19¶2 all the same.
    """
    aware(removed=removed, now=now)
    consistent(removed is None or removed <= now, "removed in the future")
    case, name = Case(law), named(law, BANNED, [change.part.kind])
    case.require(
        removed is not None or now < change.at or is_open(law, change.part),
        _in_force(law, CHANGE),
        Words(
            f"部位已改为“{name.zh}”，摄像机尚未拆除",
            f'the part became "{name.en}" and its camera is still there',
        ),
        Words("请拆除摄像机，并补办第十九条的拆除手续", "remove the camera, with the papers of art. 19"),
    )
    return case.answer()


@decides("N8.2")
def is_checked(law: Law, checked: datetime | None, now: datetime) -> Grant | Refusal:
    """Decree 799 art. 8¶2: whoever runs a private place looks for cameras there daily, by dates in China."""
    aware(checked=checked, now=now)
    consistent(checked is None or checked <= now, "checked in the future")
    if not law.binds("N8.2"):
        return Case(law).answer()
    most, case = law.number("forbidden_place.check"), Case(law)
    days = None if checked is None else days_between(checked, now)
    case.require(
        days is not None and days <= most,
        "N8.2",
        Words("尚未检查过", "never checked")
        if days is None
        else Words(
            f"上次检查在 {days} 天前，应每 {most} 天检查一次",
            f"last checked {days} days ago, every {most} is due",
        ),
        Words("请立即检查该场所", "check the place now"),
    )
    return case.answer()


def check_until(law: Law, checked: datetime) -> datetime:
    """First instant at which the check after this one is overdue. UTC."""
    return start_of_day(civil_date(checked) + (law.number("forbidden_place.check") + 1) * DAY)


def report_until(law: Law, found: datetime) -> datetime:
    """First instant at which the report of what was found is late. UTC."""
    return found + timedelta(minutes=law.number("forbidden_place.report")) + TICK


@decides("N8.2")
def may_check(law: Law, operator: str, by: str) -> Grant | Refusal:
    """Decree 799 art. 8¶2: whoever runs the place checks it. Organisations by id; empty: not known."""
    case = Case(law)
    case.require(
        not is_given(operator) or by == operator,
        "N8.2",
        Words("每日检查由该场所的经营管理者负责", "the daily check is for whoever runs the place"),
        Words("请由经营管理者检查并记录", "have its operator check it and enter that"),
    )
    return case.answer()


@decides("N8.2")
def is_reported(law: Law, found: datetime, reported: datetime | None, now: datetime) -> Grant | Refusal:
    """Decree 799 art. 8¶2: equipment found there goes to the police at once."""
    aware(found=found, reported=reported, now=now)
    consistent(found <= now and (reported is None or found <= reported <= now), "found after it was reported")
    if not law.binds("N8.2"):
        return Case(law).answer()
    most = law.number("forbidden_place.report")
    late = (reported or now) - found
    case = Case(law)
    case.require(
        late <= timedelta(minutes=most),
        "N8.2",
        Words(
            f"发现设备后已过 {late.total_seconds():.0f} 秒，应在 {most} 分钟内报告公安机关",
            f"{late.total_seconds():.0f} s since it was found; the police is told within {most} min",
        ),
        Words("请立即报告公安机关", "report to the police now"),
    )
    return case.answer()
