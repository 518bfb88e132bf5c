"""Rules as ``bingjian rules --json`` prints them: plain values, texts in both languages."""

from collections.abc import Callable
from inspect import getdoc
from typing import Any

from bingjian.rules.edition import Article, Code, Conflict, Duty, Edition, Parameter, Penalty, Words
from bingjian.rules.law import Law
from bingjian.rules.lookup import Page, beside
from bingjian.rules.reading import WHO
from bingjian.rules.registry import decisions


def contents(edition: Edition) -> dict[str, Any]:
    return {**_edition(edition), "articles": [_entry(edition, one.article) for one in edition.provisions]}


def page(law: Law, page: Page) -> dict[str, Any]:
    provision = page.provision
    return {
        **_edition(page.edition),
        **_place(provision.article),
        "heading": provision.heading._asdict(),
        "reference": provision.reference,
        "text": provision.paraphrase._asdict(),
        "protective": provision.protective,
        "duties": [_duty(law, duty) for duty in page.duties],
        "parameters": [number(law, parameter) for parameter in page.parameters],
        "codes": [_code(code) for code in page.codes],
        "penalties": [_penalty(penalty) for penalty in page.penalties],
        "conflicts": [conflict(one) for one in page.conflicts],
    }


def conflict(conflict: Conflict) -> dict[str, Any]:
    return {
        "code": conflict.code,
        "conflict": conflict.conflict._asdict(),
        "choice": conflict.choice._asdict(),
        "duties": conflict.duties,
    }


def bound_words(law: Law, code: str) -> Words:
    """Whom a duty binds; the code itself where no edition names it."""
    known = law.codes(WHO).get(code)
    return known[0].words if known else Words(code, code)


def meaning_of(decision: Callable[..., Any]) -> str:
    """The first line of its description; may be empty."""
    return (getdoc(decision) or "").split("\n", 1)[0]


def _edition(edition: Edition) -> dict[str, Any]:
    return {
        "edition": edition.title.code,
        "title": {"zh": edition.title.zh, "en": edition.title.en},
        "kind": edition.kind.value,
        "issued": edition.issued,
        "effective": edition.effective,
        "expiry": edition.expiry,
        "excerpt": edition.is_excerpt,
    }


def _place(article: Article) -> dict[str, Any]:
    return {"article": str(article), "citation": {"zh": article.zh, "en": article.en}}


def _entry(edition: Edition, article: Article) -> dict[str, Any]:
    duties = [duty.code for duty in edition.duties if duty.article.number == article.number]
    return {
        **_place(article),
        "heading": edition.by_number[article.number].heading._asdict(),
        "duties": duties,
    }


def _duty(law: Law, duty: Duty) -> dict[str, Any]:
    return {
        "code": duty.code,
        **_place(duty.article),
        "bound": [{"code": code, "text": bound_words(law, code)._asdict()} for code in duty.bound],
        "act": duty.act.value,
        "text": duty.text._asdict(),
        "part": duty.part,
        "beside": beside(law, duty),
        "decisions": [
            {"name": one.__name__, "module": one.__module__, "meaning": meaning_of(one)}
            for one in decisions().get(duty.code, ())
        ],
    }


def number(law: Law, parameter: Parameter) -> dict[str, Any]:
    """``decides``: the strictest of its key, with all who set it."""
    limit = law.limit(parameter.key)
    return {
        "key": parameter.key,
        "value": parameter.value,
        "unit": parameter.unit.value,
        "bound": parameter.bound.value,
        **_place(parameter.article),
        "duty": parameter.code,
        "design": parameter.design,
        "text": parameter.note._asdict(),
        "decides": {"value": limit.value, "articles": [str(article) for article in limit.articles]},
    }


def _code(code: Code) -> dict[str, Any]:
    return {
        "of": code.of,
        "code": code.code,
        "number": code.number,
        **_place(code.article),
        "text": code.words._asdict(),
    }


def _penalty(penalty: Penalty) -> dict[str, Any]:
    return {
        **_place(penalty.article),
        "conduct": penalty.conduct._asdict(),
        "measure": penalty.measure._asdict(),
        "duties": penalty.duties,
    }
