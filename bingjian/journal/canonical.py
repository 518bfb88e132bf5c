"""JSON that has one form only (RFC 8785), so that a hash over it means the same everywhere."""

import json

EXACT = 1 << 53  # larger whole numbers are not the same in every program (RFC 8785 §3.2.2.3)

_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(value: object) -> bytes:
    """A value of texts, whole numbers, truth values, nothing, lists and objects with ASCII names.

    Raises:
        ValueError: anything else in it, such as a fraction, whose text programs do not agree about.
    """
    check(value)
    return written(value)


def written(value: object) -> bytes:
    """The same of a value that was checked before.

    Half characters (lone surrogates), which have no UTF-8, become question marks.
    """
    return _JSON.encode(value).encode("utf-8", "replace")


def check(value: object) -> None:
    """Raises ValueError as ``canonical``."""
    match value:
        case None | bool() | str():
            return
        case int() if -EXACT < value < EXACT:
            return
        case list() | tuple():
            for one in value:
                check(one)
        case dict():
            for name, one in value.items():
                if not isinstance(name, str) or not name.isascii():  # sorted by code point or by UTF-16 alike
                    raise ValueError(f"{name!r} cannot be a name in a record")
                check(one)
        case _:
            raise ValueError(f"{type(value).__name__} {value!r} cannot stand in a record")
