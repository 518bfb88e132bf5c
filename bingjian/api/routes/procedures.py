"""What kinds of procedures there are: their states, steps and forms, for pages that are made from them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from bingjian.api.permissions import LawReader
from bingjian.api.platform import ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas_procedures import KindOut, KindsOut, MoveOut
from bingjian.api.schemas_regulation import WordsOut
from bingjian.procedures.catalogue import KINDS
from bingjian.procedures.kinds import Kind, Move
from bingjian.rules.edition import Words
from bingjian.rules.library import law

router = api_router("/api/v1/procedures", "procedures")


@router.get("")
async def list_procedures(actor: LawReader, platform: ThePlatform) -> KindsOut:
    """Every kind of procedure, as data."""
    return KindsOut(items=list(described()))


@cache
def described() -> tuple[KindOut, ...]:
    return tuple(map(kind_out, KINDS))


def kind_out(kind: Kind) -> KindOut:
    return KindOut(
        name=kind.name,
        path=kind.path,
        words=words_out(kind.words),
        article=kind.ground or str(law().duty(kind.order).article),
        states={state: words_out(words) for state, words in kind.states.items()},
        subject=kind.subject,
        openers=sorted(kind.openers),
        readers=sorted(kind.readers),
        opening=form_of(kind.opening),
        data=form_of(kind.data),
        moves=[move_out(move) for move in kind.moves],
    )


def move_out(move: Move) -> MoveOut:
    return MoveOut(
        name=move.name,
        words=words_out(move.words),
        source=list(move.source),
        target=move.target,
        roles=sorted(move.roles),
        form=form_of(move.body),
    )


def words_out(words: Words) -> WordsOut:
    return WordsOut(zh=words.zh, en=words.en)


def form_of(model: type[BaseModel]) -> dict[str, Any]:
    """Its JSON Schema; a field of a code of the law carries the list, as every field with a choice does."""
    schema: dict[str, Any] = with_options(model.model_json_schema())
    return schema


def with_options(schema: Any) -> Any:
    if isinstance(schema, list):
        return [with_options(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: with_options(one) for name, one in schema.items()}
    of = found.get("codes")
    if isinstance(of, str):  # a property that is called so is a dict
        found["options"] = options_of(of.split(","))
    return found


def options_of(lists: Sequence[str]) -> dict[str, dict[str, str]]:
    """The codes of these lists of the law, with their words."""
    return {
        code: words_out(texts[0].words).model_dump()
        for name in lists
        for code, texts in law().codes(name.strip()).items()
    }
