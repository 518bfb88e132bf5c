"""Articles as people and programs write them; refusals told together."""

import pytest

from bingjian.rules.decision import Refusal, together
from bingjian.rules.edition import Article, Words, numeral
from bingjian.rules.library import HARBIN, packaged

CITY = packaged(HARBIN).title
DECREE = packaged("decree_799").title
COUNTER_TERRORISM = packaged("counter_terrorism_law_2018").title


@pytest.mark.parametrize(
    ("article", "code", "zh", "en"),
    [
        (Article(CITY, 28, 2), "28¶2", "第二十八条第二款", "art. 28¶2"),
        (Article(CITY, 25, item=5), "25(5)", "第二十五条第(五)项", "art. 25(5)"),
        (Article(CITY, 22, 1, 1), "22¶1(1)", "第二十二条第一款第(一)项", "art. 22¶1(1)"),
        (Article(CITY, 9), "9", "第九条", "art. 9"),
        (
            Article(DECREE, 17),
            "N17",
            "《公共安全视频图像信息系统管理条例》第十七条",
            "Decree 799 art. 17",
        ),
        (
            Article(COUNTER_TERRORISM, 32),
            "CTL 32",
            "《反恐怖主义法》第三十二条",
            "Counter-terrorism Law art. 32",
        ),
    ],
)
def test_an_article_in_every_form(article: Article, code: str, zh: str, en: str) -> None:
    assert (str(article), article.zh, article.en) == (code, zh, en)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        *((1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (36, "三十六"), (99, "九十九"), (100, "一百")),
        *((101, "一百零一"), (110, "一百一十"), (202, "二百零二"), (1000, "一千"), (1005, "一千零五")),
        *((1010, "一千零一十"), (1259, "一千二百五十九"), (9999, "九千九百九十九")),
    ],
)
def test_numerals(number: int, written: str) -> None:
    assert numeral(number) == written


def refusal(article: Article, *also: Refusal) -> Refusal:
    return Refusal(article, f"R{article.number}", Words("理由", "why"), Words("办法", "what"), also)


def test_the_lowest_article_stands_in_front() -> None:
    high, low, middle = (refusal(Article(CITY, *place)) for place in ((31, 0, 7), (27, 2), (28, 2)))
    answer = together([high, low, middle])
    assert answer.article == low.article
    assert answer.also == (middle, high)


def test_what_was_told_together_before_is_told_again_once() -> None:
    inner = together([refusal(Article(CITY, 28, 2)), refusal(Article(CITY, 31, item=7))])
    answer = together([inner, refusal(Article(CITY, 27, 2))])
    assert [each.article.number for each in (answer, *answer.also)] == [27, 28, 31]
    assert all(each.also == () for each in answer.also)


def test_one_refusal_stays_itself() -> None:
    alone = refusal(Article(CITY, 9))
    assert together([alone]) == alone


def test_of_two_editions_the_one_with_the_lower_rank_stands_in_front() -> None:
    places = (Article(COUNTER_TERRORISM, 32), Article(DECREE, 17), Article(CITY, 28, 2), Article(CITY, 27))
    answer = together([refusal(place) for place in places])
    assert [str(each.article) for each in (answer, *answer.also)] == ["27", "28¶2", "N17", "CTL 32"]
