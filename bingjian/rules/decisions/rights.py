"""Who may do what (art. 27¶1; requirements, section 4): a table as data, and the rules above it.

Nothing is allowed that the table does not name. A role is held until an instant, the end of its contract,
shift or training, and every condition that its row names must hold. Above the table: roles that one person
must not hold together, nobody decides their own request, and nobody at all deletes originals.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

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
    enumerated,
    named,
)
from bingjian.rules.edition import Words
from bingjian.rules.law import Law
from bingjian.rules.reading import Table, read_tables

TABLES = ("condition", "act", "role", "apart")
BY_TWO = "two"  # the condition that is counted here, from the persons, and never taken as a fact
DELETING = "D"  # the letter of its column
NOTHING = Words("", ""), Words("", "")  # why something that is met is refused
NONE_MAY = (
    Words("您的角色都没有此项权限", "none of your roles may do this"),
    Words("请申请具有此项权限的角色", "ask for a role that may"),
)
NOBODY_DELETES = (
    Words("任何人都不能删除原始记录", "nobody deletes originals"),
    Words("保存期满后由清理程序自动删除", "the retention job removes them when their term has ended"),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for the object of an act, "a" in the table: its words go into the refusal."""

    code: str
    mark: str
    words: Words


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done; several may share a column of the table."""

    code: str
    letter: str
    words: Words
    is_answer: bool  # it decides somebody's request
    is_everybodys: bool  # whoever holds a role may, whatever the role


@dataclass(frozen=True, slots=True)
class Rights:
    """The whole table."""

    conditions: Mapping[str, Condition]
    acts: Mapping[str, Act]
    roles: Mapping[str, Mapping[str, frozenset[str]]]  # of each role its acts, of each act its conditions
    machines: frozenset[str]  # roles of programs, held by nobody
    apart: tuple[frozenset[str], ...]  # roles that one person must not hold together

    def row(self, role: str, act: str) -> frozenset[str] | None:
        """The conditions under which a role may do this; None: it may not."""
        known = self.acts.get(act)
        if known is not None and known.is_everybodys and role in self.roles and role not in self.machines:
            return frozenset()
        return self.roles.get(role, {}).get(act)


# --- reading


def read_rights(file: str, text: str) -> Rights:
    """The table from its file. Raises LawError: file, line and reason."""
    tables = read_tables(file, text, TABLES)
    conditions, acts = _conditions(tables["condition"]), _acts(tables["act"])
    roles, machines = dict[str, Mapping[str, frozenset[str]]](), set[str]()
    for table in tables["role"]:
        code, may, is_machine = table.text("code"), _rows(table, acts, conditions), table.flag("machine")
        _new(table, code, roles)
        if not is_machine and any(acts[act].letter == DELETING for act in may):
            raise table.wrong("may", "no person deletes originals")
        roles[code] = may
        machines |= {code} if is_machine else set()
        table.end()
    return Rights(conditions, acts, roles, frozenset(machines), _apart(tables["apart"], roles))


def _conditions(tables: list[Table]) -> dict[str, Condition]:
    found = dict[str, Condition]()
    for table in tables:
        code = _new(table, table.text("code"), found)
        found[code] = Condition(code, table.text("mark"), table.words("text"))
        table.end()
    return found


def _acts(tables: list[Table]) -> dict[str, Act]:
    found = dict[str, Act]()
    for table in tables:
        code = _new(table, table.text("code"), found)
        of_whom = table.flag("request"), table.flag("everybody")
        found[code] = Act(code, table.text("letter"), table.words("text"), *of_whom)
        table.end()
    return found


def _rows(
    table: Table, acts: Mapping[str, Act], conditions: Mapping[str, Condition]
) -> dict[str, frozenset[str]]:
    """ "hold_release area two": an act, then its conditions. Everybody's acts come by themselves."""
    rows = dict[str, frozenset[str]]()
    for key in ("may", "also"):
        for line in table.texts(key):
            act, *only = line.split() or [""]
            unknown = [code for code in only if code not in conditions]
            if act not in acts or act in rows or unknown:
                raise table.wrong(key, f"{line!r}: no such act or condition, or the act is there already")
            rows[act] = frozenset(only)
    return rows


