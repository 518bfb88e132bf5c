"""Fields that hold a code of a list of the law: the form shows the list, the rules judge the code.

A code that is none is not turned away here: the decision refuses it with its article.
"""

from typing import Any

from pydantic import StringConstraints, WithJsonSchema

from bingjian.rules.library import law

SHORT = StringConstraints(strip_whitespace=True, max_length=60)


def one_of(*lists: str) -> Any:
    """For an annotation: ``Annotated[str, SHORT, one_of("relocation_reason")]``."""
    names = {code: texts[0].words for of in lists for code, texts in law().codes(of).items()}
    told = {code: {"zh": words.zh, "en": words.en} for code, words in names.items()}
    return WithJsonSchema({"type": "string", "enum": list(told), "names": told})
