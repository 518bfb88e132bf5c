"""What is protected, and by which right (art. 27¶1): six verbs, two kinds, originals, copies, forwarding."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bingjian.rules.decision import Case, Grant, Refusal, consistent, decides, is_given, named
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


class Permission(NamedTuple):
    """One verb over one kind: codes of ``protected_verb`` and ``protected_kind``."""

    verb: str
    kind: str


SEE_BASE_INFO = Permission("view", "base_info")
FORWARD = Permission("forward", "footage")


@decides("R27.2")
def may_use(law: Law, held: frozenset[Permission], wanted: Permission) -> Grant | Refusal:
    """Art. 27¶1: this verb over this kind, held itself; no right implies another."""
    is_known = wanted.verb in law.codes("protected_verb") and wanted.kind in law.codes("protected_kind")
    told = _told(law, wanted) if is_known else Words(*("/".join(wanted),) * 2)
    case = Case(law)
    case.require(
        is_known and wanted in held,
        "R27.2",
        Words(f"没有“{told.zh}”权限", f"the right to {told.en} is not held"),
        Words("请单独申请此项权限；其他权限不包含它", "ask for this very right: no other implies it"),
    )
    return case.answer()


def _told(law: Law, wanted: Permission) -> Words:
    verb, kind = law.words("protected_verb", wanted.verb), law.words("protected_kind", wanted.kind)
    return Words(f"{verb.zh}{kind.zh}", f"{verb.en} {kind.en}")


@decides("R27.3")
def may_show(law: Law, fields: Iterable[str], held: frozenset[Permission]) -> Grant | Refusal:
    """Art. 27¶1: design plans, device types, positions and address codes only with a right of their own.

    The refusal names the kinds of field, never a value, nor whether the camera is there.
    """
    hidden = frozenset(fields) & set(law.codes("base_info"))
    told = named(law, "base_info", hidden)
    case = Case(law)
    case.require(
        not hidden or SEE_BASE_INFO in held,
        "R27.3",
        Words(f"没有查阅基础信息的权限：{told.zh}", f"base information is not yours to see: {told.en}"),
        Words("请申请查阅基础信息的权限", "ask for the right to see base information"),
    )
    return case.answer()


@decides("R27.3")
def shown(law: Law, fields: Iterable[str], held: frozenset[Permission]) -> tuple[str, ...]:
    """Of these fields those that may stand in an answer, an error, a file name or the data of an export."""
    return tuple(field for field in fields if isinstance(may_show(law, [field], held), Grant))


# --- originals and what is made of them


@dataclass(frozen=True, slots=True)
class Alteration:
    """Somebody, or the retention job, wants to write over or remove a stored file."""

    is_original: bool
    is_removal: bool  # else a change of its bytes
    is_by_retention_job: bool
    is_expired: bool  # see ``retention.may_remove``


@decides("R27.4", "R31.6")
def may_alter(law: Law, alteration: Alteration) -> Grant | Refusal:
    """Arts. 27¶1, 31(6): originals are never changed, and removed by the retention job alone, once expired.

    There is no role here: none could.
    """
    is_expiry = alteration.is_removal and alteration.is_by_retention_job and alteration.is_expired
    is_allowed = not alteration.is_original or is_expiry
    zh, en = ("删除", "deleted") if alteration.is_removal else ("修改", "changed")
    reason = Words(f"原始记录任何人都不能{zh}", f"originals are not {en} by anyone")
    remedy = Words(
        "如需处理，请制作派生件；期满由清理程序删除", "make a derived file; the retention job removes at term"
    )
    case = Case(law)
    case.require(is_allowed, "R27.4", reason, remedy)
    case.require(is_allowed or alteration.is_expired, "R31.6", reason, remedy)
    return case.answer()


@dataclass(frozen=True, slots=True)
class Output:
    """A file made from footage. Hashes as text."""

    own: str
    originals: tuple[str, ...]  # of the files it was made from
    is_changed: bool  # masked, watermarked or transcoded: no longer the stored bytes
    is_marked_derived: bool
    is_in_place_of_original: bool  # stored where its original was

    def __post_init__(self) -> None:
        consistent(
            not (self.is_changed and is_given(self.own) and self.own in self.originals),
            "changed, but with the hash of an original",
        )


@decides("R27.7")
def is_told_apart(law: Law, output: Output) -> Grant | Refusal:
    """Art. 27¶1: what was changed is marked as derived, names its originals and takes no original's place."""
    has_hashes = is_given(output.own) and bool(output.originals) and all(map(is_given, output.originals))
    case = Case(law)
    case.require(
        has_hashes,
        "R27.7",
        Words("没有同时写明本件和原件的校验值", "hashes of the file and of its originals are not given"),
        Words("请写明本件和全部原件的校验值", "list its own hash and those of all its originals"),
    )
    case.require(
        output.is_marked_derived or not output.is_changed,
        "R27.7",
        Words("经过处理的文件没有标明为派生件", "a changed file is not marked as derived"),
        Words("请标明为派生件", "mark it as derived"),
    )
    case.require(
        not (output.is_changed and output.is_in_place_of_original),
        "R27.7",
        Words("派生件不能替代原件", "a derived file must not take its original's place"),
        Words("请另存派生件，保留原件", "store it beside the original"),
    )
    return case.answer()


@decides("R27.7")
def may_discard(law: Law, output: Output, hashes: frozenset[str]) -> Grant | Refusal:
    """Art. 27¶1: a derived file may go; its originals stay.

    Args:
        hashes: of the files that would be removed.
    """
    touched = hashes & set(output.originals)
    case = Case(law)
    case.require(
        not touched and hashes <= {output.own},
        "R27.7",
        Words(
            f"将会一并删除派生件以外的 {len(hashes - {output.own})} 个文件",
            f"{len(hashes - {output.own})} files other than the derived one would go too",
        ),
        Words("请只删除派生件", "remove the derived file alone"),
    )
    return case.answer()


@decides("R27.8")
def may_forward(
    law: Law, held: frozenset[Permission], recipient: str, destinations: frozenset[str]
) -> Grant | Refusal:
    """Arts. 27¶1, 31(5): to a further recipient only by the right to forward and a registered destination.

    Args:
        recipient: whom it goes to now.
        destinations: those registered for this material (art. 25(5)).
    """
    told = named(law, "protected_verb", [FORWARD.verb])
    case = Case(law)
    case.require(
        FORWARD in held,
        "R27.8",
        Words(f"没有{told.zh}权限，复制权限不包含它", "the right to forward is not held; to copy is another"),
        Words("请申请转发权限", "ask for the right to forward"),
    )
    case.require(
        is_given(recipient) and recipient in destinations,
        "R27.8",
        Words(f"没有登记去向：{recipient or '未写明'}", f"not a registered destination: {recipient or '-'}"),
        Words("请先登记新的去向", "register the new destination first"),
    )
    return case.answer()
