"""What a grant yields (arts. 4, 21, 22, 31(2)): its purpose, verbs and cameras, and until which second."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bingjian.rules.civil import CHINA
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    absent,
    aware,
    consistent,
    decides,
    distinct,
    is_given,
    named,
)
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

BEYOND_CAMERAS = (
    Words("超出授权：摄像机", "beyond the grant: cameras"),
    Words("请限于授权的范围", "keep to the grant"),
)
USES = "access.uses."  # keys of how often a verb may be used


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """An application that was granted. Persons and cameras by id."""

    purpose: str  # code of ``access_purpose``
    verbs: frozenset[str]
    cameras: frozenset[str]
    begin: datetime
    end: datetime
    officers: frozenset[str]
    expires: datetime  # its last instant
    has_whole_edges: bool = False  # it names the fragments at its ends as a whole
    may_forward: bool = False  # copies may be given on: a right of its own (art. 27¶1)
    recipients: frozenset[str] = frozenset()  # by name, who may be given trade secrets too (art. 6)

    def __post_init__(self) -> None:
        aware(begin=self.begin, end=self.end, expires=self.expires)
        consistent(self.begin < self.end, "the interval ends before it begins")
        consistent("" not in self.cameras and "" not in self.officers, "nobody, or no camera, is granted")


@dataclass(frozen=True, slots=True)
class Entry:
    """The register's entry of this use (arts. 22(4), 25(5); Decree 799 art. 16)."""

    written: datetime | None  # when it was durable; None: it is not
    persons: frozenset[str]
    cameras: frozenset[str]
    purpose: str
    destination: str

    def __post_init__(self) -> None:
        aware(written=self.written)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a grant, about to be served."""

    verb: str
    purpose: str
    cameras: frozenset[str]
    persons: frozenset[str]  # in the session
    begin: datetime
    end: datetime
    is_file: bool  # it hands over a file
    marked: frozenset[str]  # persons whose mark is shown over the pictures
    times_before: int  # how often this verb of the grant was used already

    def __post_init__(self) -> None:
        aware(begin=self.begin, end=self.end)
        consistent(self.begin < self.end, "the interval ends before it begins")
        consistent(self.times_before >= 0, "used a negative number of times")


@decides("R4.2", "R31.2")
def may_use_for(law: Law, granted: str, asked: str) -> Grant | Refusal:
    """Arts. 4, 31(2): for the purpose granted and no other; both are codes of ``access_purpose``."""
    was, wish = _purpose(law, granted), _purpose(law, asked)
    is_same = asked == granted and asked in law.codes("access_purpose")
    reason = Words(
        f"获准用途为“{was.zh}”，申请用途为“{wish.zh}”", f"granted for {was.en}, asked for {wish.en}"
    )
    remedy = Words("请按获准的用途使用，或者重新申请", "use it as granted, or apply again")
    case = Case(law)
    case.require(is_same, "R4.2", reason, remedy)
    case.require(is_same, "R31.2", reason, remedy)
    return case.answer()


@decides("R4.2")
def has_purpose(law: Law, purpose: str) -> Grant | Refusal:
    """Art. 4: whoever looks says what for, by a code of ``access_purpose``: nobody looks without."""
    case = Case(law)
    case.require(
        purpose in law.codes("access_purpose"),
        "R4.2",
        Words(
            f"没有写明规定的用途：{purpose or '空'}",
            f"not a purpose that there is: {purpose or 'none given'}",
        ),
        Words("请选择用途", "choose the purpose"),
    )
    return case.answer()


def _purpose(law: Law, code: str) -> Words:
    is_known = code in law.codes("access_purpose")
    return law.words("access_purpose", code) if is_known else Words(code or "未写明", code or "nothing")


def no_grant(law: Law) -> Refusal:
    """There is no such grant, or it is another's: the same for whoever asks (art. 22)."""
    return law.refusal(
        _scope_code(law),
        Words("没有这项授权，或者授权不属于本人", "there is no such grant, or it is not yours"),
        Words("请选择您持有的授权", "choose one that you hold"),
    )


@decides("R22.8")
def may_know(law: Law, grant: AccessGrant, camera: str) -> Grant | Refusal:
    """Art. 22: of cameras that the grant does not name it says nothing, not even whether they are there."""
    case = Case(law)
    case.require(camera in grant.cameras, _scope_code(law), *BEYOND_CAMERAS)
    return case.answer()


def _scope_code(law: Law) -> str:
    """The city's duty, or the decree's while the city's measures are still to come."""
    return "R22.8" if law.binds("R22.8") else law.duty("N16").code


