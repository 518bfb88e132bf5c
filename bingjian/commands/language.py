"""Chinese or English on the command line. Both stand side by side where used, so neither is forgotten."""

import os
from collections.abc import Mapping
from typing import Literal

Language = Literal["zh", "en"]
VARIABLES = (
    "BINGJIAN_LANGUAGE",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
)  # the first that is set decides


def language_of(environment: Mapping[str, str]) -> Language:
    """Chinese where a variable says so, otherwise English."""
    wish = next((value for name in VARIABLES if (value := environment.get(name))), "")
    return "zh" if wish.lower().startswith("zh") else "en"


def either(en: str, zh: str) -> str:
    """The text in the language of whoever sits at the terminal."""
    return zh if language_of(os.environ) == "zh" else en
