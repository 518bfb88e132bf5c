"""The register of views, copies and retrievals: art. 25(5), and the decree's of calls, art. 16."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bingjian.rules.decision import Case, Grant, Refusal, decides, is_given, named
from bingjian.rules.edition import Words
from bingjian.rules.law import Law
from bingjian.rules.spans import Span, clock

FIELDS = "register_field"  # what art. 25(5) names, and what we ask besides
HANDED_OVER = "register_field_handed_over"  # besides, where a copy leaves
CALL_FIELDS = "call_field"  # what the decree names


@dataclass(frozen=True, slots=True)
class Entry:
    """One view, copy or retrieval as registered. An empty text is missing."""

    persons: tuple[str, ...]
    time: Span | None  # when it was done
    purpose: str
    destination: str  # of a view: where it was shown
    unit: str
    content: str
    cameras: tuple[str, ...]
    interval: Span | None  # of the footage
    package_hash: str
    hands_over: bool  # a copy or retrieval: something left
    also: Mapping[str, str] = field(default_factory=dict)  # by code, what other editions ask

    def filled(self) -> frozenset[str]:
        """Codes of all the lists above that it has. A person or camera without a name is none."""
        persons = "、".join(self.persons) if self.persons and all(map(is_given, self.persons)) else ""
        texts = {
            "persons": persons,
            "caller_name": persons,
            "time": "" if self.time is None else str(self.time),
            "purpose": self.purpose,
            "reason": self.purpose,
            "destination": self.destination,
            "unit": self.unit,
            "caller_unit": self.unit,
            "content": self.content,
            "cameras": "、".join(self.cameras) if all(map(is_given, self.cameras)) else "",
            "interval": "" if self.interval is None else clock(self.interval.start),
            "package_hash": self.package_hash,
        }
        return frozenset(code for code, text in (dict(self.also) | texts).items() if is_given(text))


@decides("R25.12", "N16")
def may_enter(law: Law, entry: Entry) -> Grant | Refusal:
    """Whether a register entry is whole; before it is, nothing is shown, copied or handed over.

    All fields that lack are named: those of art. 25(5) and ours by R25.12, those of the decree by N16.
    """
    case, there = Case(law), entry.filled()
    for code, of in (
        ("R25.12", FIELDS),
        *([("R25.12", HANDED_OVER)] if entry.hands_over else []),
        ("N16", CALL_FIELDS),
    ):
        missing = named(law, of, [one for one in law.codes(of) if one not in there])
        case.require(
            not missing.en,
            code,
            Words(f"登记缺少：{missing.zh}", f"the register entry lacks: {missing.en}"),
            Words("请补齐登记后再办理", "complete the entry first"),
        )
    return case.answer()


@decides("R25.12")
def agrees(law: Law, register: Iterable[str], journal: Iterable[str]) -> Grant | Refusal:
    """Whether register and journal have the same acts, record for record. Ids."""
    entered, written = set(register), set(journal)
    case = Case(law)
    for lacking, zh, en in (
        (sorted(written - entered), "登记簿缺少", "not in the register"),
        (sorted(entered - written), "日志簿缺少", "not in the journal"),
    ):
        case.require(
            not lacking,
            "R25.12",
            Words(
                f"{zh} {len(lacking)} 条：{'、'.join(lacking)}", f"{len(lacking)} {en}: {', '.join(lacking)}"
            ),
            Words("请查明原因；登记以日志簿为准", "find out why; the journal decides"),
        )
    return case.answer()