@decides("R21.3", "R22.4", "R22.8")
def may_serve(law: Law, grant: AccessGrant, use: Use, entry: Entry | None, now: datetime) -> Grant | Refusal:
    """Arts. 21, 22: registered first, then only what the grant names; a refusal serves nothing of it."""
    aware(now=now)
    case = Case(law)
    _require_entry(case, use, entry, now)
    _require_verb(case, grant, use)
    _require_scope(case, grant, use, now)
    _require_times(case, use)
    case.join(may_use_for(law, grant.purpose, use.purpose))
    return case.answer()


def _require_entry(case: Case, use: Use, entry: Entry | None, now: datetime) -> None:
    """Durable, and of this use."""
    is_durable = entry is not None and entry.written is not None and entry.written <= now
    lacking = absent(
        ("登记", "entry", is_durable),
        ("人员", "persons", entry and distinct(use.persons) and use.persons <= entry.persons),
        ("摄像机", "cameras", entry and use.cameras and use.cameras <= entry.cameras),
        ("用途", "purpose", entry and is_given(entry.purpose) and entry.purpose == use.purpose),
        ("去向", "destination", entry and entry.destination),
    )
    case.require(
        not lacking.zh,
        "R22.4",
        Words(f"没有先行登记：{lacking.zh}", f"not registered first: {lacking.en}"),
        Words("请先完成登记；登记落盘前不提供任何画面", "register first; nothing is served before that"),
    )


def _require_verb(case: Case, grant: AccessGrant, use: Use) -> None:
    law, files = case.law, case.law.codes("file_verb")
    has = named(law, "access_verb", grant.verbs)
    case.require(
        use.verb in grant.verbs and use.verb in law.codes("access_verb"),
        "R21.3",
        Words(f"只获准{has.zh}", f"granted to {has.en} only"),
        Words("请申请相应的权利", "apply for the right that is needed"),
    )
    case.require(
        not use.is_file or use.verb in files,
        "R21.3",
        Words("查阅不得取得文件", "viewing never yields a file"),
        Words(f"请申请{named(law, 'file_verb', files).zh}", f"apply to {named(law, 'file_verb', files).en}"),
    )
    case.require(
        use.is_file or (bool(use.persons) and use.persons <= use.marked),
        "R21.3",
        Words("画面没有查阅人水印", "the pictures carry no mark of the viewer"),
        Words("请加上查阅人水印", "put the viewer's mark over them"),
    )


def _require_scope(case: Case, grant: AccessGrant, use: Use, now: datetime) -> None:
    outside = {
        Words("摄像机", "cameras"): bool(use.cameras) and use.cameras <= grant.cameras,
        Words("人员", "persons"): bool(use.persons) and use.persons <= grant.officers,
        Words("时段", "interval"): grant.begin <= use.begin and use.end <= grant.end,
    }
    told = absent(*((words.zh, words.en, holds) for words, holds in outside.items()))
    case.require(
        not told.zh,
        "R22.8",
        Words(f"超出授权：{told.zh}", f"beyond the grant: {told.en}"),
        Words("请限于授权的范围", "keep to the grant"),
    )
    until = f"{grant.expires.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    case.require(
        now <= grant.expires,
        "R22.8",
        Words(f"授权已于北京时间 {until} 到期", f"the grant ended at {until} (+08:00)"),
        Words("请重新申请", "apply again"),
    )


def _require_times(case: Case, use: Use) -> None:
    most = case.law.limits.get(USES + use.verb)
    if most is not None:
        case.require(
            use.times_before < most.value,
            most.code,
            Words(
                f"已使用 {use.times_before} 次，只限 {most.value} 次",
                f"used {use.times_before} times already, of at most {most.value}",
            ),
            Words("请重新申请", "apply again"),
        )


# --- until which second


@dataclass(frozen=True, slots=True)
class Piece:
    """What is given of a fragment."""

    begin: datetime
    end: datetime
    is_derived: bool  # cut out of it, into a file that refers to the original


@decides("R22.8")
def piece_of(law: Law, grant: AccessGrant, begin: datetime, end: datetime, *, verb: str) -> Piece | None:
    """What of a fragment is served: never beyond the grant's interval; nothing if they do not meet.

    A verb that yields a file is given the whole edge fragment only if the grant names it.
    """
    aware(begin=begin, end=end)
    consistent(begin < end, "the fragment ends before it begins")
    first, last = max(begin, grant.begin), min(end, grant.end)
    if first >= last or verb not in grant.verbs:
        return None
    if grant.has_whole_edges and verb in law.codes("file_verb"):
        return Piece(begin, end, is_derived=False)
    is_file = verb in law.codes("file_verb")
    return Piece(first, last, is_derived=is_file and (first, last) != (begin, end))


@decides("R22.8")
def stops_at(grant: AccessGrant, position: datetime, now: datetime) -> datetime:
    """When a picture that plays at normal speed must stop: at the end of the interval, or of the grant.

    Args:
        position: the instant of the footage that is shown at ``now``.
    """
    aware(position=position, now=now)
    left = max(grant.end - position, timedelta(0))
    return max(now, min(now + left, grant.expires))
