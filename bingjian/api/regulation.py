"""The law as one answer, made once for each day's standing of its editions."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from bingjian.api.schemas_regulation import (
    ArticleOut,
    BoundOut,
    CitedPlaceOut,
    CodeOut,
    ConflictOut,
    DutyOut,
    EditionOut,
    ParameterOut,
    PenaltyOut,
    RegulationOut,
    WordsOut,
)
from bingjian.rules.edition import Article, Code, Duty, Edition, Parameter, Penalty, Provision, Words
from bingjian.rules.law import Law, Standing, standing
from bingjian.rules.reading import WHO
from bingjian.rules.registry import decisions

KEPT = 4  # answers: an edition begins or ends at most once in a while


@dataclass(frozen=True, slots=True)
class Rendered:
    """The whole answer, ready to send."""

    body: bytes
    etag: str  # a strong validator (RFC 9110 §8.8.3): of the same bytes, the same


def rendered(law: Law, now: datetime) -> Rendered:
    """What the page needs of the law as it stands at ``now``."""
    return _rendered(law, law.at(now), tuple(standing(edition, now) for edition in law.editions))


@lru_cache(maxsize=KEPT)
def _rendered(law: Law, binding: Law, standings: tuple[Standing, ...]) -> Rendered:
    editions = [_edition(law, binding, *pair) for pair in zip(law.editions, standings, strict=True)]
    conflicts = [ConflictOut.model_validate(conflict) for conflict in law.conflicts]
    body = RegulationOut(editions=editions, conflicts=conflicts).model_dump_json().encode()
    return Rendered(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _edition(law: Law, binding: Law, edition: Edition, stands: Standing) -> EditionOut:
    return EditionOut(
        code=edition.title.code,
        title=WordsOut(zh=edition.title.zh, en=edition.title.en),
        mark=edition.title.mark.strip(),
        kind=edition.kind,
        issued=edition.issued,
        effective=edition.effective,
        expiry=edition.expiry,
        successor=edition.successor,
        is_excerpt=edition.is_excerpt,
        standing=stands,
        articles=[_article(law, binding, edition, provision) for provision in edition.provisions],
    )


def _article(law: Law, binding: Law, edition: Edition, provision: Provision) -> ArticleOut:
    article = provision.article

    def here(found: Article) -> bool:
        return found.number == article.number

    return ArticleOut(
        id=f"{edition.title.mark.strip()}{article.number}",
        number=article.number,
        place=_place(article),
        heading=_words(provision.heading),
        reference=provision.reference,
        text=_words(provision.paraphrase),
        protective=provision.protective,
        duties=[_duty(law, binding, duty) for duty in edition.duties if here(duty.article)],
        parameters=[_parameter(binding, one) for one in edition.parameters if here(one.article)],
        codes=[_code(code) for code in edition.codes if here(code.article)],
        penalties=[_penalty(penalty) for penalty in edition.penalties if here(penalty.article)],
    )


def _duty(law: Law, binding: Law, duty: Duty) -> DutyOut:
    functions = decisions().get(duty.code, ())
    return DutyOut(
        code=duty.code,
        place=_place(duty.article),
        bound=[BoundOut(code=code, words=_name(law, code)) for code in duty.bound],
        act=duty.act,
        text=_words(duty.text),
        part=duty.part,
        beside=list(duty.beside),
        decisions=[name_of(function) for function in functions],
        refusals=[duty.code] if any(refuses(function) for function in functions) else [],
        binds=binding.binds(duty.code),
    )


def name_of(decision: Callable[..., Any]) -> str:
    """ "filing.is_on_time"."""
    return f"{decision.__module__.rpartition('.')[2]}.{decision.__name__}"


def refuses(decision: Callable[..., Any]) -> bool:
    """Whether it can answer with a Refusal, by what it says it returns."""
    return "Refusal" in str(decision.__annotations__.get("return"))


def _name(law: Law, code: str) -> WordsOut:
    """Of somebody whom duties bind; the code itself while no edition names it."""
    return _words(law.words(WHO, code)) if code in law.codes(WHO) else WordsOut(zh=code, en=code)


def _parameter(binding: Law, one: Parameter) -> ParameterOut:
    limit = binding.limits.get(one.key)
    return ParameterOut(
        key=one.key,
        value=one.value,
        unit=one.unit,
        bound=one.bound,
        place=_place(one.article),
        duty=one.code,
        design=one.design,
        note=_words(one.note),
        decides=limit is not None and limit.value == one.value,
    )


def _code(code: Code) -> CodeOut:
    return CodeOut(
        of=code.of,
        code=code.code,
        words=_words(code.words),
        place=_place(code.article),
        number=code.number,
    )


def _penalty(penalty: Penalty) -> PenaltyOut:
    return PenaltyOut(
        place=_place(penalty.article),
        conduct=_words(penalty.conduct),
        measure=_words(penalty.measure),
        duties=list(penalty.duties),
    )


def _place(article: Article) -> CitedPlaceOut:
    return CitedPlaceOut(cite=str(article), zh=article.zh, en=article.en)


def _words(words: Words) -> WordsOut:
    return WordsOut(zh=words.zh, en=words.en)
