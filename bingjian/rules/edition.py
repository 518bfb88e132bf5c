"""The bodies of law that are cited, by code. An article without another edition is the city measures'."""

from typing import NamedTuple

HARBIN = "harbin_draft_2023"
DECREE_799 = "decree_799"
COUNTER_TERRORISM = "counter_terrorism_law_2018"


class Edition(NamedTuple):
    zh: str
    en: str
    mark: str  # stands before the number of an article: "N17" is article 17 of Decree 799


EDITIONS = {
    HARBIN: Edition("哈尔滨市公共视频图像信息系统管理办法（试行）", "Harbin measures", ""),
    DECREE_799: Edition("公共安全视频图像信息系统管理条例", "Decree 799", "N"),
    COUNTER_TERRORISM: Edition("反恐怖主义法", "Counter-terrorism Law", "CTL "),
}