def _apart(tables: list[Table], roles: Mapping[str, object]) -> tuple[frozenset[str], ...]:
    found = list[frozenset[str]]()
    for table in tables:
        together = frozenset(table.texts("roles"))
        if len(together) <= 1 or together - set(roles):
            raise table.wrong("roles", "must be several roles of this file")
        found.append(together)
        table.end()
    return tuple(found)


def _new(table: Table, code: str, known: Mapping[str, object]) -> str:
    if code in known:
        raise table.wrong("code", f"{code} is there already")
    return code


# --- deciding


@dataclass(frozen=True, slots=True)
class Held:
    """A role of a person, and its last instant: the end of contract, shift or training."""

    role: str
    until: datetime

    def __post_init__(self) -> None:
        aware(until=self.until)


@dataclass(frozen=True, slots=True)
class Deed:
    """One act that somebody wants to do. Everybody and everything by id; what is blank is unknown."""

    person: str
    organisation: str
    roles: tuple[Held, ...]
    act: str
    target: str  # camera, footage, register, or the platform
    purpose: str
    met: frozenset[str]  # conditions that hold for this target
    proven_later: frozenset[str] = frozenset()  # by what serves it, before anything is served or changed
    asked_by: str = ""  # whose request it answers
    confirmed_by: tuple[str, ...] = ()  # who does it together with this person

    def __post_init__(self) -> None:
        consistent(BY_TWO not in self.met, "two persons are counted, not claimed")


@decides("R27.1", "N16")
def may_do(law: Law, rights: Rights, deed: Deed, now: datetime) -> Grant | Refusal:
    """Art. 27¶1, Decree 799 art. 16: refused unless the table names the act for one of the person's roles."""
    aware(now=now)
    case = Case(law)
    code = _code(law)
    _require_whole(case, code, deed)
    _require_row(case, code, rights, deed, now)
    _require_other(case, code, rights, deed)
    roles = frozenset(held.role for held in deed.roles)
    if not roles or roles - rights.machines:
        _require_apart(case, rights, roles)
        _require_no_deletion(case, rights, deed)
    return case.answer()


@decides("R27.1")
def may_take(
    law: Law,
    rights: Rights,
    held: Iterable[Held],
    roles: frozenset[str],
    now: datetime,
    lacking: frozenset[str] = frozenset(),
) -> Grant | Refusal:
    """Art. 27¶1: a step of a procedure, by one of the roles that its description names.

    Args:
        lacking: conditions that do not hold for what it is about.
    """
    aware(now=now)
    case, named = Case(law), [one for one in held if one.role in roles]
    is_held = any(now <= one.until for one in named)
    may = is_held and not lacking
    why = NOTHING if may else _why_not(law, rights, named, sorted(lacking) if is_held else None)
    case.require(may, _code(law), *why)
    return case.answer()


def _code(law: Law) -> str:
    """The city's duty, or the decree's while the city's measures are still to come: never neither."""
    return "R27.1" if law.binds("R27.1") else law.duty("N16").code


def _require_whole(case: Case, code: str, deed: Deed) -> None:
    is_whole = bool(
        deed.roles
        and deed.person.strip()
        and deed.organisation.strip()
        and deed.act.strip()
        and deed.target.strip()
        and deed.purpose.strip()
    )
    case.require(is_whole, code, *(NOTHING if is_whole else _what_lacks(deed)))


def _what_lacks(deed: Deed) -> tuple[Words, Words]:
    lacking = absent(
        ("人员", "person", deed.person),
        ("单位", "organisation", deed.organisation),
        ("角色", "role", deed.roles),
        ("操作", "act", deed.act),
        ("对象", "object", deed.target),
        ("用途", "purpose", deed.purpose),
    )
    return (
        Words(f"缺少：{lacking.zh}", f"not given: {lacking.en}"),
        Words("请补齐后重新提出", "complete it and ask again"),
    )


def _require_row(case: Case, code: str, rights: Rights, deed: Deed, now: datetime) -> None:
    """One row of a role still held, whose conditions all hold; else the row that lacks least is explained."""
    met, named = deed.met | deed.proven_later, list[tuple[Held, frozenset[str]]]()
    for held in deed.roles:
        only = rights.row(held.role, deed.act)
        if only is not None:
            if BY_TWO in only and _is_by_several(case.law, deed):
                only -= {BY_TWO}
            if only <= met and now <= held.until:
                case.require(True, code, *NOTHING)
                return
            named.append((held, only))
    lacking = min(
        (sorted(only - met) for held, only in named if now <= held.until),
        key=lambda codes: (len(codes), codes),
        default=None,
    )
    case.require(False, code, *_why_not(case.law, rights, [held for held, _ in named], lacking))


