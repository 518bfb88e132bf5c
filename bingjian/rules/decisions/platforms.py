"""Platforms: six modules that footage passes (art. 3¶1), and how many platforms there are (art. 3¶2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bingjian.rules.decision import Case, Grant, Refusal, consistent, decides, named
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

CITY, DISTRICT = "city", "district"  # codes of ``platform_level``


@decides("R3.1")
def is_whole(law: Law, healthy: Mapping[str, bool]) -> Grant | Refusal:
    """Art. 3: every module is there and answers its probe. One that was not probed is not healthy.

    Args:
        healthy: by code of ``system_module``, what its probe found.
    """
    case = Case(law)
    silent = [code for code in law.codes("system_module") if not healthy.get(code, False)]
    names = named(law, "system_module", silent)
    case.require(
        not silent,
        "R3.1",
        Words(f"功能缺失或者异常：{names.zh}", f"missing or failing: {names.en}"),
        Words("请检修这些功能", "repair these modules"),
    )
    return case.answer()


@decides("R3.1")
def may_pass(law: Law, passed: Iterable[str]) -> Grant | Refusal:
    """Art. 3: footage bypasses no module. ``passed``: codes of those that know of it."""
    case, passed = Case(law), set(passed)
    bypassed = [code for code in law.codes("system_module") if code not in passed]
    names = named(law, "system_module", bypassed)
    case.require(
        not bypassed,
        "R3.1",
        Words(f"视频图像信息绕过了：{names.zh}", f"footage bypassed: {names.en}"),
        Words("请经由平台接入该视频", "bring this footage in through the platform"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that is there, or is to be."""

    id: str
    level: str  # code of ``platform_level``
    district: str  # code of ``division``; of the city's: empty
    parent: str  # id of the platform above; of the city's: empty
    is_government_built: bool
    is_active: bool

    def __post_init__(self) -> None:
        consistent(self.parent != self.id, "a platform above itself")
        consistent(self.level != CITY or not self.district, "a city platform of one district")


@decides("R3.3")
def may_add(law: Law, existing: Iterable[Platform], new: Platform) -> Grant | Refusal:
    """Art. 3¶2: government-built; one for the city; one active in a district, below the city's."""
    case = Case(law)
    others = tuple(one for one in existing if one.is_active and one.id != new.id)
    case.require(
        new.is_government_built,
        "R3.3",
        Words("监控平台须由政府建设", "a platform is built by government"),
        Words("请由政府有关部门提出", "have a government department propose it"),
    )
    levels = named(law, "platform_level", law.codes("platform_level"))
    case.require(
        new.level in law.codes("platform_level"),
        "R3.3",
        Words(f"没有平台级别“{new.level}”", f"no platform level {new.level!r}"),
        Words(f"请选择：{levels.zh}", f"choose: {levels.en}"),
    )
    if new.level == CITY:
        _city(case, others, new)
    elif new.level == DISTRICT:
        _district(case, others, new)
    return case.answer()


def _city(case: Case, others: tuple[Platform, ...], new: Platform) -> None:
    if not case.law.binds("R3.3"):
        return
    most = case.law.number("platforms.city")
    rivals = [one.id for one in others if one.level == CITY]
    case.require(
        not new.is_active or len(rivals) < most,
        "R3.3",
        Words(
            f"已有市级平台“{'、'.join(rivals)}”，至多 {most} 个",
            f"{', '.join(rivals)} is there: at most {most} for the city",
        ),
        Words("请使用现有市级平台", "use the city platform that is there"),
    )
    case.require(
        not new.parent,
        "R3.3",
        Words("市级平台之上没有平台", "nothing stands above the city platform"),
        Words("请去掉上级平台", "leave out the platform above"),
    )


def _district(case: Case, others: tuple[Platform, ...], new: Platform) -> None:
    if not case.law.binds("R3.3"):
        return
    most, where = case.law.number("platforms.per_district"), named(case.law, "division", [new.district])
    case.require(
        new.district in case.law.codes("division"),
        "R3.3",
        Words(
            f"“{new.district}”不是本市的区、县（市）代码",
            f"{new.district!r} is no district or county of the city",
        ),
        Words("请选择所属区、县（市）", "choose its district or county"),
    )
    rivals = [one.id for one in others if one.level == DISTRICT and one.district == new.district]
    case.require(
        not new.is_active or len(rivals) < most,
        "R3.3",
        Words(
            f"{where.zh}已有运行中的平台“{'、'.join(rivals)}”，至多 {most} 个",
            f"{where.en} has {', '.join(rivals)} already: at most {most} active",
        ),
        Words("请先停用原平台", "stop the other one first"),
    )
    case.require(
        new.parent in {one.id for one in others if one.level == CITY},
        "R3.3",
        Words(f"上级“{new.parent}”不是市级平台", f"above it stands {new.parent!r}, not the city platform"),
        Words("请以市级平台为上级", "put it under the city platform"),
    )
