"""What is done to records, programs and devices (art. 31(6), (8), (9); Decree 799 art. 23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    absent,
    aware,
    consistent,
    decides,
    listed,
)
from bingjian.rules.decisions.conduct import duty_at
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Store:
    """Originals as recorded and as found: hashes by id."""

    recorded: Mapping[str, str]
    found: Mapping[str, str]
    receipts: frozenset[str] = frozenset()  # given up at term, with a receipt
    unlisted: frozenset[str] = frozenset()  # there and unchanged, but not shown by the catalogue

    def __post_init__(self) -> None:
        consistent(self.receipts <= self.recorded.keys(), "a receipt for what was never recorded")
        consistent(self.unlisted <= self.found.keys(), "hidden, but not found either")


@decides("R31.6", "N23")
def is_untouched(law: Law, store: Store) -> Grant | Refusal:
    """Art. 31(6), Decree 799 art. 23: nothing deleted, hidden, changed or added; each that was is named."""
    recorded, found = store.recorded, store.found
    kinds = {
        "deleted": recorded.keys() - found.keys() - store.receipts,
        "changed": {one for one in recorded.keys() & found.keys() if recorded[one] != found[one]},
        "added": found.keys() - recorded.keys(),
        "hidden": store.unlisted,
    }
    case = Case(law)
    for kind, ids in kinds.items():
        for known in law.codes("tampering").get(kind, ()):
            code, told = duty_at(law, known.article), sorted(ids)
            if code is not None:
                case.require(not ids, code, *_touched(known.words, told))
    return case.answer()


def _touched(kind: Words, ids: list[str]) -> tuple[Words, Words]:
    return (
        Words(f"原始记录被{kind.zh}：{'、'.join(ids)}", f"original records {kind.en}: {listed(ids)}"),
        Words("请立即核查并保全现场", "look into it now, and preserve what is there"),
    )


@decides("N23")
def are_programs_whole(law: Law, released: Mapping[str, str], found: Mapping[str, str]) -> Grant | Refusal:
    """Decree 799 art. 23(5): programs are those of the release, not one more or less. Hashes by name."""
    differ = sorted(name for name in released.keys() | found.keys() if released.get(name) != found.get(name))
    case = Case(law)
    case.require(
        bool(released) and not differ,
        "N23",
        Words(
            f"程序与发布版本不符：{'、'.join(differ)}", f"programs differ from the release: {listed(differ)}"
        ),
        Words("请停用并重新安装发布版本", "take it out of use and install the release again"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class LateUpload:
    """Footage that a device kept while it could not send."""

    begin: datetime
    end: datetime
    gap: tuple[datetime, datetime] | None  # the declared one that it would fill
    is_device_authenticated: bool
    is_signature_good: bool | None  # None: this device does not sign
    is_marked_recovered: bool

    def __post_init__(self) -> None:
        aware(begin=self.begin, end=self.end)
        consistent(self.begin < self.end, "ends before it begins")
        aware(**dict(zip(("gap begin", "gap end"), self.gap or (), strict=False)))


@decides("R31.6")
def may_add(law: Law, upload: LateUpload) -> Grant | Refusal:
    """Art. 31(6): nothing is added to originals but what a device itself kept for a declared gap (5.19)."""
    fits = upload.gap is not None and upload.gap[0] <= upload.begin and upload.end <= upload.gap[1]
    lacking = absent(
        ("设备认证", "authenticated device", upload.is_device_authenticated),
        ("有效签名", "good signature", upload.is_signature_good is not False),
        ("已申报的缺口", "declared gap that it fits", fits),
        ("补录标记", "mark as recovered", upload.is_marked_recovered),
    )
    case = Case(law)
    case.require(
        not lacking.zh,
        "R31.6",
        Words(
            f"不得增加原始记录，缺少：{lacking.zh}", f"nothing is added to originals without: {lacking.en}"
        ),
        Words(
            "请由设备自身存储补传到已申报的缺口", "upload from the device's own storage into a declared gap"
        ),
    )
    return case.answer()


# --- (8): covered


@dataclass(frozen=True, slots=True)
class View:
    """What diagnosis sees of a picture that may be covered, black or out of focus."""

    is_blocked: bool
    has_sensor_noise: bool  # as a dark but living scene has
    since: datetime

    def __post_init__(self) -> None:
        aware(since=self.since)


@decides("R31.8")
def is_uncovered(law: Law, view: View, now: datetime) -> Grant | Refusal:
    """Art. 31(8): a refusal is an alarm, once blocked for so long; a dark night with noise is none."""
    aware(now=now)
    consistent(view.since <= now, "blocked in the future")
    case, most = Case(law), law.limits.get("cover.alarm")
    if most is not None:
        is_long = now - view.since >= timedelta(seconds=most.value)
        case.require(
            not view.is_blocked or view.has_sensor_noise or not is_long,
            most.code,
            Words(
                f"画面被遮挡、黑屏或者失焦已达 {most.value} 秒",
                f"covered, black or blurred for {most.value} s",
            ),
            Words("请立即派人核查", "send somebody now"),
        )
    return case.answer()


@decides("R31.8")
def is_alarmed_in_time(law: Law, covered: datetime, alarmed: datetime) -> Grant | Refusal:
    """Art. 31(8): from the covered picture to the alarm."""
    aware(covered=covered, alarmed=alarmed)
    consistent(covered <= alarmed, "alarmed before it was covered")
    took = f"{(alarmed - covered).total_seconds():g}"
    case, most = Case(law), law.limits.get("cover.alarm")
    if most is not None:
        case.require(
            alarmed - covered <= timedelta(seconds=most.value),
            most.code,
            Words(
                f"遮挡后 {took} 秒才告警，应当不超过 {most.value} 秒",
                f"alarmed after {took} s, at most {most.value} s are allowed",
            ),
            Words("请检查诊断的周期", "look at how often diagnosis runs"),
        )
    return case.answer()


# --- (9): stolen or damaged


@dataclass(frozen=True, slots=True)
class Loss:
    """A device that is gone."""

    at: datetime
    is_tampered: bool  # its tamper input had closed
    are_neighbours_lost: bool
    held: tuple[datetime, datetime] | None  # interval under a hold

    def __post_init__(self) -> None:
        aware(at=self.at)
        aware(**dict(zip(("held from", "held to"), self.held or (), strict=False)))
        consistent(self.held is None or self.held[0] < self.held[1], "the hold ends before it begins")

    @property
    def is_suspect(self) -> bool:
        return self.is_tampered or self.are_neighbours_lost


@decides("R31.9")
def to_preserve(law: Law, loss: Loss) -> tuple[datetime, datetime] | None:
    """Of a loss that looks like theft or damage the interval to put under a hold; None: of none."""
    least = law.limits.get("theft.preserve")
    if least is None or not loss.is_suspect:
        return None
    return loss.at - timedelta(seconds=least.value), loss.at


@decides("R31.9")
def is_preserved(law: Law, loss: Loss) -> Grant | Refusal:
    """Art. 31(9): the last footage before such a loss is under a hold."""
    wanted = to_preserve(law, loss)
    case = Case(law)
    is_held = wanted is None or (
        loss.held is not None and loss.held[0] <= wanted[0] and wanted[1] <= loss.held[1]
    )
    seconds = 0 if wanted is None else round((wanted[1] - wanted[0]).total_seconds())
    case.require(
        is_held,
        "R31.9",
        Words(
            f"设备疑似被盗损，掉线前 {seconds} 秒的录像没有保全",
            f"the {seconds} s before the loss are not under a hold",
        ),
        Words("请立即保全并派人核查", "set the hold now and send somebody"),
    )
    return case.answer()
