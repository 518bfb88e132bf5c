"""``bingjian rules``: the law that binds, as a person reads it, and what in this program stands for it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bingjian.commands import rules_plain as plain
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, show
from bingjian.commands.prose import wrapped
from bingjian.rules.edition import (
    Act,
    Article,
    Bound,
    Code,
    Conflict,
    Duty,
    Edition,
    Parameter,
    Title,
    Unit,
    Words,
)
from bingjian.rules.law import Law
from bingjian.rules.library import law
from bingjian.rules.lookup import Page, beside, conflict_of, pages_of
from bingjian.rules.registry import decisions

ACTS = {
    Act.ENFORCE: Words("不符合的不予办理", "refuses what does not meet it"),
    Act.IMPOSSIBLE: Words("任何权限都无法绕过", "leaves no way round it, whatever the role"),
    Act.DETECT: Words("自行发现违反", "finds a breach by itself"),
    Act.RECORD: Words("予以记录", "records it"),
    Act.REMIND: Words("提醒期限", "reminds of the term"),
    Act.REPORT: Words("列入报告", "reports it"),
}
PARTS = {
    "inventory": Words("设备台账", "inventory"),
    "procedures": Words("建设与备案程序", "procedures"),
    "duties": Words("任务与期限", "tasks and deadlines"),
    "access": Words("查阅与权限", "access"),
    "documents": Words("文书档案", "documents"),
    "retention": Words("保存与删除", "retention"),
    "recording": Words("录像", "recording"),
    "streaming": Words("实时画面", "live pictures"),
    "imaging": Words("图像处理", "imaging"),
    "diagnosis": Words("画面诊断", "picture diagnosis"),
    "maintenance": Words("运行维护", "maintenance"),
    "evidence": Words("证据", "evidence"),
    "exchange": Words("联网共享", "exchange with other platforms"),
    "signalling": Words("信令", "signalling"),
    "journal": Words("日志簿", "journal"),
    "rules": Words("法规数据", "rules"),
}
UNITS = {  # Chinese; English for one, for several
    Unit.DAYS: ("日", "day", "days"),
    Unit.WORKING_DAYS: ("个工作日", "working day", "working days"),
    Unit.MONTHS: ("个月", "month", "months"),
    Unit.YEARS: ("年", "year", "years"),
    Unit.HOURS: ("小时", "hour", "hours"),
    Unit.MINUTES: ("分钟", "minute", "minutes"),
    Unit.SECONDS: ("秒", "second", "seconds"),
    Unit.PERSONS: ("人", "person", "persons"),
    Unit.PERCENT: ("%", "%", "%"),
    Unit.ITEMS: ("项", "", ""),  # what is counted, the note says
    Unit.YUAN: ("元", "yuan", "yuan"),
}
BOUNDS = {Bound.LEAST: Words("至少", "at least"), Bound.MOST: Words("至多", "at most")}
NUMBERS = "numbers"  # all of them, asked for by this name
HINT = Words(
    "查看一条：bingjian rules 28、28¶2（也可写 28.2）、N17、R28.1、C2、retention.default；全部数字：numbers",
    "To read one: bingjian rules 28, 28¶2 (or 28.2), N17, R28.1, C2, retention.default; all numbers: numbers",
)


def run(wish: str | None, *, as_json: bool) -> None:
    """Show the contents of all editions, or what is meant. Raises CommandFailed: nothing has that name."""
    binding = law()
    value: dict[str, Any]
    if wish is None:
        value = {"editions": [plain.contents(edition) for edition in binding.editions]}
        show(value, as_json, lambda: say(contents(binding)))
    elif wish == NUMBERS:
        value = {"numbers": [plain.number(binding, one) for one in numbers_of(binding)]}
        show(value, as_json, lambda: say(numbers(binding)))
    elif conflict := conflict_of(binding, wish):
        value = {"conflict": plain.conflict(conflict)}
        show(value, as_json, lambda: say(conflict_alone(binding, conflict)))
    elif pages := pages_of(binding, wish):
        show(
            {"pages": [plain.page(binding, page) for page in pages]},
            as_json,
            lambda: say_pages(binding, pages, wish),
        )
    else:
        sentence = either(f"no rule is called {wish!r}; ", f"没有名为 {wish!r} 的规定；")
        told = either("bingjian rules lists them all", "用 bingjian rules 可以列出全部")
        raise CommandFailed(sentence + told, Exit.USAGE)


def say(lines: Iterable[str]) -> None:
    print("\n".join(lines))


def say_pages(binding: Law, pages: Iterable[Page], wish: str) -> None:
    """Whoever asks for a number sees it first, then the article that it stands in."""
    for one in numbers_of(binding):
        if one.key == wish:
            print(wrapped(parameter_line(binding, one, one.article.edition), "", "  "), end="\n\n")
    print("\n\n\n".join("\n".join(page_lines(binding, page)) for page in pages))


# --- all of it


def contents(binding: Law) -> Iterator[str]:
    """Every edition, every article, the codes of its duties."""
    for edition in binding.editions:
        yield wrapped(title_of(edition))
        for provision in edition.provisions:
            number = provision.article.number
            codes = [duty.code for duty in edition.duties if duty.article.number == number]
            yield wrapped("  ".join([text(provision.heading), *codes]), f"{provision.article!s:>6}  ")
        yield ""
    yield either("Where they disagree, and what was chosen", "相互冲突之处及其取舍")
    for conflict in binding.conflicts:
        yield wrapped(text(conflict.conflict), f"{conflict.code:>6}  ")
    yield ""
    yield wrapped(text(HINT))


def numbers_of(binding: Law) -> Iterator[Parameter]:
    """Every number, edition after edition, in the order of the articles."""
    for edition in binding.editions:
        yield from sorted(edition.parameters, key=lambda one: one.article.order)


def numbers(binding: Law) -> Iterator[str]:
    """One to a line or two, the law's own and ours told apart."""
    for edition in binding.editions:
        yield wrapped(title_of(edition))
        for one in numbers_of(binding):
            if one.article.edition == edition.title:
                yield wrapped(parameter_line(binding, one, edition.title), "  ", "    ")
        yield ""


