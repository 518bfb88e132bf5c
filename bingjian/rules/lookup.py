"""What a person means by "28¶2", "N17", "第二十八条", "R28.1", "C2", "retention.default"; all about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bingjian.rules.edition import Article, Code, Conflict, Duty, Edition, Parameter, Penalty, Provision
from bingjian.rules.law import Law
from bingjian.rules.reading import WHO

FOLDED = str.maketrans("（）〔〕", "()()", " 《》\u3000\t")
ITEM_ALONE = re.compile(r"¶\d+(?=\()")


@dataclass(frozen=True, slots=True)
class Page:
    """One article, and as much of what hangs on it as was asked for."""

    edition: Edition
    provision: Provision
    duties: tuple[Duty, ...]
    parameters: tuple[Parameter, ...]
    codes: tuple[Code, ...]
    penalties: tuple[Penalty, ...]  # those at this place, and those for a breach of its duties
    conflicts: tuple[Conflict, ...]


def conflict_of(law: Law, wish: str) -> Conflict | None:
    """ "C2"."""
    return next((each for each in law.conflicts if _folded(each.code) == _folded(wish)), None)


def pages_of(law: Law, wish: str) -> tuple[Page, ...]:
    """What is meant, the most general reading first; empty: nothing of that name.

    Args:
        wish: an article or a place in one, as it is written for programs, in English or in Chinese ("28¶2"
            also as "28.2"); the code of a duty; the key of a number; the name of an enumeration.
    """
    name = _folded(wish)
    for reading in (_whole_article, _of_duty, _of_parameter, _of_enumeration, _part_of_article):
        if pages := reading(law, name):
            return pages
    return ()


def page_of(law: Law, edition: Edition, provision: Provision) -> Page:
    """All of an article."""
    return _page(law, edition, provision, provision.article)


# --- readings of a name


def _whole_article(law: Law, name: str) -> tuple[Page, ...]:
    return tuple(
        page_of(law, edition, provision)
        for edition in law.editions
        for provision in edition.provisions
        if name in _names(provision.article)
    )


def _part_of_article(law: Law, name: str) -> tuple[Page, ...]:
    """Only places at which something stands: which paragraphs an article has, we don't know."""
    for edition in law.editions:
        for place in _places(edition):
            if name in _names(place):
                return (_page(law, edition, law.provision(place), place),)
    return ()


def _of_duty(law: Law, name: str) -> tuple[Page, ...]:
    return tuple(page_of_duty(law, duty) for duty in law.duties.values() if _folded(duty.code) == name)


def page_of_duty(law: Law, duty: Duty) -> Page:
    """Its article, with this duty alone."""
    place = duty.article
    page = _page(law, law.edition_of(place), law.provision(place), place)
    return replace(
        page,
        duties=(duty,),
        parameters=tuple(one for one in page.parameters if one.code == duty.code),
        codes=tuple(one for one in page.codes if one.article == place),
        penalties=penalties_of(law, [duty]),
        conflicts=_conflicts_of(law, [duty]),
    )


def _of_parameter(law: Law, name: str) -> tuple[Page, ...]:
    found = (one for edition in law.editions for one in edition.parameters if _folded(one.key) == name)
    return tuple(replace(page_of_duty(law, law.duty(one.code)), parameters=(one,), codes=()) for one in found)


def _of_enumeration(law: Law, name: str) -> tuple[Page, ...]:
    """An article each that has values of it; none of its duties."""
    found = dict[Provision, list[Code]]()
    for one in (one for edition in law.editions for one in edition.codes if _folded(one.of) == name):
        found.setdefault(law.provision(one.article), []).append(one)
    return tuple(
        Page(law.edition_of(one.article), one, (), (), tuple(codes), (), ()) for one, codes in found.items()
    )


# --- what hangs on a place


def _page(law: Law, edition: Edition, provision: Provision, place: Article) -> Page:
    duties = tuple(one for one in edition.duties if _is_at(one.article, place))
    at_place = (one for one in edition.penalties if _is_at(one.article, place))
    return Page(
        edition,
        provision,
        duties,
        parameters=tuple(one for one in edition.parameters if _is_at(one.article, place)),
        codes=tuple(one for one in edition.codes if one.of != WHO and _is_at(one.article, place)),
        penalties=tuple(dict.fromkeys((*at_place, *penalties_of(law, duties)))),
        conflicts=_conflicts_of(law, duties),
    )


def _is_at(article: Article, place: Article) -> bool:
    """Whether it stands there; what speaks of a whole article speaks of each of its paragraphs."""

    def meet(one: int, other: int) -> bool:
        return not one or not other or one == other

    return (
        (article.edition, article.number) == (place.edition, place.number)
        and meet(article.paragraph, place.paragraph)
        and meet(article.item, place.item)
    )


def penalties_of(law: Law, duties: Iterable[Duty]) -> tuple[Penalty, ...]:
    """For a breach of one of these duties, or of one that commands the same."""
    meant = {code for duty in duties for code in (duty.code, *beside(law, duty))}
    every = (penalty for edition in law.editions for penalty in edition.penalties)
    return tuple(penalty for penalty in every if meant & set(penalty.duties))


def beside(law: Law, duty: Duty) -> tuple[str, ...]:
    """Codes of the duties that command the same, whichever of the two says so."""
    says = (code for code in duty.beside if law.binds(code))
    said = (other.code for other in law.duties.values() if duty.code in other.beside)
    return tuple(sorted({*says, *said}))


def _conflicts_of(law: Law, duties: Iterable[Duty]) -> tuple[Conflict, ...]:
    codes = {duty.code for duty in duties}
    return tuple(conflict for conflict in law.conflicts if codes & set(conflict.duties))


# --- names


def _places(edition: Edition) -> tuple[Article, ...]:
    duties, parameters = (one.article for one in edition.duties), (one.article for one in edition.parameters)
    codes, penalties = (one.article for one in edition.codes), (one.article for one in edition.penalties)
    return tuple(dict.fromkeys((*duties, *parameters, *codes, *penalties)))


def _names(place: Article) -> set[str]:
    """How people write a place: "22¶1(1)", "22.1(1)", "22(1)", "art. 22¶1(1)", 第二十二条第一款第(一)项."""
    written = str(place)
    several = written, written.replace("¶", "."), ITEM_ALONE.sub("", written), place.en, place.zh
    return {_folded(name) for name in several}


def _folded(name: str) -> str:
    """Without what people write in different ways: blanks, capitals, Chinese brackets."""
    return name.translate(FOLDED).casefold()
