"""The description that pages are made from: labels in both languages, and the choices of codes."""

from collections.abc import Iterator
from typing import Any

from bingjian.access.decisions import Role
from bingjian.api.openapi import document
from bingjian.rules.library import law
from bingjian.rules.lookup import pages_of
from tests.unit.api.conftest import Enter


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a form, of what is nested in it too."""
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {}).items()


async def test_every_field_of_every_form_has_its_label_in_both_languages(enter: Enter) -> None:
    kinds = (await (await enter(Role.AUDITOR)).get("/api/v1/procedures")).json()["items"]
    for kind in kinds:
        for form in (kind["opening"], kind["data"], *(move["form"] for move in kind["moves"])):
            bare = [name for name, field in properties(form) if not (field.get("zh") and field.get("en"))]
            assert bare == [], kind["name"]


async def test_a_field_of_codes_carries_the_list_of_the_law(enter: Enter) -> None:
    kinds = (await (await enter(Role.AUDITOR)).get("/api/v1/procedures")).json()["items"]
    (plan,) = [kind for kind in kinds if kind["name"] == "plan"]
    division = plan["opening"]["properties"]["division"]
    assert set(division["options"]) == set(law().codes("division"))
    assert division["options"]["230102"] == {"zh": "道里区", "en": "Daoli District"}
    (opinion,) = [move for move in plan["moves"] if move["name"] == "give_opinion"]
    assert set(opinion["form"]["properties"]["department"]["options"]) == set(law().codes("department"))
    both = set(law().codes("body")) | set(law().codes("department"))
    assert set(plan["data"]["properties"]["submitted_by"]["options"]) == both


async def test_every_value_that_there_is_to_choose_has_its_words(enter: Enter) -> None:
    kinds = (await (await enter(Role.AUDITOR)).get("/api/v1/procedures")).json()["items"]
    for kind in kinds:
        for form in (kind["opening"], kind["data"], *(move["form"] for move in kind["moves"])):
            for name, field in properties(form):
                assert set(field.get("enum", ())) <= set(field.get("options", ())), (kind["name"], name)


def identities(node: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every id in a form, however deep, with the name of its field."""
    if isinstance(node, dict) and node.get("format") == "uuid":
        yield name, node
    elif isinstance(node, dict):
        for field, of in node.get("properties", {}).items():
            yield from identities(of, field)
        for key, inner in node.items():
            yield from identities(inner if key != "properties" else None, name)
    elif isinstance(node, list):
        for inner in node:
            yield from identities(inner, name)


async def test_every_id_says_what_it_refers_to(enter: Enter) -> None:
    """So that forms offer what there is, and ids of nothing are refused; of a subject the kind says it."""
    kinds = (await (await enter(Role.AUDITOR)).get("/api/v1/procedures")).json()["items"]
    for kind in kinds:
        for form in (kind["opening"], kind["data"], *(move["form"] for move in kind["moves"])):
            found = {name for name, node in identities(form) if "ref" not in node}
            assert found <= {"subject"}, (kind["name"], found)


def test_each_thing_on_the_wire_has_a_name_of_its_own() -> None:
    """Two of one name would get long ones, and the web's types, which are made from them, would change.

    The data of kinds are not among those: pages read their forms.
    """
    schemas = document()["components"]["schemas"]
    assert [name for name in schemas if name.startswith("bingjian__api__")] == []


async def test_every_kind_names_an_article_that_there_is(enter: Enter) -> None:
    kinds = (await (await enter(Role.AUDITOR)).get("/api/v1/procedures")).json()["items"]
    assert [kind["name"] for kind in kinds if not pages_of(law(), kind["article"])] == []
    assert {kind["article"] for kind in kinds if kind["name"] in ("alert", "incident")} == {"31"}