# --- one article


def page_lines(binding: Law, page: Page) -> Iterator[str]:
    provision, home = page.provision, page.edition.title
    place = place_of(provision.article, home)
    yield wrapped(f"{place[:1].upper()}{place[1:]}  {text(provision.heading)}")
    yield wrapped(title_of(page.edition), "  ")
    words = provision.reference
    yield wrapped(either(f"key words in Chinese: {words}", f"关键词：{words}"), "  ")
    yield ""
    yield wrapped(text(provision.paraphrase), "  ")
    for duty in page.duties:
        yield ""
        yield from duty_lines(binding, page, duty)
    for of in dict.fromkeys(code.of for code in page.codes):
        yield ""
        yield from code_lines(of, [code for code in page.codes if code.of == of], home)
    if page.penalties:
        yield ""
        yield from penalty_lines(page)
    for conflict in page.conflicts:
        yield ""
        yield from conflict_lines(conflict)


def duty_lines(binding: Law, page: Page, duty: Duty) -> Iterator[str]:
    home = page.edition.title

    def about(en: str, zh: str, told: str) -> str:
        return wrapped(told, "    " + either(f"{en}: ", f"{zh}："), " " * 6)

    yield wrapped(text(duty.text), f"  {duty.code}  {place_of(duty.article, home)}  ", " " * 4)
    yield about("binds", "约束", joined(text(plain.bound_words(binding, code)) for code in duty.bound))
    yield about("the platform", "本系统", text(ACTS[duty.act]))
    yield about("applied in", "适用环节", text(PARTS.get(duty.part, Words(duty.part, duty.part))))
    for parameter in page.parameters:
        if parameter.code == duty.code:
            yield about("number", "数字", parameter_line(binding, parameter, home))
    for function in decisions().get(duty.code, ()):
        yield about("decided by", "判定", decision_line(function))
    if duty.code not in decisions():
        yield about("decided by", "判定", either("nothing yet", "尚无"))
    others = beside(binding, duty)
    if others:
        told = (f"{code} {place_of(binding.duty(code).article, home)}" for code in others)
        yield about("also commanded by", "同样要求", joined(told))


