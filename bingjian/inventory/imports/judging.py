"""Row by row: what a sheet says, whether it can be taken over, and if not, what is wrong where."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bingjian.inventory.camera_file_service import OUTSIDE_AREAS, is_told
from bingjian.inventory.camera_file_values import (
    completed,
    derived_columns,
    plain_columns,
    positioned,
    standing_of,
)
from bingjian.inventory.camera_files import CITY, dumps
from bingjian.inventory.coordinates import Doubt, System, plausible, to_wgs84
from bingjian.inventory.errors import FieldsNotAccepted, NotThere
from bingjian.inventory.field_values import Known, read_all
from bingjian.inventory.imports.columns import letter
from bingjian.inventory.imports.models import Choices
from bingjian.inventory.quality import quality_of
from bingjian.inventory.siting import Registered, Siting, Standing
from bingjian.rules.decision import Grant, Refusal, all_of
from bingjian.rules.decisions.places import may_be_filed
from bingjian.rules.decisions.records import may_have_code
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

SAMPLES = 20  # positions shown as they are declared and as they would be in another system
FAULTS_PER_ROW = 20
ANSWERS_MAX = 10_000  # of the law, kept for rows about which the same is known
ERROR_VALUES = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
COMPUTED = Words("公式没有结果", "the formula has no result")
MERGED = Words("单元格已合并，请取消合并并逐行填写", "cells are merged: undo that and fill in each row")
NO_NAME = Words("没有设备名称", "it has no name")
TWICE = "与第 {} 行的设备编码重复", "row {} has the same device code"
SWAPPED = Words("经度和纬度互换了", "longitude and latitude have changed places")
ELSEWHERE = Words("坐标不在本市范围内", "the position lies outside the city")
NO_THING = Words("没有登记这一场所或部位", "there is no such place or part")
AWAY = Words("不在您的管辖区域内", OUTSIDE_AREAS)


@dataclass(frozen=True, slots=True)
class RowFault:
    field: str  # empty: the whole row
    letter: str
    code: str
    words: Words


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A row that can be taken over."""

    number: int  # in the sheet, from 1
    values: dict[str, Any]  # as a person would have set them
    columns: dict[str, Any]  # of the file
    line: str  # JSON of number and values


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows are judged against, read from the database once."""

    law: Law
    now: datetime
    siting: Siting
    known: Known
    taken: frozenset[str]  # device codes of files that are there
    areas: tuple[str, ...]
    consents: Registered


@dataclass
class Findings:
    """Of all rows together."""

    rows: int = 0
    faulty: int = 0
    kinds: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    positions: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, Any]] = field(default_factory=list)


class Judge:
    """One pass over a sheet; ``row`` is called with each row in order."""

    def __init__(self, ground: Ground, choices: Choices, merged: Iterable[Sequence[int]] = ()) -> None:
        self._ground = ground
        self._choices = choices
        self._letters = {name: letter(column) for column, name in choices.columns.items()}
        self._merged = merged_rows(merged, choices)
        self._seen = dict[str, int]()  # device code: row
        self._digest = hashlib.sha256()
        self._answers = dict[Any, Grant | Refusal]()
        self.findings = Findings()

    @property
    def sha256(self) -> str:
        """Of the good rows so far, in order."""
        return self._digest.hexdigest()

    def row(self, number: int, cells: Sequence[Any]) -> GoodRow | str | None:
        """One row: what a good one is, or the line of a faulty one; of a blank row nothing."""
        if number <= self._choices.header_row or not any(cell not in ("", None) for cell in cells):
            return None
        raws = self._raws(cells)
        values, faults = self._read(raws)
        faults += self._merged.get(number, [])
        if not faults:
            values, faults = self._judged(number, values)
        self._count(number, faults)
        if faults:
            told = [[one.field, one.letter, one.code, *one.words] for one in faults[:FAULTS_PER_ROW]]
            return dumps({"row": number, "cells": list(cells), "faults": told})
        return self._good(number, values)

    def _raws(self, cells: Sequence[Any]) -> dict[str, Any]:
        raws = {name: cells[column] for column, name in self._choices.columns.items() if column < len(cells)}
        if self._choices.swap_positions:
            raws["longitude"], raws["latitude"] = raws.get("latitude"), raws.get("longitude")
        for name, value in (("crs", self._choices.crs), ("division", self._choices.division)):
            if value and raws.get(name) in ("", None):
                raws[name] = value
        return raws

    def _read(self, raws: Mapping[str, Any]) -> tuple[dict[str, Any], list[RowFault]]:
        computed = [name for name, raw in raws.items() if isinstance(raw, str) and raw in ERROR_VALUES]
        faults = [self._fault(name, "formula", COMPUTED) for name in computed]
        values, unread = read_all(
            {name: raw for name, raw in raws.items() if name not in computed}, self._ground.known
        )
        faults += [self._fault(name, fault.code, fault.words) for name, fault in unread.items()]
        if "name" not in values and not any(one.field == "name" for one in faults):
            faults.append(self._fault("name", "missing", NO_NAME))
        return dict(values), faults

    def _judged(self, number: int, values: dict[str, Any]) -> tuple[dict[str, Any], list[RowFault]]:
        faults = [*self._code(number, values), *self._position(number, values)]
        if not str(values.get("division", CITY)).startswith(self._ground.areas):
            faults.append(self._fault("division", "outside_areas", AWAY))
        if faults:
            return values, faults
        found = positioned(values)
        return found, self._ground_faults(found)

    def _code(self, number: int, values: Mapping[str, Any]) -> list[RowFault]:
        code = values.get("device_id")
        if code is None:
            return []
        answer = may_have_code(self._ground.law, code, self._ground.taken & {code})
        faults = [self._fault("device_id", no.code, no.reason) for no in all_of(answer)]
        if (first := self._seen.setdefault(code, number)) != number:
            faults.append(self._fault("device_id", "twice", Words(*(text.format(first) for text in TWICE))))
        return faults

    def _position(self, number: int, values: Mapping[str, Any]) -> list[RowFault]:
        if "longitude" not in values or "latitude" not in values:
            return []
        given = values["longitude"], values["latitude"]
        system = System(values.get("crs", System.WGS84))
        doubt = plausible(given)
        seen = self.findings.positions
        seen["given"] += 1
        seen["no_crs"] += "crs" not in values
        self._sample(number, values, given, system, doubt)
        if doubt is None:
            return []
        is_swapped = doubt is Doubt.SWAPPED
        seen["swapped" if is_swapped else "outside"] += 1
        words, code = (SWAPPED, "swapped") if is_swapped else (ELSEWHERE, "outside")
        return [self._fault("longitude", code, words)]

    def _sample(
        self,
        number: int,
        values: Mapping[str, Any],
        given: tuple[float, float],
        system: System,
        doubt: Doubt | None,
    ) -> None:
        """Both readings, so that a person sees on the map which is true."""
        if len(self.findings.samples) >= SAMPLES:
            return
        swapped = (given[1], given[0])
        self.findings.samples.append(
            {
                "row": number,
                "name": values.get("name", ""),
                "as_declared": to_wgs84(given, system) if doubt is None else given,
                "as_gcj02": to_wgs84(given, System.GCJ02) if doubt is None else given,
                "swapped": swapped if doubt is Doubt.SWAPPED else None,
            }
        )

    def _ground_faults(self, values: Mapping[str, Any]) -> list[RowFault]:
        try:
            standing = standing_of(values).with_consents(self._ground.consents)
            answer = self._on_ground(standing) if is_told(standing) else None
        except NotThere:
            return [self._fault("place", "unknown_name", NO_THING)]
        except FieldsNotAccepted as refused:
            return [
                self._fault(name, "range", Words("视域参数无效", why)) for name, why in refused.faults.items()
            ]
        refusals = all_of(answer) if answer is not None else ()
        return [self._fault("", no.code, no.reason) for no in refusals]

    def _on_ground(self, standing: Standing) -> Grant | Refusal:
        """Asked once for all rows about which the same is known."""
        ground = self._ground
        proposal = ground.siting.proposal(ground.law, standing)
        has_position = standing.position is not None
        key = repr((proposal, has_position))
        if len(self._answers) > ANSWERS_MAX:
            self._answers.clear()
        if key not in self._answers:
            self._answers[key] = may_be_filed(ground.law, proposal, ground.now, has_position=has_position)
        return self._answers[key]

    def _good(self, number: int, values: dict[str, Any]) -> GoodRow:
        whole = completed(values)
        columns = plain_columns(whole) | derived_columns(whole, quality_of(self._ground.law, whole))
        line = dumps({"row": number, "values": whole})
        self._digest.update(line.encode() + b"\n")
        return GoodRow(number, whole, columns, line)

    def _fault(self, name: str, code: str, words: Words) -> RowFault:
        return RowFault(name, self._letters.get(name, ""), code, words)

    def _count(self, number: int, faults: Sequence[RowFault]) -> None:
        self.findings.rows += 1
        self.findings.faulty += bool(faults)
        for one in faults:
            told = {"code": one.code, "field": one.field, "rows": 0, "first_row": number}
            kind = self.findings.kinds.setdefault(
                (one.code, one.field), {**told, "zh": one.words.zh, "en": one.words.en}
            )
            kind["rows"] += 1


def merged_rows(merged: Iterable[Sequence[int]], choices: Choices) -> dict[int, list[RowFault]]:
    """By row the faults of merged cells below the headings, in columns that are read."""
    found = dict[int, list[RowFault]]()
    for top, left, bottom, right in merged:
        columns = [column for column in range(left, right + 1) if column in choices.columns]
        if not columns:
            continue
        fault = RowFault(choices.columns[columns[0]], letter(columns[0]), "merged", MERGED)
        for row in range(max(top + 1, choices.header_row + 1), bottom + 2):
            found.setdefault(row, []).append(fault)
    return found


def judge_lines(
    judge: Judge,
    lines: Sequence[str],
    first: int,
    good: Callable[[str], object],
    bad: Callable[[str], object],
) -> list[GoodRow]:
    """Judge some lines of the extract, the first being row ``first``; write each where it belongs.

    Returns the good ones.
    """
    found = list[GoodRow]()
    for number, line in enumerate(lines, start=first):
        row = judge.row(number, json.loads(line))
        if isinstance(row, GoodRow):
            found.append(row)
            good(row.line + "\n")
        elif row is not None:
            bad(row + "\n")
    return found