def _is_by_several(law: Law, deed: Deed) -> bool:
    """Whether enough different persons do it together. Nobody may if no law says how many that is."""
    needed = law.limits.get("release.persons")
    return needed is not None and len(distinct((deed.person, *deed.confirmed_by))) >= needed.value


def _why_not(law: Law, rights: Rights, named: list[Held], lacking: list[str] | None) -> tuple[Words, Words]:
    if lacking is not None:
        told = enumerated(rights.conditions[code].words for code in lacking)
        return (
            Words(f"不具备条件：{told.zh}", f"allowed only {told.en}"),
            Words("请具备上述条件后再办理", "meet these conditions first"),
        )
    return _why_none(law, named)


def _why_none(law: Law, named: list[Held]) -> tuple[Words, Words]:
    """No role of theirs may, or none that they still hold."""
    if named:
        last = max(named, key=lambda held: (held.until, held.role))
        role, until = law.words("role", last.role), f"{last.until.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
        return (
            Words(
                f"“{role.zh}”角色已于北京时间 {until} 到期",
                f"the role of {role.en} ended at {until} (+08:00)",
            ),
            Words("请先办理角色续期", "have the role renewed"),
        )
    return NONE_MAY


def _require_other(case: Case, code: str, rights: Rights, deed: Deed) -> None:
    """What answers a request names whose it is, and that is somebody else."""
    act = rights.acts.get(deed.act)
    if act is None or not act.is_answer:
        return
    asked_by = distinct([deed.asked_by])
    case.require(
        bool(asked_by),
        code,
        Words("没有写明由谁申请", "it is not known whose request this is"),
        Words("请写明申请人", "name who asked"),
    )
    case.require(
        not asked_by & distinct((deed.person, *deed.confirmed_by)),
        code,
        Words("不能批准自己的申请", "nobody approves their own request"),
        Words("请由其他有权人员办理", "have somebody else decide it"),
    )


@decides("R27.4")
def may_hold(law: Law, rights: Rights, roles: Iterable[str]) -> Grant | Refusal:
    """Art. 27¶1: what one person may be. Whoever keeps accounts or footage does not audit."""
    case = Case(law)
    _require_apart(case, rights, frozenset(roles))
    return case.answer()


def _require_apart(case: Case, rights: Rights, held: frozenset[str]) -> None:
    programs = held & rights.machines
    case.require(not programs, "R27.4", *(_not_for_people(case.law, programs) if programs else NOTHING))
    for apart in rights.apart:
        if apart <= held:
            case.require(False, "R27.4", *_not_together(case.law, apart))


def _not_for_people(law: Law, roles: frozenset[str]) -> tuple[Words, Words]:
    told = named(law, "role", roles)
    return (
        Words(f"只能由程序担任：{told.zh}", f"held by a program alone: {told.en}"),
        Words("请撤销该角色", "take the role away"),
    )


def _not_together(law: Law, roles: frozenset[str]) -> tuple[Words, Words]:
    told = named(law, "role", roles)
    return (
        Words(f"同一人不能兼任：{told.zh}", f"one person may not be all of: {told.en}"),
        Words("请由不同的人分别担任", "give these roles to different persons"),
    )


@decides("R27.4")
def may_change_account(law: Law, person: str, by: str) -> Grant | Refusal:
    """Art. 27¶1: nobody gives themselves roles or areas, nor takes a safeguard of their own away. By id."""
    case = Case(law)
    case.require(
        not distinct((person,)) & distinct((by,)),
        "R27.4",
        Words("不能变更自己账号的权限", "nobody changes the rights of their own account"),
        Words("请由其他账号管理员办理", "have another administrator of accounts do it"),
    )
    return case.answer()


def _require_no_deletion(case: Case, rights: Rights, deed: Deed) -> None:
    """Nobody signed in deletes originals, whatever the role."""
    act = rights.acts.get(deed.act)
    case.require(act is None or act.letter != DELETING, "R27.4", *NOBODY_DELETES)
