"""Small editions that no city has issued, for tests: text as in a file, and what it reads as."""

from bingjian.rules.edition import Edition
from bingjian.rules.reading import read_edition

FILE = "elsewhere.toml"
HEAD = """\
id = "elsewhere"
title.zh = "别市办法"
title.en = "Elsewhere measures"
rank = 4
mark = "E"
kind = "local_measure"
issued = 2026-01-01
articles = 2
"""
ARTICLES = "".join(
    f"""
[[article]]
number = {number}
heading.zh = "条"
heading.en = "article"
reference = "条"
text.zh = "条"
text.en = "article"
"""
    for number in (1, 2)
)
DUTY = """
[[duty]]
code = "E1"
article = "1"
bound = ["operator"]
act = "enforce"
text.zh = "义务"
text.en = "duty"
part = "rules"
"""


def parameter(key: str, value: int | str, unit: str, bound: str) -> str:
    return f"""
[[parameter]]
key = "{key}"
value = {value}
unit = "{unit}"
bound = "{bound}"
article = "1"
duty = "E1"
text.zh = "数"
text.en = "number"
"""


def code(of: str, name: str, zh: str = "名", en: str = "name", article: int = 2) -> str:
    return f"""
[[code]]
of = "{of}"
code = "{name}"
article = "{article}"
text.zh = "{zh}"
text.en = "{en}"
"""


def edition_text(*tables: str, head: str = HEAD) -> str:
    return "".join((head, ARTICLES, DUTY, *tables))


def edition(*tables: str, head: str = HEAD) -> Edition:
    return read_edition(FILE, edition_text(*tables, head=head))