def parameter_line(binding: Law, parameter: Parameter, home: Title) -> str:
    """Key, limit, what it is, where it stands; who else sets it, and theirs if it is the stricter."""
    amount = amount_of(parameter.value, parameter.unit, parameter.bound)
    told = [text(parameter.note), place_of(parameter.article, home)]
    if parameter.design:
        told.append(either("our policy, no law fixes it", "本系统的取值，法律没有规定"))
    limit = binding.limit(parameter.key)
    others = [article for article in limit.articles if article != parameter.article]
    if limit.value != parameter.value:
        stricter = amount_of(limit.value, limit.unit, limit.bound)
        told.append(either(f"the stricter decides: {stricter}", f"从严适用{stricter}"))
    if others:
        told.append(either("see also ", "另见") + joined(place_of(article, home) for article in others))
    return either(
        f"{parameter.key}: {amount} ({'; '.join(told)})", f"{parameter.key}：{amount}（{'；'.join(told)}）"
    )


def decision_line(function: Callable[..., Any]) -> str:
    """Name, module, and what it says of itself."""
    return f"{function.__name__} ({function.__module__}): {plain.meaning_of(function)}".removesuffix(": ")


def code_lines(of: str, codes: Iterable[Code], home: Title) -> Iterator[str]:
    yield f"  {of}"
    for code in codes:
        number = f"{code.number}. " if code.number else "· "
        yield wrapped(f"{text(code.words)} ({code.code}, {place_of(code.article, home)})", f"    {number}")


def penalty_lines(page: Page) -> Iterator[str]:
    yield either("  Penalties (to be read, never computed)", "  罚则（仅供查阅，不作计算）")
    for penalty in page.penalties:
        conduct, measure = text(penalty.conduct), text(penalty.measure)
        told = either(f"{conduct}: {measure}.", f"{conduct}：{measure}。")
        yield wrapped(told, f"    {place_of(penalty.article, page.edition.title)}  ", " " * 6)


# --- a conflict


def conflict_lines(conflict: Conflict) -> Iterator[str]:
    yield wrapped(text(conflict.conflict), f"  {conflict.code}  ", " " * 4)
    yield wrapped(text(conflict.choice), "    " + either("chosen: ", "取舍："), " " * 6)


def conflict_alone(binding: Law, conflict: Conflict) -> Iterator[str]:
    """With the duties that carry the choice out."""
    yield from conflict_lines(conflict)
    for code in conflict.duties:
        duty = binding.duty(code)
        yield wrapped(
            text(duty.text), f"    {code}  {text(Words(duty.article.zh, duty.article.en))}  ", " " * 6
        )


# --- words


def text(words: Words) -> str:
    return either(words.en, words.zh)


def joined(items: Iterable[str]) -> str:
    return either(", ", "、").join(items)


def place_of(article: Article, home: Title) -> str:
    """As a page of the edition ``home`` cites it: a title stands only before the articles of others."""
    mark = "" if article.edition == home else article.edition.mark or article.edition.code
    titled = Article(article.edition._replace(mark=mark), article.number, article.paragraph, article.item)
    return either(titled.en, titled.zh)


def title_of(edition: Edition) -> str:
    """Name, and since when it is in force."""
    if edition.effective is None:
        told = Words(
            f"{edition.issued} 草案，尚未公布，按政策执行",
            f"draft of {edition.issued}, not published yet, followed as policy",
        )
    elif edition.expiry is None:
        told = Words(f"自 {edition.effective} 起施行", f"in force from {edition.effective}")
    else:
        told = Words(
            f"自 {edition.effective} 起施行，至 {edition.expiry} 止",
            f"in force from {edition.effective} to {edition.expiry}",
        )
    if edition.is_excerpt:
        told = Words(f"{told.zh}；只收引用到的条文", f"{told.en}; only the articles that others cite")
    return either(f"{edition.title.en} ({told.en})", f"《{edition.title.zh}》（{told.zh}）")


def amount_of(value: int, unit: Unit, bound: Bound) -> str:
    """ "at least 30 days"."""
    zh, one, several = UNITS[unit]
    name = one if value == 1 else several
    amount = either(f"{value}{name}" if name == "%" else f"{value} {name}", f"{value} {zh}")
    return f"{text(BOUNDS[bound])} {amount}".rstrip()
